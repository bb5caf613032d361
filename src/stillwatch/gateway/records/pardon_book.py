"""The book of pardons: a local file that a command writes and running gateways look into every second.

>>> book = PardonBook(getfixture("tmp_path") / "pardons.sqlite")
>>> book.add(Pardon(id="pardon--1", account_id="acct-1", by="analyst-1", because="synthetic", at=0, until=100))
>>> sorted(book.latest())
['acct-1']
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from stillwatch.errors import NoReadableInput, OutputNotWritten
from stillwatch.gateway.records.pardon import Pardon

_SCHEMA = "CREATE TABLE IF NOT EXISTS pardons (number INTEGER PRIMARY KEY, pardon TEXT NOT NULL)"


class PardonBook:
    """Pardons in the order in which they were given. Of an account the latest counts, so one that ends at once takes another
    back."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None

    def add(self, pardon: Pardon) -> None:
        """Write one down. Raises OutputNotWritten."""
        try:
            with self._opened() as database, database:
                database.execute(_SCHEMA)
                database.execute("INSERT INTO pardons (pardon) VALUES (?)", (msgspec.json.encode(pardon).decode(),))
        except sqlite3.Error as error:
            what = f"the pardon was not recorded ({error})"
            raise OutputNotWritten(what, place=str(self._path), cure="make the folder writable") from error

    def all(self) -> list[Pardon]:
        """All pardons, the first first. Raises NoReadableInput if the file is damaged."""
        if not self._path.exists():
            return []
        try:
            with self._opened() as database:
                rows = database.execute("SELECT pardon FROM pardons ORDER BY number").fetchall()
            return [msgspec.json.decode(text, type=Pardon) for (text,) in rows]
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            what = f"pardons cannot be read ({error})"
            raise NoReadableInput(what, place=str(self._path), cure="put the file aside and give the pardons again") from error

    def latest(self) -> dict[str, Pardon]:
        """By account the pardon that counts. Raises NoReadableInput."""
        return {pardon.account_id: pardon for pardon in self.all()}

    def changed(self) -> bool:
        """Whether the file is another than when this was last asked."""
        try:
            found = self._path.stat()
        except OSError:
            return False
        seen, self._seen = self._seen, (found.st_mtime_ns, found.st_size)
        return seen != self._seen

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=5)) as database:
            yield database
