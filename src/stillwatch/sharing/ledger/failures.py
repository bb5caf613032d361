"""What SQLite's failures mean for a ledger: in plain words, with the place and the cure.

>>> str(failure(sqlite3.OperationalError("database or disk is full"), Path("a.sqlite"), writing=True)).splitlines()[0]
'a.sqlite: nothing was recorded: database or disk is full'
"""

import sqlite3
from pathlib import Path

from stillwatch.errors import NoReadableInput, OutputNotWritten, StillwatchError

SQLITE_FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""What a query can raise: the second where a damaged name stands in SQLite's own message."""

_DAMAGED = "the file is damaged or is no ledger", "run `stillwatch ledger verify` on it, and go back to a copy if it is damaged"
_FORBIDDEN = "the file or its folder may not be written", "give the user who runs this the right to write both"
_MEANINGS = {
    "SQLITE_BUSY": ("another process holds the ledger", "wait until it is done, then try again"),
    "SQLITE_LOCKED": ("another process holds the ledger", "wait until it is done, then try again"),
    "SQLITE_FULL": ("the disk is full", "free some space, then try again"),
    "SQLITE_IOERR": ("the disk does not take or give the data", "look at the disk (space, quota, faults), then try again"),
    "SQLITE_READONLY": _FORBIDDEN,
    "SQLITE_PERM": _FORBIDDEN,
    "SQLITE_CANTOPEN": ("the file cannot be opened", "name a file in a folder that exists and may be written"),
    "SQLITE_NOTADB": _DAMAGED,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_CONSTRAINT": _DAMAGED,
}


def failure(error: Exception, path: Path, *, writing: bool) -> StillwatchError:
    """The error to raise: OutputNotWritten if the ledger is sound and takes no record, else NoReadableInput."""
    name = "SQLITE_CORRUPT" if isinstance(error, UnicodeDecodeError) else getattr(error, "sqlite_errorname", "")
    family = "_".join(name.split("_")[:2])
    what, cure = meaning = _MEANINGS.get(family, (str(error), "look at the disk and at the rights to the file"))
    kind = OutputNotWritten if writing and meaning != _DAMAGED else NoReadableInput
    return kind(f"nothing was recorded: {what}" if writing else what, place=str(path), cure=cure)
