"""An entry as a row of the ledger's table, and back: exactly one row for each entry.

>>> entry = Entry(0, "2026-01-01T00:00:00.000000Z", "release", "analyst-1", "bundle--1", {"n": 1})
>>> from_row(to_row(entry)) == entry
True
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from stillwatch.errors import StillwatchError
from stillwatch.sharing.ledger.entry import Entry
from stillwatch.sharing.signatures.canonical import NotCanonical, canonical

Row = tuple[int, str, str, str, str, str]
"""Index, time, kind, actor, subject, details in canonical JSON."""


class NoEntry(StillwatchError):
    """A row does not hold an entry."""


def to_row(entry: Entry) -> Row:
    """The row that is stored for an entry."""
    return entry.index, entry.time, entry.kind, entry.actor, entry.subject, canonical(entry.details).decode()


def from_row(row: Sequence[Any]) -> Entry:
    """The entry in a row. Raises NoEntry for any row that ``to_row`` does not give, whatever is in it."""
    index, time, kind, actor, subject, details = row
    fields = {"index": index, "time": time, "kind": kind, "actor": actor, "subject": subject}
    try:
        entry = msgspec.convert({**fields, "details": msgspec.json.decode(details)}, Entry)
        if to_row(entry) == row:
            return entry
    except (NotCanonical, ValueError, TypeError, RecursionError) as error:
        raise NoEntry(f"entry {index} is damaged: {error}") from error
    raise NoEntry(f"entry {index} is damaged: its details are not in canonical form")
