"""Scaffold fingerprints, version 1: samples of a text that two parties compute alike and that survive other fillings.

A text in normal form is cut into all runs of GRAM bytes; each run is hashed; of every WINDOW runs in a row the one with
the smallest hash is a *sample* (winnowing: Schleimer, Wilkerson, Aiken, SIGMOD 2003; the rightmost on a tie). So any
passage of ``GRAM + WINDOW - 1`` bytes or more that two texts share gives both a common sample, whatever stands around it. Bytes,
not words: scripts without blanks fare alike. The set of a text's samples is its *sketch*.

The hash is ours and specified (``docs/fingerprints.md``, with test vectors), because engines' own hashes differ: it is
the polynomial ``sum(b[i] * BASE**(GRAM-1-i)) mod 2**64`` followed by the finaliser of MurmurHash3 (Appleby, public
domain). A text shorter than GRAM bytes gives one sample, the hash of all of it; an empty text none.

>>> sketch("Rewrite the text below so that it is harder.") == sketch("REWRITE the text below, so that it is harder!")
True
"""

import numba as nb
import numpy as np
import pyarrow as pa

from stillwatch.traffic.arrow import Bytes, Hashes, Offsets, list_array, string_buffers
from stillwatch.traffic.normal_form import _KIND, compatible, normalise_bytes

VERSION = 1
GRAM = 24
WINDOW = 40
BASE = 0x9E3779B97F4A7C15

_MASK = (1 << 64) - 1
_DROP_OLDEST = np.uint64(pow(BASE, GRAM, 1 << 64))


@nb.njit(cache=True, nogil=True, inline="always")
def finalise(h: int) -> int:
    """MurmurHash3's 64-bit finaliser: every input bit reaches every output bit."""
    h ^= h >> np.uint64(33)
    h *= np.uint64(0xFF51AFD7ED558CCD)
    h ^= h >> np.uint64(33)
    h *= np.uint64(0xC4CEB9FE1A85EC53)
    return h ^ (h >> np.uint64(33))


@nb.njit(cache=True, nogil=True)
def hash_bytes(text: Bytes, size: int) -> int:
    """The specified hash of ``text[:size]`` as a whole."""
    h = np.uint64(0)
    for i in range(size):
        h = h * np.uint64(BASE) + np.uint64(text[i])
    return finalise(h)


@nb.njit(cache=True, nogil=True)
def _winnow(text: Bytes, size: int, hashes: Hashes, out: Hashes, at: int) -> int:
    """Write the samples of ``text[:size]`` to ``out`` from ``at`` on, in order of place; return the end."""
    if size <= GRAM:
        if size:
            out[at] = hash_bytes(text, size)
            at += 1
        return at
    h = np.uint64(0)
    runs = size - GRAM + 1
    for i in range(size):
        h = h * np.uint64(BASE) + np.uint64(text[i])
        if i >= GRAM:
            h -= np.uint64(text[i - GRAM]) * _DROP_OLDEST
        if i >= GRAM - 1:
            hashes[i - GRAM + 1] = finalise(h)
    smallest = -1
    for last in range(min(WINDOW, runs) - 1, runs):
        first = max(0, last - WINDOW + 1)
        if smallest < first:
            smallest = first
            for j in range(first + 1, last + 1):
                if hashes[j] <= hashes[smallest]:
                    smallest = j
        elif hashes[last] <= hashes[smallest]:
            smallest = last
        else:
            continue
        out[at] = hashes[smallest]
        at += 1
    return at


@nb.njit(cache=True, nogil=True)
def _distinct(values: Hashes, start: int, end: int) -> int:
    """Sort ``values[start:end]`` in place and drop repetitions; return the new end."""
    if end - start < 2:
        return end
    values[start:end].sort()
    keep = start + 1
    for i in range(start + 1, end):
        if values[i] != values[i - 1]:
            values[keep] = values[i]
            keep += 1
    return keep


@nb.njit(cache=True, nogil=True)
def _sketches(offsets: Offsets, data: Bytes, kind: Bytes) -> tuple[Offsets, Hashes, Hashes]:
    rows = len(offsets) - 1
    longest = 1
    for row in range(rows):
        longest = max(longest, offsets[row + 1] - offsets[row])
    scratch = np.empty(longest + 1, np.uint8)
    hashes = np.empty(longest + 1, np.uint64)
    out = np.empty((offsets[rows] - offsets[0]) // 4 + rows * 4 + longest, np.uint64)
    whole = np.empty(rows, np.uint64)
    ends = np.zeros(rows + 1, np.int64)
    at = 0
    for row in range(rows):
        if at + longest > len(out):
            grown = np.empty(len(out) * 2, np.uint64)
            grown[:at] = out[:at]
            out = grown
        size = normalise_bytes(data, offsets[row], offsets[row + 1], kind, scratch)
        whole[row] = hash_bytes(scratch, size)
        at = _distinct(out, at, _winnow(scratch, size, hashes, out, at))
        ends[row + 1] = at
    return ends, out[:at], whole


def sketches(texts: pa.Array) -> tuple[pa.Array, Hashes]:
    """Sketch and whole-text hash of each text of an Arrow string array.

    Returns a large list of uint64 (per text its distinct samples, ascending) and a uint64 array (the specified hash of
    the whole normal form; that of the empty text is 0). Pure; a null counts as an empty text.
    """
    ends, values, whole = _sketches(*string_buffers(compatible(texts)), _KIND)
    return list_array(ends, values), whole


def sketch(text: str) -> frozenset[int]:
    """The sketch of one text."""
    return frozenset(sketches(pa.array([text]))[0][0].as_py())
