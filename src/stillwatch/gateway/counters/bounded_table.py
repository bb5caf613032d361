"""A mutable table of fixed size from 64-bit keys to rows: what a gateway remembers never outgrows it.

Rules: a key has two buckets of WAYS slots each (two choices: Azar, Broder, Karlin, Upfal, SIAM J. Comput. 1999), so that the table
fills to nine tenths before anything is lost. Where both are full the row goes whose use lies longest back, rows that must be kept
(``kept_until`` in the future) last. Pages of PAGE rows that changed are marked, for a store that writes them.

A row is read and written as a tuple: key, last use (seconds since 1970), kept_until (seconds), and what else the format has.
"""

import struct
from collections.abc import Iterator
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.traffic.buffers import Hashes
from stillwatch.traffic.winnowing import BASE

WAYS = 8
PAGE = 64
_HEAD = "<QdI"
_Doubles = npt.NDArray[np.float64]


@nb.njit(cache=True)
def _slot(keys: Hashes, last: _Doubles, kept: npt.NDArray[np.uint32], key: np.uint64, now: float, claim: bool) -> int:
    """The slot of ``key``; if it has none the one to give it, or -1 unless ``claim``. Key 0 marks a free slot."""
    buckets = np.uint64(len(keys) // WAYS)
    first = np.int64(key % buckets) * WAYS
    other = np.int64((key * np.uint64(BASE) >> np.uint64(17)) % buckets) * WAYS
    victim, victim_kept, victim_last = -1, True, np.inf
    free, most_free = -1, 0
    for start in (first, other):
        room, at = 0, -1
        for slot in range(start, start + WAYS):
            if keys[slot] == key:
                return slot
            if keys[slot] == 0:
                room += 1
                at = slot
                continue
            is_kept = kept[slot] > now
            if is_kept < victim_kept or (is_kept == victim_kept and last[slot] < victim_last):
                victim, victim_kept, victim_last = slot, is_kept, last[slot]
        if room > most_free:
            free, most_free = at, room
    if not claim:
        return -1
    return free if free >= 0 else victim


class BoundedTable:
    """Rows of ``layout`` (struct codes after key, last and kept_until) for at most ``capacity`` keys."""

    def __init__(self, layout: str, capacity: int) -> None:
        self._struct = struct.Struct(_HEAD + layout)
        page_rows = -(-max(capacity, PAGE) // PAGE) * PAGE
        self.rows = np.zeros(page_rows, [("key", "<u8"), ("last", "<f8"), ("kept", "<u4"), ("rest", f"V{self._struct.size - 20}")])
        self._bytes = memoryview(self.rows.view(np.uint8).data)
        self._keys, self._last, self._kept = self.rows["key"], self.rows["last"], self.rows["kept"]
        self._changed = np.zeros(page_rows // PAGE, bool)
        self._place = (0, 0)

    def __len__(self) -> int:
        return int(np.count_nonzero(self._keys))

    @property
    def layout(self) -> str:
        """Format and size, by which a store knows that saved pages fit."""
        return f"{self._struct.format}*{len(self.rows)}"

    def get(self, key: int) -> tuple[Any, ...] | None:
        """The row of a key, without the key: (last, kept_until, ...)."""
        slot = _slot(self._keys, self._last, self._kept, np.uint64(key), 0.0, False)
        if slot < 0:
            return None
        self._place = (key, slot)
        return self._struct.unpack_from(self._bytes, slot * self._struct.size)[1:]

    def put(self, key: int, now: float, *row: Any) -> None:
        """Write the row of a key (last, kept_until, ...); another may have to go for it."""
        known, slot = self._place
        if known != key or int(self._keys[slot]) != key:
            slot = _slot(self._keys, self._last, self._kept, np.uint64(key), now, True)
        self._struct.pack_into(self._bytes, slot * self._struct.size, key, *row)
        self._changed[slot // PAGE] = True

    def changed_pages(self) -> Iterator[tuple[int, bytes]]:
        """Pages that changed since they were last asked for, by number."""
        size = PAGE * self._struct.size
        for page in np.flatnonzero(self._changed).tolist():
            self._changed[page] = False
            yield page, bytes(self._bytes[page * size : (page + 1) * size])

    def mark(self, page: int) -> None:
        """Let a page count as changed."""
        self._changed[page] = True

    def restore(self, page: int, body: bytes) -> None:
        """Put back a page. Raises ValueError if it is not one of this table."""
        size = PAGE * self._struct.size
        if len(body) != size or not 0 <= page < len(self._changed):
            raise ValueError(f"page {page} of {len(body)} bytes does not belong here")
        self._bytes[page * size : (page + 1) * size] = body
