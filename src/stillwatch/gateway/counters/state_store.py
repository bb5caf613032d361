"""The local store of what a gateway remembers: pages of its tables in SQLite, so that counters survive a restart.

Rules: one process, one file; of several processes on one folder each takes the first file that is free (``counters-0.sqlite``, …).
Pages that changed are written a few hundred at a time, each whole; an account is in one page. A damaged file is put
aside and said so, and counting begins anew.
"""

import fcntl
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import IO

from stillwatch.errors import NoReadableInput, OutputNotWritten
from stillwatch.gateway.counters.account_state import NEVER_SEEN, AccountState
from stillwatch.gateway.counters.account_table import AccountTable
from stillwatch.gateway.counters.bounded_table import BoundedTable
from stillwatch.gateway.snapshot.hash_table import key_of

_MOST_PROCESSES = 64
_PAGES_AT_ONCE = 256
_SCHEMA = """
CREATE TABLE IF NOT EXISTS layouts (name TEXT PRIMARY KEY, layout TEXT NOT NULL); CREATE TABLE IF NOT EXISTS pages (name TEXT NOT
NULL, page INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (name, page)) WITHOUT ROWID;
"""


class StateStore:
    """The store in ``path``; ``damage`` says what was wrong with what was found there, "" if nothing was."""

    def __init__(self, path: Path, lock: IO[str]) -> None:
        self.path = path
        self.damage = ""
        self._lock = lock
        self._database = self._open()

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(_SCHEMA)
        return database

    def restore(self, tables: Mapping[str, BoundedTable]) -> None:
        """Fill ``tables`` with what was remembered; pages of tables of another size or version are left out."""
        known = dict(self._database.execute("SELECT name, layout FROM layouts"))
        for name, table in tables.items():
            if known.get(name) == table.layout:
                for page, body in self._database.execute("SELECT page, body FROM pages WHERE name = ?", (name,)):
                    table.restore(page, body)
            else:
                self.damage = self.damage or (
                    f"{name}: remembered under other settings; counting begins anew" if name in known else ""
                )
                self._database.execute("DELETE FROM pages WHERE name = ?", (name,))
                self._database.execute("INSERT OR REPLACE INTO layouts VALUES (?, ?)", (name, table.layout))

    def save(self, tables: Mapping[str, BoundedTable]) -> int:
        """Write the pages that changed; how many. Raises OutputNotWritten; then they still count as changed."""
        written = 0
        for name, table in tables.items():
            pages = table.changed_pages()
            while chunk := list(islice(pages, _PAGES_AT_ONCE)):
                self._write(name, table, chunk)
                written += len(chunk)
        return written

    def _write(self, name: str, table: BoundedTable, pages: Sequence[tuple[int, bytes]]) -> None:
        """Write some pages in one statement, so that the request path is kept from the interpreter only once."""
        values = [value for page, body in pages for value in (name, page, body)]
        try:
            self._database.execute(f"INSERT OR REPLACE INTO pages VALUES {', '.join(['(?, ?, ?)'] * len(pages))}", values)
        except sqlite3.Error as error:
            for page, _ in pages:
                table.mark(page)
            cure = "free some space, or name another folder"
            raise OutputNotWritten(f"counters could not be saved ({error})", place=str(self.path), cure=cure) from error

    def close(self) -> None:
        """Close the file and let another process have it."""
        self._database.close()
        self._lock.close()


def open_store(folder: Path) -> StateStore:
    """The first store in ``folder`` that no process has open; a damaged one is put aside. Raises OutputNotWritten."""
    try:
        for number in range(_MOST_PROCESSES):
            lock = (folder / f"counters-{number}.lock").open("w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                continue
            return _opened(folder / f"counters-{number}.sqlite", lock)
    except (OSError, sqlite3.Error) as error:
        raise OutputNotWritten(f"counters cannot be kept ({error})", place=str(folder), cure="make the folder writable") from error
    raise OutputNotWritten(f"{_MOST_PROCESSES} processes use it already", place=str(folder), cure="give this one another folder")


def saved_state(path: Path, accounts: int, account: str) -> AccountState:
    """The counters of an account as they were last saved to a store of a gateway that remembers so many accounts; it is not locked.

    Raises NoReadableInput if the store is damaged.
    """
    table = AccountTable(accounts)
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            known = database.execute("SELECT layout FROM layouts WHERE name = 'accounts'").fetchone()
            if known is None or known[0] != table.table.layout:
                return NEVER_SEEN
            for page, body in database.execute("SELECT page, body FROM pages WHERE name = 'accounts'"):
                table.table.restore(page, body)
    except sqlite3.Error as error:
        cure = "start the gateway, which puts a damaged store aside"
        raise NoReadableInput(f"counters cannot be read ({error})", place=str(path), cure=cure) from error
    return table.get(key_of("account", account))


def _opened(path: Path, lock: IO[str]) -> StateStore:
    damage = _damage(path)
    if damage:
        aside = path.with_suffix(".damaged")
        path.replace(aside)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        damage = f"{damage}; it was put aside as {aside.name} and counting begins anew"
    store = StateStore(path, lock)
    store.damage = damage
    return store


def _damage(path: Path) -> str:
    """What is wrong with a store, "" if it is sound or not there."""
    if not path.exists():
        return ""
    try:
        with closing(sqlite3.connect(path)) as database:
            found = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return f"it is damaged: {error}"
    return "" if found == "ok" else f"it is damaged: {found}"
