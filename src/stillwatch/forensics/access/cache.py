"""The cache: every answer of a server is kept, so a run that broke off goes on where it was and costs nothing twice.

Rules: an SQLite file (WAL) for the owner's eyes only, for it holds texts. The key is the digest of what was asked, never the secret
with which it was asked. Failures are not kept.

>>> cache = Cache(Path(":memory:"))
>>> cache.put("k", b"v"); cache.get("k"), cache.get("other")
(b'v', None)
"""

import sqlite3
import threading
from pathlib import Path

from stillwatch.errors import NoReadableInput


class Cache:
    """Answers by key; may be used from several threads."""

    def __init__(self, path: Path) -> None:
        """Open or create. Raises NoReadableInput if the file is no such cache."""
        self._lock = threading.Lock()
        try:
            if str(path) != ":memory:":
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch(mode=0o600)
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS calls (key TEXT PRIMARY KEY, response BLOB NOT NULL) WITHOUT ROWID"
            )
        except (sqlite3.Error, OSError) as error:
            raise NoReadableInput(
                f"no cache of answers: {error}", place=str(path), cure="move the file away and run again"
            ) from error

    def get(self, key: str) -> bytes | None:
        """What was kept under the key, if anything."""
        with self._lock:
            row = self._connection.execute("SELECT response FROM calls WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def put(self, key: str, response: bytes) -> None:
        """Keep a response; the first one under a key stays."""
        with self._lock:
            self._connection.execute("INSERT OR IGNORE INTO calls VALUES (?, ?)", (key, response))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
