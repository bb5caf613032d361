"""The Merkle tree of RFC 9162: its hashes, and the two proofs as their receiver checks them. Pure; no store is needed.

Rules: leaves are hashed behind the byte 0x00, nodes behind 0x01 (section 2.1.1), so neither can pass for the other; the root of
no leaves is the hash of nothing. Hashes are SHA-256, 32 bytes. The checks answer yes or no and take any input of the right types.

>>> a, b = leaf_hash(b"a"), leaf_hash(b"b")
>>> included(b, index=1, size=2, proof=[a], root=node_hash(a, b))
True
"""

import hashlib
from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256().digest()
"""The root of a tree without leaves."""


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def included(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows the leaf hash at ``index`` (from 0) of the tree of ``size`` leaves (section 2.1.3.2)."""
    return implied_root(leaf, index=index, size=size, proof=proof) == root


def implied_root(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root of a tree of ``size`` leaves with the leaf hash at ``index``, by the proof; None if the proof has not its length."""
    if not 0 <= index < size:
        return None
    position, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if position % 2 or position == last:
            computed = node_hash(sibling, computed)
            while position % 2 == 0 and position:
                position, last = position // 2, last // 2
        else:
            computed = node_hash(computed, sibling)
        position, last = position // 2, last // 2
    return computed if last == 0 else None


def consistent(*, old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the old tree is the beginning of the new one (section 2.1.4.2).

    Every tree begins with the empty one, and with itself; both need an empty proof.
    """
    if not 0 <= old_size <= new_size:
        return False
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT and (new_size > 0 or new_root == EMPTY_ROOT)
    if old_size == new_size:
        return not proof and old_root == new_root
    if not proof:
        return False
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    return _both_roots(old_size - 1, new_size - 1, path) == (old_root, new_root)


def _both_roots(position: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Old and new root as the path gives them, or nothing if the path has a wrong length."""
    while position % 2:
        position, last = position // 2, last // 2
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if position % 2 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while position % 2 == 0 and position:
                position, last = position // 2, last // 2
        else:
            new = node_hash(new, sibling)
        position, last = position // 2, last // 2
    return (old, new) if last == 0 else None
