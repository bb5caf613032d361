"""Backups: a hub as it is at one moment, in a folder that is itself a hub; and the way back.

Rules: a backup may be made while the hub runs. The database is copied first and the ledger after it, so that nothing is in the
copy that the copied ledger does not know. The folder appears whole or not at all. A hub that is restored has forgotten what came
after the backup, but not that it came: its changes go on beyond every place that a member may have reached.

>>> backup.__name__, restore.__name__
('backup', 'restore')
"""

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from stillwatch.database.database import Database
from stillwatch.errors import NoReadableInput, OutputNotWritten, UsageError
from stillwatch.hub.hub import HubSettings, open_database
from stillwatch.hub.store import counter
from stillwatch.hub.store.copying import copy
from stillwatch.hub.tokens.service import TokenFiles


def backup(settings: HubSettings, folder: Path) -> int:
    """Copy the hub into a new folder; how many rows. Raises UsageError if it exists, OutputNotWritten, StoreUnavailable."""
    if folder.exists():
        raise UsageError("there is something already", place=str(folder), cure="name a folder that does not exist")
    source = open_database(settings)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as begun:
            made = HubSettings(Path(begun) / folder.name)
            made.state.mkdir(mode=0o700)
            rows = _copied(source, made)
            _copy_files(settings, made)
            os.rename(made.state, folder)  # noqa: PTH104
    except (OSError, sqlite3.Error) as error:
        raise OutputNotWritten(f"the backup could not be written ({error})", place=str(folder), cure="see to its disk") from error
    finally:
        source.close()
    return rows


def restore(folder: Path, settings: HubSettings) -> int:
    """Bring a backup to a place where there is no hub yet; how many rows. Raises NoReadableInput, UsageError."""
    kept = HubSettings(folder)
    if not kept.ledger.is_file():
        raise NoReadableInput("this is no backup", place=str(folder), cure="name the folder that `stillwatch hub backup` made")
    if settings.ledger.exists():
        raise UsageError("there is a hub already", place=str(settings.state), cure="name a folder without one")
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    source = open_database(kept)
    rows = _copied(source, settings)
    _copy_files(kept, settings)
    source.close()
    with closing(Database.open(settings.url)) as restored, restored.writing() as connection:
        counter.leap(connection)
    return rows


def _copied(source: Database, made: HubSettings) -> int:
    target = Database.open(made.url)
    try:
        return copy(source, target)
    finally:
        target.close()


def _copy_files(source: HubSettings, target: HubSettings) -> None:
    with sqlite3.connect(source.ledger) as reading, sqlite3.connect(target.ledger) as writing:
        reading.backup(writing)
    reading.close()
    writing.close()
    if source.key_ring.exists():
        shutil.copy2(source.key_ring, target.key_ring)
    _copy_tokens(TokenFiles(source.state), TokenFiles(target.state))


def _copy_tokens(source: TokenFiles, target: TokenFiles) -> None:
    """The token service: count, seeds, register."""
    if source.usage.exists():
        with closing(sqlite3.connect(source.usage)) as reading, closing(sqlite3.connect(target.usage)) as writing:
            reading.backup(writing)
    if source.register.exists():
        shutil.copytree(source.state / "token-seeds", target.state / "token-seeds")
        shutil.copy2(source.register, target.register)
