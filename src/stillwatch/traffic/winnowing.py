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
from stillwatch.traffic.normal_form import is_ascii, normalise_bytes, utf8

GRAM = 24
WINDOW = 40
BASE = 0x9E3779B97F4A7C15
TOPIC_GRAM = 6
TOPIC_SIZE = 64

_POWER_2, _POWER_3, _POWER_4 = (np.uint64(pow(BASE, power, 1 << 64)) for power in (2, 3, 4))
_FEW = 32
_BEGUN = np.arange(256, dtype=np.uint32)
"""The bits of a code point that the first byte of its UTF-8 form holds."""
_BEGUN[0xC0:0xE0] &= 0x1F
_BEGUN[0xE0:0xF0] &= 0x0F
_BEGUN[0xF0:] &= 0x07
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
    """Write the polynomial of every beginning of ``symbols[:size]`` to ``out[:size + 1]``, four symbols a step."""
    h = np.uint64(0)
    out[0] = h
    whole = size - size % 4
    for i in range(0, whole, 4):
        first, second = np.uint64(symbols[i]), np.uint64(symbols[i + 1])
        third, fourth = np.uint64(symbols[i + 2]), np.uint64(symbols[i + 3])
        pair = first * np.uint64(BASE) + second
        out[i + 1] = h * np.uint64(BASE) + first
        out[i + 2] = h * _POWER_2 + pair
        out[i + 3] = h * _POWER_3 + (pair * np.uint64(BASE) + third)
        h = h * _POWER_4 + (pair * _POWER_2 + (third * np.uint64(BASE) + fourth))
        out[i + 4] = h
    for i in range(whole, size):
        h = h * np.uint64(BASE) + np.uint64(symbols[i])
        out[i + 1] = h


@nb.njit(cache=True, nogil=True)
def _symbols(text: Bytes, size: int, out: Symbols) -> int:
    """Write the symbols of the UTF-8 ``text[:size]`` to ``out``; return how many."""
    symbol = np.uint32(0)
    greatest = np.uint32(0)
    last = -1
    for i in range(size):
        byte = np.uint32(text[i])
        begins = (byte & np.uint32(0xC0)) != np.uint32(0x80)
        symbol = _BEGUN[byte] if begins else (symbol << np.uint32(6)) | (byte & np.uint32(0x3F))
        greatest = max(greatest, symbol)
        last += begins
        out[last] = symbol
    return last + 1 if greatest < np.uint32(0x2E80) else _tripled(out, last + 1)


@nb.njit(cache=True, nogil=True)
def _tripled(symbols: Symbols, size: int) -> int:
    """Write ideographs, kana and Hangul syllables of ``symbols[:size]`` as three symbols each, in place; return the size then."""
    end = size
    for i in range(size):
        end += 2 * _is_wide(symbols[i])
    at = end
    for i in range(size - 1, -1, -1):
        symbol = symbols[i]
        if _is_wide(symbol):
            at -= 2
            symbols[at] = symbol | np.uint32(1 << 22)
            symbols[at + 1] = symbol | np.uint32(2 << 22)
        at -= 1
        symbols[at] = symbol
    return end


@nb.njit(cache=True, nogil=True, inline="always")
def _is_wide(symbol: np.uint32) -> bool:
    return bool(
        (symbol >= 0x2E80 and symbol <= 0x9FFF)
        or (symbol >= 0xAC00 and symbol <= 0xD7AF)
        or (symbol >= 0xF900 and symbol <= 0xFAFF)
        or (symbol >= 0x20000 and symbol <= 0x3FFFF)
    )


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
    out[at] = hashes[0]
    at += 1
    for window in range(1, windows):
        out[at] = hashes[window]
        at += hashes[window] != hashes[window - 1]
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
def _project(prefixes: Hashes, size: int, codes: Bytes, counts: npt.NDArray[np.int32], out: Topics) -> None:
    """Write the signed count sketch of the text's TOPIC_GRAM-byte runs to ``out``, saturating.

    The highest six bits of a run's hash are its place, the next one its sign; runs are counted by all seven.
    """
    counts[:] = 0
    runs = size - TOPIC_GRAM + 1
    for i in range(runs):
        h = prefixes[i + TOPIC_GRAM] - prefixes[i] * _DROP_OLDEST_OF_TOPIC
        codes[i] = ((h ^ (h >> np.uint64(32))) * np.uint64(BASE)) >> np.uint64(57)
    for i in range(runs):
        counts[codes[i]] += 1
    for place in range(TOPIC_SIZE):
        out[place] = max(-127, min(127, counts[2 * place + 1] - counts[2 * place]))


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
    codes = np.empty(longest + 1, np.uint8)
    counts = np.empty(2 * TOPIC_SIZE, np.int32)
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
        _project(prefixes, size, codes, counts, topics[row])
        if not is_ascii(scratch, size):
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
    if is_ascii(scratch, size):
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
