"""Immutable tables from 64-bit keys to runs of numbers: open addressing in two arrays that can be memory-mapped.

Rules: a key is hashed already (see ``key_of``); it is looked for from its home on (``key * size / 2**64``).
At most FULL of the slots are used. A slot holds the key and one more than the place in ``links`` where the key's numbers begin (0:
empty); the last number of a run has its highest bit set. Look-ups are one compiled loop over all keys of a request.

>>> table = build_table(np.array([7, 9, 7], np.uint64), np.array([1, 2, 3]))
>>> table.find(np.array([7, 8], np.uint64))
[1, 3]
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.traffic.buffers import Hashes

Numbers = npt.NDArray[np.uint32]
_LAST = np.uint32(1 << 31)
FULL = 0.7
"""Share of the slots that are used at most."""
MOST_FOUND = 256
"""Numbers that one look-up returns at most; nothing innocent meets so many."""


@cache
def _begun(kind: str) -> blake2b:
    return blake2b(digest_size=8, person=kind.encode()[:16])


def key_bytes(kind: str, value: str) -> bytes:
    """The key of a value of some kind: 64 bits, little-endian, that nobody can aim at another's by choosing a value."""
    begun = _begun(kind).copy()
    begun.update(value.encode("utf-8", "replace"))
    return begun.digest()


def key_of(kind: str, value: str) -> int:
    """The key of a value as a number."""
    return int.from_bytes(key_bytes(kind, value), "little")


@nb.njit(cache=True, inline="always")
def _home(key: np.uint64, size: int) -> np.int64:
    """Where a key is looked for first: its upper 32 bits, scaled to the table."""
    return np.int64((key >> np.uint64(32)) * np.uint64(size) >> np.uint64(32))


@nb.njit(cache=True)
def find_runs(slots: Hashes, starts: Numbers, links: Numbers, keys: Hashes, out: Numbers) -> int:
    """Write the numbers of all ``keys`` to ``out`` as far as it goes; return how many."""
    count = 0
    for key in keys:
        place = _home(key, len(slots))
        while starts[place] != 0 and slots[place] != key:
            place = place + np.int64(1) if place + 1 < len(slots) else np.int64(0)
        if starts[place] == 0:
            continue
        at = np.int64(starts[place]) - 1
        while count < len(out):
            number = links[at]
            out[count] = number & ~_LAST
            count += 1
            if number & _LAST:
                break
            at += 1
    return count


@nb.njit(cache=True)
def _insert(slots: Hashes, starts: Numbers, keys: Hashes, at: Numbers) -> None:
    for row in range(len(keys)):
        place = _home(keys[row], len(slots))
        while starts[place] != 0:
            place = place + np.int64(1) if place + 1 < len(slots) else np.int64(0)
        slots[place] = keys[row]
        starts[place] = at[row] + np.uint32(1)


@dataclass(frozen=True)
class HashTable:
    """A table; ``slots`` and ``starts`` have one entry a slot, ``links`` holds the runs."""

    slots: Hashes
    starts: Numbers
    links: Numbers

    def find(self, keys: Hashes) -> list[int]:
        """The numbers of all keys, in the order of the keys, at most MOST_FOUND; ``look_up`` asks several tables."""
        out = np.empty(MOST_FOUND, np.uint32)
        found: list[int] = out[: find_runs(self.slots, self.starts, self.links, keys, out)].tolist()
        return found

    def arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """The arrays under names that begin with ``name``."""
        return {f"{name}.slots": self.slots, f"{name}.starts": self.starts, f"{name}.links": self.links}


def table_from(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> HashTable:
    """The table that ``HashTable.arrays`` took apart."""
    return HashTable(arrays[f"{name}.slots"], arrays[f"{name}.starts"], arrays[f"{name}.links"])


def build_table(keys: Hashes, numbers: npt.NDArray[np.integer[Any]]) -> HashTable:
    """A table of parallel ``keys`` and ``numbers`` (0 to 2**31 - 1); a key may stand several times."""
    order = np.argsort(keys, kind="stable")
    keys, links = keys[order], numbers[order].astype(np.uint32)
    first = np.ones(len(keys), bool)
    first[1:] = keys[1:] != keys[:-1]
    links[np.append(first[1:], True)[: len(links)]] |= _LAST
    distinct = keys[first]
    size = int(len(distinct) / FULL) + 8
    slots, starts = np.zeros(size, np.uint64), np.zeros(size, np.uint32)
    _insert(slots, starts, distinct, np.flatnonzero(first).astype(np.uint32))
    return HashTable(slots, starts, links)
