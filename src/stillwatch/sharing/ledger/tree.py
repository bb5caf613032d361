"""Roots and proofs out of stored hashes of complete subtrees, each in O(log² n) look-ups or fewer. Pure: the store is a function.

A complete subtree is named by its level (0 is a leaf) and its position among those of its level: it covers the leaves from
``position << level`` to ``(position + 1) << level``. Complete subtrees never change while the log grows, so each is stored once,
when its last leaf comes; what is incomplete at the right edge is computed when asked for.

>>> from stillwatch.sharing.ledger.merkle import leaf_hash
>>> hashes = {}
>>> for index, text in enumerate([b"a", b"b", b"c"]):
...     for subtree, digest in completed(index, leaf_hash(text), lambda level, position: hashes[level, position]):
...         hashes[subtree] = digest
>>> sorted(hashes)
[(0, 0), (0, 1), (0, 2), (1, 0)]
"""

import itertools
from collections.abc import Callable, Iterator

from stillwatch.sharing.ledger.merkle import EMPTY_ROOT, node_hash

Look = Callable[[int, int], bytes]
"""The stored hash of the complete subtree at (level, position)."""


def place(level: int, position: int) -> int:
    """Where the hash of a complete subtree stands in the order in which hashes are made (a tree's post-order), from 0."""
    last_leaf = ((position + 1) << level) - 1
    return count(last_leaf) + level


def count(size: int) -> int:
    """The number of complete subtrees, leaves included, of a tree of ``size`` leaves."""
    return 2 * size - size.bit_count()


def in_order() -> Iterator[tuple[int, int]]:
    """The level and position of every complete subtree, in the order of ``place``."""
    for leaf in itertools.count():
        for level in range(((leaf + 1) & -(leaf + 1)).bit_length()):
            yield level, leaf >> level


def completed(index: int, leaf: bytes, look: Look) -> Iterator[tuple[tuple[int, int], bytes]]:
    """The subtrees that the leaf at ``index`` completes, itself first, with their hashes; ``look`` needs earlier ones only."""
    level, position, digest = 0, index, leaf
    yield (level, position), digest
    while position % 2:
        digest = node_hash(look(level, position - 1), digest)
        level, position = level + 1, position // 2
        yield (level, position), digest


def root(size: int, look: Look) -> bytes:
    """The root of the tree of the first ``size`` leaves (RFC 9162, section 2.1.1)."""
    return _hash(0, size, look) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, look: Look) -> list[bytes]:
    """The proof that ``included`` checks, for 0 <= index < size (section 2.1.3.1)."""
    proof, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_hash(middle, end, look))
            end = middle
        else:
            proof.append(_hash(start, middle, look))
            start = middle
    return proof[::-1]


def consistency_proof(old_size: int, new_size: int, look: Look) -> list[bytes]:
    """The proof that ``consistent`` checks, for 0 <= old_size <= new_size (section 2.1.4.1)."""
    if old_size in (0, new_size):
        return []
    proof, start, end = [], 0, new_size
    while old_size < end:
        middle = start + _split(end - start)
        if old_size <= middle:
            proof.append(_hash(middle, end, look))
            end = middle
        else:
            proof.append(_hash(start, middle, look))
            start = middle
    known_subtree = [_hash(start, end, look)] if start else []
    return known_subtree + proof[::-1]


def _hash(start: int, end: int, look: Look) -> bytes:
    """The hash over the leaves from ``start`` to ``end``, where ``start`` is a multiple of the next power of two."""
    length = end - start
    if length & (length - 1) == 0:
        level = length.bit_length() - 1
        return look(level, start >> level)
    middle = start + _split(length)
    return node_hash(_hash(start, middle, look), _hash(middle, end, look))


def _split(length: int) -> int:
    """The largest power of two below ``length``."""
    return 1 << ((length - 1).bit_length() - 1)
