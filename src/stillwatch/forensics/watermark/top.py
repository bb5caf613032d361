"""The k largest logits of a row, in one pass that looks closely only where a block holds something larger.

>>> places, values = np.empty(2, np.int64), np.empty(2, np.float32)
>>> largest(np.array([1, 9, 4, 7], np.float32), places, values), places.tolist(), values.tolist()
(2, [1, 3], [9.0, 7.0])
"""
# mypy: disallow-untyped-decorators=False

from typing import TypeAlias

import numba as nb
import numpy as np
import numpy.typing as npt

Places: TypeAlias = npt.NDArray[np.int64]
Values: TypeAlias = npt.NDArray[np.float32]

_BLOCK = 64


@nb.njit(cache=True, nogil=True)
def largest(row: Values, places: Places, values: Values) -> int:
    """Write places and values of the largest, in descending order; return how many there are, len(places) at most.

    Of equal values the earlier place comes first; −inf counts as absent.
    """
    size, least = 0, np.float32(-np.inf)
    whole = len(row) // _BLOCK * _BLOCK
    for start in range(0, whole, _BLOCK):
        if _any_above(row, start, least):
            size = _insert(row, start, start + _BLOCK, places, values, size)
            if size == len(places):
                least = values[size - 1]
    return _insert(row, whole, len(row), places, values, size)


@nb.njit(cache=True, nogil=True, inline="always")
def _any_above(row: Values, start: int, least: np.float32) -> bool:
    above = np.int32(0)
    for i in range(_BLOCK):
        above |= np.int32(row[start + i] > least)
    return bool(above)


@nb.njit(cache=True, nogil=True)
def _insert(row: Values, start: int, end: int, places: Places, values: Values, size: int) -> int:
    room = len(places)
    for i in range(start, end):
        x = row[i]
        if not x > (values[room - 1] if size == room else np.float32(-np.inf)):
            continue
        size = min(size + 1, room)
        j = size - 1
        while j > 0 and values[j - 1] < x:
            values[j], places[j] = values[j - 1], places[j - 1]
            j -= 1
        values[j], places[j] = x, i
    return size
