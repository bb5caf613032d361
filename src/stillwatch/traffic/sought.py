"""Sought samples: which of very many stored samples are among some given ones, in one pass over them without sorting.

A table of bits turns nearly all others away; what it lets through is looked up.

>>> sought = Sought(np.array([3, 8], np.uint64))
>>> sought.found(np.array([8, 1, 3, 8], np.uint64))
(array([0, 2, 3]), array([1, 0, 1]))
"""

import numba as nb
import numpy as np

from stillwatch.traffic.buffers import Hashes, Offsets

_BITS_EACH = 32
_FEWEST_BITS = 1 << 16


class Sought:
    """``samples``, ascending and each once."""

    def __init__(self, samples: Hashes) -> None:
        self.samples = samples
        bits = max(_FEWEST_BITS, 1 << (_BITS_EACH * max(len(samples), 1) - 1).bit_length())
        self._bits = np.zeros(bits >> 6, np.uint64)
        _mark(self._bits, samples)

    def found(self, among: Hashes) -> tuple[Offsets, Offsets]:
        """The places in ``among`` of samples that are sought, and the place of each in ``samples``."""
        places = _passing(self._bits, among)
        number = np.searchsorted(self.samples, among[places])
        number[number == len(self.samples)] = 0
        same = self.samples[number] == among[places] if len(self.samples) else np.zeros(len(places), bool)
        return places[same], number[same]


@nb.njit(cache=True, nogil=True)
def _mark(table: Hashes, samples: Hashes) -> None:
    mask = np.uint64(len(table) * 64 - 1)
    for place in range(len(samples)):
        slot = samples[place] & mask
        table[slot >> np.uint64(6)] |= np.uint64(1) << (slot & np.uint64(63))


@nb.njit(cache=True, nogil=True)
def _passing(table: Hashes, samples: Hashes) -> Offsets:
    mask = np.uint64(len(table) * 64 - 1)
    out = np.empty(len(samples), np.int64)
    count = np.int64(0)
    for place in range(len(samples)):
        slot = samples[place] & mask
        out[count] = place
        count += np.int64((table[slot >> np.uint64(6)] >> (slot & np.uint64(63))) & np.uint64(1))
    return out[:count].copy()
