"""The ledger's file: a SQLite database of entries and of the hashes of complete subtrees.

Rules: it is written in WAL mode with ``synchronous=FULL``, so a record that was taken is on the disk; a write takes the file's one
write lock at its beginning, so what it read still holds when it commits; a killed process leaves the state of the last commit. A
file that is not a ledger is never touched. One store may be used by several threads.

>>> store = Store.create(getfixture("tmp_path") / "ledger.sqlite")
>>> with store.reading():
...     store.size()
0
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from stillwatch.errors import NoReadableInput
from stillwatch.sharing.ledger import tree
from stillwatch.sharing.ledger.failures import SQLITE_FAILURES, failure
from stillwatch.sharing.ledger.row import Row
from stillwatch.sharing.ledger.schema import begin, recognise, structure_faults

PATIENCE_SECONDS = 30.0
"""How long to wait for another process's write."""


class Store:
    """An open ledger file. Its queries stand within ``reading()`` or ``writing()``, each of which is one transaction."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self.path = path
        connection.text_factory = lambda content: content.decode("utf-8", "surrogateescape")

    @classmethod
    def create(cls, path: Path, patience_seconds: float = PATIENCE_SECONDS) -> "Store":
        """The ledger in this file, begun if the file does not exist or is empty. Raises OutputNotWritten or NoReadableInput."""
        try:
            connection = sqlite3.connect(path, timeout=patience_seconds, isolation_level=None, check_same_thread=False)
            with _closed_on_error(connection):
                begin(connection, path, patience_seconds)
        except SQLITE_FAILURES as error:
            raise failure(error, path, writing=True) from error
        return cls(connection, path)

    @classmethod
    def open(cls, path: Path, patience_seconds: float = PATIENCE_SECONDS) -> "Store":
        """The ledger in this file, to be read only. Raises NoReadableInput if there is none."""
        if not path.is_file():
            raise NoReadableInput("there is no such ledger", place=str(path), cure="name the file of a ledger")
        try:
            return cls(_connected_for_reading(path, patience_seconds), path)
        except SQLITE_FAILURES as error:
            raise failure(error, path, writing=False) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One write, taken whole when the block ends and dropped whole if it raises. Raises OutputNotWritten."""
        with self._transaction("BEGIN IMMEDIATE", writing=True):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Queries that all see one state. Raises NoReadableInput."""
        with self._transaction("BEGIN", writing=False):
            yield

    @contextmanager
    def _transaction(self, begin: str, *, writing: bool) -> Iterator[None]:
        with self._lock:
            try:
                self._connection.execute(begin)
                try:
                    yield
                    self._connection.execute("COMMIT")
                finally:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
            except SQLITE_FAILURES as error:
                raise failure(error, self.path, writing=writing) from error

    def size(self) -> int:
        """The number of entries."""
        return int(self._connection.execute('SELECT coalesce(max("index"), -1) + 1 FROM entries').fetchone()[0])

    def rows(self, since: int, most: int, kind: str | None = None) -> list[Row]:
        """Up to ``most`` entries from index ``since`` on, in order, of one kind if that is given."""
        of_kind, values = ("AND kind = ?", (since, kind, most)) if kind is not None else ("", (since, most))
        query = f'SELECT "index", time, kind, actor, subject, details FROM entries WHERE "index" >= ? {of_kind} ORDER BY 1 LIMIT ?'
        return self._connection.execute(query, values).fetchall()

    def subtree(self, level: int, position: int) -> bytes:
        """The hash of a complete subtree. Raises NoReadableInput if it is not there."""
        found = self.stored_hash(level, position)
        if not isinstance(found, bytes):
            cure = "run `stillwatch ledger verify` on it, and go back to a copy"
            raise NoReadableInput(f"the hash of subtree {level}/{position} is missing", place=str(self.path), cure=cure)
        return found

    def stored_hash(self, level: int, position: int) -> object:
        """What is stored as the hash of a complete subtree: 32 bytes, nothing, or in a damaged file anything."""
        found = self._connection.execute("SELECT hash FROM hashes WHERE place = ?", (tree.place(level, position),)).fetchone()
        return found[0] if found else None

    def structure_faults(self) -> Iterator[str]:
        """What is wrong with the file apart from its contents."""
        yield from structure_faults(self._connection)

    def all_rows(self) -> Iterator[tuple[object, ...]]:
        """Every row of entries in order, whatever is in it."""
        yield from self._connection.execute('SELECT "index", time, kind, actor, subject, details FROM entries ORDER BY "index"')

    def all_hashes(self) -> Iterator[tuple[object, object]]:
        """Every stored hash in order with its place, whatever is in it."""
        yield from self._connection.execute("SELECT place, hash FROM hashes ORDER BY place")

    def hashes_stored(self) -> int:
        """How many hashes are stored."""
        return int(self._connection.execute("SELECT count(*) FROM hashes").fetchone()[0])

    def insert(self, row: Row, hashes: Iterable[tuple[tuple[int, int], bytes]]) -> None:
        """Add an entry and the hashes of the subtrees that it completes, by level and position."""
        self._connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", row)
        for (level, position), digest in hashes:
            self._connection.execute("INSERT INTO hashes VALUES (?, ?)", (tree.place(level, position), digest))


@contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _connected_for_reading(path: Path, patience_seconds: float) -> sqlite3.Connection:
    """A connection that cannot write; on a medium that cannot be written at all, one that takes the file as it stands."""
    try:
        return _recognised(path, "mode=ro", patience_seconds)
    except sqlite3.OperationalError as error:
        log = path.with_name(f"{path.name}-wal")
        if error.sqlite_errorname not in ("SQLITE_READONLY_DIRECTORY", "SQLITE_CANTOPEN") or (log.exists() and log.stat().st_size):
            raise
        return _recognised(path, "mode=ro&immutable=1", patience_seconds)


def _recognised(path: Path, mode: str, patience_seconds: float) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?{mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=patience_seconds, isolation_level=None, check_same_thread=False)
    with _closed_on_error(connection):
        if not recognise(connection, path):
            raise NoReadableInput("the file is empty", place=str(path), cure="name the file of a ledger")
    return connection
