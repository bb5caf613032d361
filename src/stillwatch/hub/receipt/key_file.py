"""The key ring in a file that an operator may change while the hub runs: read again when the file has changed.

>>> KeyFile(Path("/nowhere/keyring.json"))().keys
()
"""

import threading
from pathlib import Path

from stillwatch.sharing.signatures.keyring import KeyRing, read_ring


class KeyFile:
    """Gives the ring that is in the file now; an empty one if there is no file.

    Raises NoReadableInput if what is there is no key ring: better no answer than one from old keys.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._ring = KeyRing()

    def __call__(self) -> KeyRing:
        """The ring."""
        with self._lock:
            try:
                state = self._path.stat()
            except FileNotFoundError:
                self._seen, self._ring = None, KeyRing()
                return self._ring
            if self._seen != (state.st_mtime_ns, state.st_size):
                self._ring = read_ring(self._path)
                self._seen = state.st_mtime_ns, state.st_size
            return self._ring
