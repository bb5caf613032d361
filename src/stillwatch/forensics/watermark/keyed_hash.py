"""The keyed random numbers of the watermark: one seed for each context of previous tokens, then one word for each block of tokens.

The seed is SipHash-2-4 (Aumasson & Bernstein 2012), a pseudo-random function with a 128-bit key, of the context as one word of 8
bytes, little-endian. The words of a context are SplitMix64 (Steele, Lea & Flood 2014) of seed and place. Whoever learns the words
of one context learns its seed, but neither the key nor another context: the last step is fast, the first one protects.

>>> k0, k1 = halves(bytes(range(16)))
>>> hex(seed(k0, k1, np.uint64(0x0706050403020100)))
'0x93f5f5799a932462'
"""
# mypy: disallow-untyped-decorators=False

from typing import TypeAlias

import numba as nb
import numpy as np
import numpy.typing as npt

Words: TypeAlias = npt.NDArray[np.uint64]

PORTION = 4096
"""Pairs that kernels take at a time, so that their seeds stay in the fastest cache."""
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0x736F6D6570736575)
_SECOND = np.uint64(0x646F72616E646F6D)
_THIRD = np.uint64(0x6C7967656E657261)
_FOURTH = np.uint64(0x7465646279746573)
_EIGHT_BYTES = np.uint64(8 << 56)
_STEPS_OF_A_WORD = 2
_STEPS_AT_THE_END = 4


@nb.njit(cache=True, nogil=True, inline="always")
def seed(k0: np.uint64, k1: np.uint64, context: np.uint64) -> np.uint64:
    """SipHash-2-4 of the 8 bytes of ``context`` under the key ``k0, k1`` (its little-endian halves)."""
    v0, v1, v2, v3 = k0 ^ _FIRST, k1 ^ _SECOND, k0 ^ _THIRD, k1 ^ _FOURTH
    v3 ^= context
    for _ in range(_STEPS_OF_A_WORD):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0 ^= context
    v3 ^= _EIGHT_BYTES
    for _ in range(_STEPS_OF_A_WORD):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0 ^= _EIGHT_BYTES
    v2 ^= np.uint64(0xFF)
    for _ in range(_STEPS_AT_THE_END):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return v0 ^ v1 ^ v2 ^ v3


@nb.njit(cache=True, nogil=True, inline="always")
def word(start: np.uint64, place: np.uint64) -> np.uint64:
    """The 64 random bits at ``place`` (0, 1, …) of the context whose seed is ``start``."""
    z = start + (place + np.uint64(1)) * _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def halves(key: bytes) -> Words:
    """One or more keys of 16 bytes as the kernels take them, two words a key."""
    return np.frombuffer(key, "<u8").astype(np.uint64)


@nb.njit(cache=True, nogil=True)
def seeds_of_pairs(key: Words, contexts: Words, owners: npt.NDArray[np.int64], of_contexts: Words, out: Words) -> None:
    """Write the seed of ``contexts[owners[i]]`` to ``out[i]``; owners ascend, ``of_contexts`` has room for them."""
    first, last = owners[0], owners[-1]
    for c in range(first, last + 1):
        of_contexts[c - first] = seed(key[0], key[1], contexts[c])
    for i in range(len(owners)):
        out[i] = of_contexts[owners[i] - first]


@nb.njit(cache=True, nogil=True, inline="always")
def _round(v0: np.uint64, v1: np.uint64, v2: np.uint64, v3: np.uint64) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    v0 += v1
    v2 += v3
    v1 = _rotated(v1, 13) ^ v0
    v3 = _rotated(v3, 16) ^ v2
    v0 = _rotated(v0, 32) + v3
    v2 += v1
    v1 = _rotated(v1, 17) ^ v2
    v3 = _rotated(v3, 21) ^ v0
    return v0, v1, _rotated(v2, 32), v3


@nb.njit(cache=True, nogil=True, inline="always")
def _rotated(value: np.uint64, by: int) -> np.uint64:
    return (value << np.uint64(by)) | (value >> np.uint64(64 - by))
