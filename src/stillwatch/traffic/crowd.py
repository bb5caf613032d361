"""The crowd of samples: a first sieve for those that several accounts use, in bounded memory and without sorting.

Most samples of a window are met once. A table of fixed size remembers per slot the first account that hit it, whether another one
did, and how often. Samples fall into slots by their low bits, and strangers in one slot are taken together: so every sample
that several accounts use in MIN_SHARED_REQUESTS requests or more passes the sieve, and only a few others do.

>>> crowd = Crowd(samples=2)
>>> for account in (1 << 20, 1 << 21) * 3:
...     crowd.count(np.array([account], np.uint64), np.array([0, 1]), np.array([5], np.uint64))
>>> crowd.kept(np.array([0, 2]), np.array([5, 6], np.uint64)).tolist()
[True, False]
"""

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.traffic.buffers import Hashes, Offsets
from stillwatch.traffic.measures import MIN_SHARED_REQUESTS

MOST_SLOTS = 1 << 27
_FEWEST_SLOTS = 1 << 16
_ACCOUNT = np.uint64(0xFFFF_FFFF_FFFF_FF00)
_SEVERAL = np.uint64(0x80)
_OFTEN = np.uint64(0x7F)


class Crowd:
    """A table for some ``samples`` hits: one slot of 8 bytes for each, as a power of two, at most MOST_SLOTS (1 GiB)."""

    def __init__(self, samples: int) -> None:
        slots = 1 << max(samples - 1, 1).bit_length()
        self._table = np.zeros(min(max(slots, _FEWEST_SLOTS), MOST_SLOTS), np.uint64)

    def count(self, accounts: Hashes, offsets: Offsets, samples: Hashes, part: int = 0, parts: int = 1) -> None:
        """Remember the hits of some rows: ``samples[offsets[row]:offsets[row + 1]]`` are those of ``accounts[row]``.

        With ``parts`` (a power of two) only every so-manieth slot is looked after, so that threads can share the table.
        """
        _count(self._table, accounts, offsets, samples, np.uint64(part), np.uint64(parts - 1))

    def kept(self, offsets: Offsets, samples: Hashes) -> npt.NDArray[np.bool_]:
        """Which of ``samples[offsets[0]:offsets[-1]]`` pass the sieve."""
        return np.asarray(_kept(self._table, samples[offsets[0] : offsets[-1]]))


@nb.njit(cache=True, nogil=True)
def _count(table: Hashes, accounts: Hashes, offsets: Offsets, samples: Hashes, part: np.uint64, mask: np.uint64) -> None:
    slots = np.uint64(len(table) - 1)
    for row in range(len(accounts)):
        account = accounts[row] & _ACCOUNT
        for place in range(offsets[row], offsets[row + 1]):
            slot = samples[place] & slots
            if slot & mask != part:
                continue
            known = table[slot]
            if known == 0:
                table[slot] = account | np.uint64(1)
            else:
                several = _SEVERAL if known & _ACCOUNT != account else np.uint64(0)
                table[slot] = (known | several) + np.uint64(known & _OFTEN != _OFTEN)


@nb.njit(cache=True, nogil=True)
def _kept(table: Hashes, samples: Hashes) -> npt.NDArray[np.bool_]:
    slots = np.uint64(len(table) - 1)
    out = np.empty(len(samples), np.bool_)
    for place in range(len(samples)):
        known = table[samples[place] & slots]
        out[place] = (known & _SEVERAL != 0) and (known & _OFTEN >= MIN_SHARED_REQUESTS)
    return out
