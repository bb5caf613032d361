"""A mutable table of fixed size from 64-bit keys to rows: what a gateway remembers never outgrows it.

Rules: a key has two buckets of WAYS slots each (two choices: Azar, Broder, Karlin, Upfal, SIAM J. Comput. 1999), so that the table
fills to nine tenths before anything is lost. Where both are full the row goes whose use lies longest back, rows that must be kept
(``kept_until`` in the future) last. Pages of PAGE rows that changed are marked, for a store that writes them.

A row is read and written as a tuple: last use (seconds since 1970), kept_until (seconds), and what else the format has. Keys
stand by themselves, so that the WAYS keys of a bucket lie together.
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
_HEAD = "<dI"
_Doubles = npt.NDArray[np.float64]


@nb.njit(cache=True, inline="always")
def _buckets(keys: Hashes, key: np.uint64) -> tuple[np.int64, np.int64]:
    """Where the two buckets of a key begin."""
    buckets = np.uint64(len(keys) // WAYS)
    return np.int64(key % buckets) * WAYS, np.int64((key * np.uint64(BASE) >> np.uint64(17)) % buckets) * WAYS


@nb.njit(cache=True)
def _find(keys: Hashes, key: np.uint64) -> int:
    """The slot of ``key``, -1 if it has none."""
    for start in _buckets(keys, key):
        for slot in range(start, start + WAYS):
            if keys[slot] == key:
                return slot
    return -1


@nb.njit(cache=True)
def _claim(keys: Hashes, last: _Doubles, kept: npt.NDArray[np.uint32], key: np.uint64, now: float) -> int:
    """The slot to give a ``key`` that has none. Key 0 marks a free slot."""
    victim, victim_kept, victim_last = -1, True, np.inf
    free, most_free = -1, 0
    for start in _buckets(keys, key):
        room, at = 0, -1
        for slot in range(start, start + WAYS):
            if keys[slot] == 0:
                room += 1
                at = slot
                continue
            is_kept = kept[slot] > now
            if is_kept < victim_kept or (is_kept == victim_kept and last[slot] < victim_last):
                victim, victim_kept, victim_last = slot, is_kept, last[slot]
        if room > most_free:
            free, most_free = at, room
    return free if free >= 0 else victim


class BoundedTable:
    """Rows of ``layout`` (struct codes after last and kept_until) for at most ``capacity`` keys."""

    def __init__(self, layout: str, capacity: int) -> None:
        self._struct = struct.Struct(_HEAD + layout)
        page_rows = -(-max(capacity, PAGE) // PAGE) * PAGE
        self.rows = np.zeros(page_rows, [("last", "<f8"), ("kept", "<u4"), ("rest", f"V{self._struct.size - 12}")])
        self.keys = np.zeros(page_rows, np.uint64)
        self._row_bytes, self._key_items = self.rows.view(np.uint8).data, self.keys.data
        self._last, self._kept = self.rows["last"], self.rows["kept"]
        self._changed = bytearray(page_rows // PAGE)
        self._place = (0, 0)

    def __len__(self) -> int:
        return int(np.count_nonzero(self.keys))

    @property
    def layout(self) -> str:
        """Format and size, by which a store knows that saved pages fit."""
        return f"{self._struct.format}*{len(self.rows)}"

    def get(self, key: int) -> tuple[Any, ...] | None:
        """The row of a key: (last, kept_until, ...)."""
        slot = _find(self.keys, np.uint64(key))
        if slot < 0:
            return None
        self._place = (key, slot)
        return self._struct.unpack_from(self._row_bytes, slot * self._struct.size)

    def put(self, key: int, now: float, *row: Any) -> None:
        """Write the row of a key (last, kept_until, ...); another may have to go for it."""
        known, slot = self._place
        if known != key or self._key_items[slot] != key:
            slot = self._slot(np.uint64(key), now)
        self._key_items[slot] = key
        self._struct.pack_into(self._row_bytes, slot * self._struct.size, *row)
        self._changed[slot // PAGE] = True

    def _slot(self, key: np.uint64, now: float) -> int:
        found = _find(self.keys, key)
        return found if found >= 0 else _claim(self.keys, self._last, self._kept, key, now)

    def changed_pages(self) -> Iterator[tuple[int, bytes]]:
        """Pages that changed since they were last asked for, by number: their keys, then their rows."""
        for page in np.flatnonzero(np.frombuffer(self._changed, np.uint8)).tolist():
            self._changed[page] = False
            rows = slice(page * PAGE, (page + 1) * PAGE)
            yield page, self.keys[rows].tobytes() + self.rows[rows].tobytes()

    def mark(self, page: int) -> None:
        """Let a page count as changed."""
        self._changed[page] = True

    def restore(self, page: int, body: bytes) -> None:
        """Put back a page. Raises ValueError if it is not one of this table."""
        keys_end = PAGE * self.keys.itemsize
        if len(body) != keys_end + PAGE * self.rows.itemsize or not 0 <= page < len(self._changed):
            raise ValueError(f"page {page} of {len(body)} bytes does not belong here")
        rows = slice(page * PAGE, (page + 1) * PAGE)
        self.keys[rows] = np.frombuffer(body, np.uint64, PAGE)
        self.rows[rows] = np.frombuffer(body, self.rows.dtype, PAGE, keys_end)
