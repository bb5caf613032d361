"""The Merkle tree: published roots, and the fast tree against RFC 9162's recursive definitions."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.sharing.ledger.merkle import EMPTY_ROOT, consistent, included, leaf_hash, node_hash
from stillwatch.sharing.ledger.tree import completed, consistency_proof, count, in_order, inclusion_proof, place, root

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
"""The test data of Certificate Transparency (google/certificate-transparency, merkle_tree_test); roots for 1 to 8 of them."""
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
MOST = 40


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """MTH of section 2.1.1, over leaf hashes."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    k = power_below(len(leaves))
    return node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


def naive_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = power_below(len(leaves))
    if index < k:
        return [*naive_path(index, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(index - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: Sequence[bytes], known: bool) -> list[bytes]:
    """SUBPROOF of section 2.1.4.1."""
    if m == len(leaves):
        return [] if known else [naive_root(leaves)]
    k = power_below(len(leaves))
    if m <= k:
        return [*naive_subproof(m, leaves[:k], known), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], False), naive_root(leaves[:k])]


def power_below(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


class Grown:
    """A tree that grew leaf by leaf, as a store would hold it."""

    def __init__(self, size: int) -> None:
        self.leaves = [leaf_hash(str(index).encode()) for index in range(size)]
        self.subtrees: dict[tuple[int, int], bytes] = {}
        for index, leaf in enumerate(self.leaves):
            self.subtrees.update(completed(index, leaf, self.look))

    def look(self, level: int, position: int) -> bytes:
        return self.subtrees[level, position]


GROWN = Grown(MOST)


def test_published_roots() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    subtrees: dict[tuple[int, int], bytes] = {}
    for index, leaf in enumerate(hashes):
        subtrees.update(completed(index, leaf, lambda level, position: subtrees[level, position]))
        assert root(index + 1, lambda level, position: subtrees[level, position]).hex() == ROOTS[index]


def test_roots_are_those_of_the_definition_at_every_size() -> None:
    for size in range(MOST + 1):
        assert root(size, GROWN.look) == naive_root(GROWN.leaves[:size])


def test_inclusion_proofs_are_those_of_the_definition_and_hold() -> None:
    for size in range(1, MOST + 1):
        for index in range(size):
            proof = inclusion_proof(index, size, GROWN.look)
            assert proof == naive_path(index, GROWN.leaves[:size])
            assert included(GROWN.leaves[index], index=index, size=size, proof=proof, root=root(size, GROWN.look))


def test_consistency_proofs_are_those_of_the_definition_and_hold() -> None:
    for new in range(MOST + 1):
        for old in range(new + 1):
            proof = consistency_proof(old, new, GROWN.look)
            assert proof == (naive_subproof(old, GROWN.leaves[:new], True) if old else [])
            roots = {"old_root": root(old, GROWN.look), "new_root": root(new, GROWN.look)}
            assert consistent(old_size=old, new_size=new, proof=proof, **roots)


def test_an_append_looks_up_no_more_hashes_than_the_tree_is_high() -> None:
    for index in range(MOST):
        looked: list[tuple[int, int]] = []

        def look(level: int, position: int, looked: list[tuple[int, int]] = looked) -> bytes:
            looked.append((level, position))
            return GROWN.look(level, position)

        made = list(completed(index, GROWN.leaves[index], look))
        assert len(looked) < index.bit_length() + 1
        assert len(made) == len(looked) + 1


def test_hashes_have_their_places_in_the_order_in_which_they_are_made() -> None:
    made = [
        (level, position) for index in range(MOST) for (level, position), _ in completed(index, GROWN.leaves[index], GROWN.look)
    ]
    assert made == list(itertools.islice(in_order(), len(made)))
    assert [place(level, position) for level, position in made] == list(range(count(MOST)))


SIZES = st.integers(1, MOST).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size)))


@given(SIZES, st.data())
def test_no_other_inclusion_proof_holds(at: tuple[int, int], data: st.DataObject) -> None:
    index, size = at
    leaf, proof, head = GROWN.leaves[index], inclusion_proof(index, size, GROWN.look), root(size, GROWN.look)
    other = data.draw(st.integers(0, size - 1).filter(lambda i: i != index)) if size > 1 else size
    assert not included(leaf, index=other, size=size, proof=proof, root=head)
    assert not included(leaf_hash(b"other"), index=index, size=size, proof=proof, root=head)
    assert not included(leaf, index=index, size=size, proof=proof, root=leaf_hash(b"other"))
    for altered in _alterations(proof, data):
        assert not included(leaf, index=index, size=size, proof=altered, root=head)


@given(SIZES, st.data())
def test_no_other_consistency_proof_holds(at: tuple[int, int], data: st.DataObject) -> None:
    old, new = at[0] + 1, at[1]
    proof, old_root, new_root = consistency_proof(old, new, GROWN.look), root(old, GROWN.look), root(new, GROWN.look)
    for altered in _alterations(proof, data):
        assert not consistent(old_size=old, new_size=new, old_root=old_root, new_root=new_root, proof=altered)
    forged = leaf_hash(b"other")
    assert not consistent(old_size=old, new_size=new, old_root=forged, new_root=new_root, proof=proof)
    assert not consistent(old_size=old, new_size=new, old_root=old_root, new_root=forged, proof=proof)


def _alterations(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    altered = [[*proof, leaf_hash(b"more")], [leaf_hash(b"more"), *proof]]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        altered += [proof[:at] + proof[at + 1 :], [*proof[:at], leaf_hash(b"x"), *proof[at + 1 :]]]
    return altered


@given(st.integers(-3, 9), st.integers(-3, 9), st.lists(st.binary(max_size=33), max_size=5), st.binary(), st.binary())
def test_the_checks_take_anything(one: int, two: int, proof: list[bytes], head: bytes, leaf: bytes) -> None:
    included(leaf, index=one, size=two, proof=proof, root=head)
    consistent(old_size=one, new_size=two, old_root=leaf, new_root=head, proof=proof)


@pytest.mark.parametrize(("old", "new"), [(-1, 0), (2, 1), (1, 0)])
def test_a_log_never_shrinks(old: int, new: int) -> None:
    assert not consistent(old_size=old, new_size=new, old_root=EMPTY_ROOT, new_root=EMPTY_ROOT, proof=[])


def test_a_tree_is_consistent_with_the_empty_tree_only_under_its_root() -> None:
    assert not consistent(old_size=0, new_size=1, old_root=leaf_hash(b""), new_root=leaf_hash(b""), proof=[])
    assert not consistent(old_size=0, new_size=0, old_root=EMPTY_ROOT, new_root=leaf_hash(b""), proof=[])
