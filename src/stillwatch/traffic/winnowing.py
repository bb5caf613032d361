"""The kernels of scaffold fingerprints: from the bytes of texts to their samples, with numpy and numba alone.

``fingerprint`` states the rules; batches come in there as Arrow arrays. A single text comes in here, so that a gateway samples a
prompt with the very same kernel and without the engine's packages.

>>> samples("Rewrite the text.").tolist() == samples("REWRITE, the text!").tolist()
True
"""

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.traffic.buffers import Bytes, Hashes, Offsets, Symbols, Topics
from stillwatch.traffic.normal_form import normalise_bytes, utf8

GRAM = 24
WINDOW = 40
BASE = 0x9E3779B97F4A7C15
TOPIC_GRAM = 6
TOPIC_SIZE = 64

_BASE_SQUARED = np.uint64(pow(BASE, 2, 1 << 64))
_FEW = 32
_DROP_OLDEST = np.uint64(pow(BASE, GRAM, 1 << 64))
_DROP_OLDEST_OF_TOPIC = np.uint64(pow(BASE, TOPIC_GRAM, 1 << 64))


@nb.njit(cache=True, nogil=True, inline="always")
def finalise(h: np.uint64) -> np.uint64:
    """MurmurHash3's 64-bit finaliser: every input bit reaches every output bit."""
    h ^= h >> np.uint64(33)
    h *= np.uint64(0xFF51AFD7ED558CCD)
    h ^= h >> np.uint64(33)
    h *= np.uint64(0xC4CEB9FE1A85EC53)
    return h ^ (h >> np.uint64(33))


@nb.njit(cache=True, nogil=True)
def _prefixes(symbols: Bytes | Symbols, size: int, out: Hashes) -> None:
    """Write the polynomial of every beginning of ``symbols[:size]`` to ``out[:size + 1]``, two symbols a step."""
    h = np.uint64(0)
    out[0] = h
    for i in range(0, size - 1, 2):
        first, second = np.uint64(symbols[i]), np.uint64(symbols[i + 1])
        out[i + 1] = h * np.uint64(BASE) + first
        h = h * _BASE_SQUARED + (first * np.uint64(BASE) + second)
        out[i + 2] = h
    if size % 2:
        out[size] = h * np.uint64(BASE) + np.uint64(symbols[size - 1])


@nb.njit(cache=True, nogil=True)
def _is_ascii(text: Bytes, size: int) -> bool:
    """Whether the bytes of ``text[:size]`` are its symbols."""
    seen = np.uint8(0)
    for i in range(size):
        seen |= text[i]
    return bool(seen < np.uint8(0x80))


@nb.njit(cache=True, nogil=True)
def _symbols(text: Bytes, size: int, out: Symbols) -> int:
    """Write the symbols of the UTF-8 ``text[:size]`` to ``out``; return how many."""
    count = 0
    i = 0
    while i < size:
        first = np.uint32(text[i])
        if first < 0x80:
            length, symbol = 1, first
        elif first < 0xE0:
            length, symbol = 2, first & np.uint32(0x1F)
        elif first < 0xF0:
            length, symbol = 3, first & np.uint32(0x0F)
        else:
            length, symbol = 4, first & np.uint32(0x07)
        for more in range(i + 1, i + length):
            symbol = (symbol << np.uint32(6)) | (np.uint32(text[more]) & np.uint32(0x3F))
        i += length
        out[count] = symbol
        count += 1
        if (
            (symbol >= 0x2E80 and symbol <= 0x9FFF)
            or (symbol >= 0xAC00 and symbol <= 0xD7AF)
            or (symbol >= 0xF900 and symbol <= 0xFAFF)
            or (symbol >= 0x20000 and symbol <= 0x3FFFF)
        ):
            out[count] = symbol | np.uint32(1 << 22)
            out[count + 1] = symbol | np.uint32(2 << 22)
            count += 2
    return count


@nb.njit(cache=True, nogil=True, inline="always")
def _lesser(values: Hashes, reach: int, count: int, out: Hashes) -> None:
    """Write the lesser of each of ``count`` values and the one ``reach`` places on to ``out``, another array: a loop for vector
    instructions."""
    for i in range(count):
        here, there = values[i], values[i + reach]
        out[i] = here if here < there else there


@nb.njit(cache=True, nogil=True)
def _minima(hashes: Hashes, runs: int, spare: Hashes) -> int:
    """Put in the place of ``hashes[:runs]`` the least of each window of WINDOW = 32 + 8 of them; return how many windows there are.

    The least of 2 gives those of 4, 8, 16 and 32 in turn; those of two windows of 32 that lie 8 apart are those of 40. Fewer runs
    than WINDOW are one window.
    """
    if runs <= WINDOW:
        hashes[0] = hashes[:runs].min()
        return 1
    _lesser(hashes, 1, runs - 1, spare)
    _lesser(spare, 2, runs - 3, hashes)
    _lesser(hashes, 4, runs - 7, spare)
    _lesser(spare, 8, runs - 15, hashes)
    _lesser(hashes, 16, runs - 31, spare)
    _lesser(spare, WINDOW - 32, runs - WINDOW + 1, hashes)
    return runs - WINDOW + 1


@nb.njit(cache=True, nogil=True)
def _winnow(prefixes: Hashes, size: int, hashes: Hashes, spare: Hashes, out: Hashes, at: int) -> int:
    """Write the samples of ``size`` symbols to ``out`` from ``at`` on, in order of place; return the end."""
    if size <= GRAM:
        if size:
            out[at] = finalise(prefixes[size])
            at += 1
        return at
    runs = size - GRAM + 1
    for i in range(runs):
        hashes[i] = finalise(prefixes[i + GRAM] - prefixes[i] * _DROP_OLDEST)
    windows = _minima(hashes, runs, spare)
    before = out[at] = hashes[0]
    at += 1
    for window in range(1, windows):
        if hashes[window] != before:
            before = out[at] = hashes[window]
            at += 1
    return at


@nb.njit(cache=True, nogil=True)
def _distinct(values: Hashes, start: int, end: int) -> int:
    """Sort ``values[start:end]`` in place and drop repetitions; return the new end."""
    if end - start < 2:
        return end
    if end - start <= _FEW:
        _insertion_sort(values, start, end)
    else:
        values[start:end].sort()
    keep = start + 1
    for i in range(start + 1, end):
        if values[i] != values[i - 1]:
            values[keep] = values[i]
            keep += 1
    return keep


@nb.njit(cache=True, nogil=True)
def _insertion_sort(values: Hashes, start: int, end: int) -> None:
    for i in range(start + 1, end):
        value, j = values[i], i
        while j > start and values[j - 1] > value:
            values[j] = values[j - 1]
            j -= 1
        values[j] = value


@nb.njit(cache=True, nogil=True)
def _project(prefixes: Hashes, size: int, sums: npt.NDArray[np.int32], out: Topics) -> None:
    """Write the signed count sketch of the text's TOPIC_GRAM-byte runs to ``out``, saturating."""
    sums[:] = 0
    for i in range(size - TOPIC_GRAM + 1):
        h = prefixes[i + TOPIC_GRAM] - prefixes[i] * _DROP_OLDEST_OF_TOPIC
        mixed = (h ^ (h >> np.uint64(32))) * np.uint64(BASE)
        sums[mixed >> np.uint64(58)] += np.int32((mixed >> np.uint64(56)) & np.uint64(2)) - np.int32(1)
    for place in range(TOPIC_SIZE):
        out[place] = max(-127, min(127, sums[place]))


@nb.njit(cache=True, nogil=True)
def sketch_batch(offsets: Offsets, data: Bytes) -> tuple[Offsets, Hashes, Hashes, Topics]:
    """Of each text ``data[offsets[row]:offsets[row + 1]]`` (NFKC, UTF-8): ends of its samples, all samples, whole, topic."""
    rows = len(offsets) - 1
    longest = 1
    for row in range(rows):
        longest = max(longest, offsets[row + 1] - offsets[row])
    scratch = np.empty(longest + 1, np.uint8)
    symbols = np.empty(longest + 1, np.uint32)
    prefixes = np.empty(longest + 2, np.uint64)
    hashes, spare = np.empty(longest + 1, np.uint64), np.empty(longest + 1, np.uint64)
    out = np.empty((offsets[rows] - offsets[0]) // 4 + rows * 4 + longest, np.uint64)
    whole = np.empty(rows, np.uint64)
    topics = np.empty((rows, TOPIC_SIZE), np.int8)
    sums = np.empty(TOPIC_SIZE, np.int32)
    ends = np.zeros(rows + 1, np.int64)
    at = 0
    for row in range(rows):
        if at + longest > len(out):
            grown = np.empty(len(out) * 2, np.uint64)
            grown[:at] = out[:at]
            out = grown
        size = normalise_bytes(data, offsets[row], offsets[row + 1], scratch)
        _prefixes(scratch, size, prefixes)
        whole[row] = finalise(prefixes[size])
        _project(prefixes, size, sums, topics[row])
        if not _is_ascii(scratch, size):
            size = _symbols(scratch, size, symbols)
            _prefixes(symbols, size, prefixes)
        at = _distinct(out, at, _winnow(prefixes, size, hashes, spare, out, at))
        ends[row + 1] = at
    return ends, out[:at], whole, topics


@nb.njit(cache=True, nogil=True)
def _sampled(data: Bytes) -> Hashes:
    """The samples that ``sketch_batch`` takes of a text, and nothing else of it."""
    scratch = np.empty(len(data) + 1, np.uint8)
    prefixes = np.empty(len(data) + 2, np.uint64)
    size = normalise_bytes(data, 0, len(data), scratch)
    if _is_ascii(scratch, size):
        _prefixes(scratch, size, prefixes)
    else:
        symbols = np.empty(len(data) + 1, np.uint32)
        size = _symbols(scratch, size, symbols)
        _prefixes(symbols, size, prefixes)
    hashes, spare, out = np.empty(size + 1, np.uint64), np.empty(size + 1, np.uint64), np.empty(size + 1, np.uint64)
    return out[: _distinct(out, 0, _winnow(prefixes, size, hashes, spare, out, 0))]


def samples(text: str) -> Hashes:
    """The distinct samples of one text, ascending."""
    return np.asarray(_sampled(utf8(text)))
