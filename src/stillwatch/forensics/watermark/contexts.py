"""Contexts: the one or two tokens before a place, as one word, and the tier that marks there.

The word of a context is its last token in the low 32 bits and the one before it, at width 2, in the high 32. A place with fewer
tokens before it has no context and is neither marked nor tested.

>>> [int(c) for c in contexts(np.array([7, 8, 9]), width=1)]
[7, 8]
"""
# mypy: disallow-untyped-decorators=False

from typing import Literal, TypeAlias

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.errors import UsageError
from stillwatch.forensics.watermark.keyed_hash import Words, halves, seed
from stillwatch.forensics.watermark.keys import SHARES, TIERS, TierKey

Tokens: TypeAlias = npt.NDArray[np.int64]
Width: TypeAlias = Literal[1, 2]

_SIXTEENTHS = np.uint64(60)
_FIRST_COHORT = np.uint64(SHARES[0])
_FIRST_ACCOUNT = np.uint64(SHARES[0] + SHARES[1])
_LARGEST_TOKEN = 2**32 - 1


def contexts(tokens: Tokens, *, width: Width) -> Words:
    """The contexts of ``tokens[width:]``, shape (len − width,); empty for a text that is too short.

    Raises UsageError for a token that is no id (below 0 or above 2**32 − 1).
    """
    ids = np.asarray(tokens, np.int64)
    if ids.size and (ids.min() < 0 or ids.max() > _LARGEST_TOKEN):
        raise UsageError("a token id is below 0 or above 2**32 - 1", place="watermark tokens", cure="give the tokeniser's own ids")
    words = ids.astype(np.uint64)
    if len(words) <= width:
        return words[:0]
    return words[:-1] if width == 1 else words[1:-1] | (words[:-2] << np.uint64(32))


@nb.njit(cache=True, nogil=True, inline="always")
def last_context(previous: Tokens, width: int) -> tuple[bool, np.uint64]:
    """Whether the last ``width`` tokens are all there (−1 marks one that is not), and their context."""
    length = len(previous)
    if length < width or previous[length - 1] < 0 or previous[length - width] < 0:
        return False, np.uint64(0)
    context = np.uint64(previous[length - 1])
    if width > 1:
        context |= np.uint64(previous[length - width]) << np.uint64(32)
    return True, context


@nb.njit(cache=True, nogil=True, inline="always")
def tier_of(k0: np.uint64, k1: np.uint64, context: np.uint64) -> int:
    """0, 1 or 2: the place in ``TIERS`` of the tier that marks this context, under the selector ``k0, k1``."""
    sixteenth = seed(k0, k1, context) >> _SIXTEENTHS
    return int(sixteenth >= _FIRST_COHORT) + int(sixteenth >= _FIRST_ACCOUNT)


def marked_by(key: TierKey, words: Words) -> npt.NDArray[np.bool_]:
    """Which of the contexts the key's tier marks, shape as given."""
    k0, k1 = halves(key.selector)
    return _of_tier(k0, k1, words, TIERS.index(key.tier))


@nb.njit(cache=True, nogil=True)
def _of_tier(k0: np.uint64, k1: np.uint64, words: Words, tier: int) -> npt.NDArray[np.bool_]:
    found = np.empty(len(words), np.bool_)
    for i in range(len(words)):
        found[i] = tier_of(k0, k1, words[i]) == tier
    return found
