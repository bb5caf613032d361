"""Scaffolds, links and communities, against the naive way of doing it."""

from itertools import combinations, pairwise

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.campaigns.candidates import communities, held_by, leftovers, work_candidate
from stillwatch.campaigns.links import AT_ONCE, Things, _bounds, _circles, _pairs, identity_links, work_links
from stillwatch.campaigns.scaffolds import Scaffolds, gather


def scaffolds_of(users: dict[int, list[int]], population: int, share: float = 0.5, texts: int = 100) -> Scaffolds:
    """Scaffolds from sample → accounts, each used in ``share`` of 40 requests."""
    rows = [(sample, account) for sample, accounts in users.items() for account in accounts]
    uses = pa.table(
        {
            "sample": pa.array([row[0] for row in rows], pa.uint64()),
            "account": pa.array([row[1] + 1000 for row in rows], pa.uint64()),
            "requests": [round(40 * share)] * len(rows),
        }
    )
    totals = pa.table({"sample": pa.array(list(users), pa.uint64()), "distinct_texts": [texts] * len(users)})
    return gather(uses, totals, np.arange(1000, 1000 + population, dtype=np.uint64), np.full(population, 40.0))


def test_samples_of_the_same_accounts_become_one_scaffold() -> None:
    found = scaffolds_of({11: [1, 2, 3], 12: [1, 2, 3], 13: [1, 2]}, 10)
    assert len(found) == 2
    together = int(found.of[np.searchsorted(found.samples, 11)])
    assert found.samples_of(np.array([together])).tolist() == [11, 12]
    assert found.accounts[together] == 3


def test_a_question_that_many_send_word_for_word_is_no_scaffold() -> None:
    assert len(scaffolds_of({11: list(range(30))}, 100, texts=3)) == 0


def test_users_among_some_accounts_are_counted_as_the_naive_way_does() -> None:
    found = scaffolds_of({11: [1, 2, 3, 9], 12: [2, 3, 4], 13: [7, 8]}, 10)
    for chosen in ([], [9], [2, 3, 0], list(range(10))):
        naive = np.bincount(found.scaffold, np.isin(found.account, chosen), len(found))
        assert found.users_among(np.array(chosen, np.int64)).tolist() == naive.tolist()


def test_small_sets_are_linked_as_the_naive_way_does() -> None:
    users = {11: [0, 1, 2, 3], 12: [2, 3, 4]}
    found = work_links(scaffolds_of(users, 64), 64)
    naive: dict[tuple[int, int], float] = {}
    for accounts in users.values():
        for pair in combinations(accounts, 2):
            naive[pair] = naive.get(pair, 0) + np.log2(64 / len(accounts))
    assert dict(
        zip(zip(found.left.tolist(), found.right.tolist(), strict=True), found.bits.tolist(), strict=True)
    ) == pytest.approx(naive)


def test_large_sets_have_linear_cost_and_the_naive_mean() -> None:
    size, population = 400, 4000
    found = work_links(scaffolds_of({11: list(range(size))}, population, texts=1000), population)
    assert len(found.left) <= 16 * size
    assert found.bits.sum() == pytest.approx(size * (size - 1) / 2 * np.log2(population / size))


def test_ranges_of_accounts_hold_all_links_and_few_at_once() -> None:
    links = np.random.default_rng(4).integers(0, AT_ONCE // 3, 50)
    ends = _bounds(links)
    assert (ends[0], ends[-1]) == (0, 50)
    assert all(links[low:high].sum() <= AT_ONCE + links[low] for low, high in pairwise(ends))
    assert _bounds(np.empty(0, np.int64)) == [0]


def test_circles_drawn_some_at_a_time_are_those_drawn_at_once() -> None:
    rng = np.random.default_rng(6)
    thing = np.repeat(np.arange(40), rng.integers(18, 60, 40))
    account = np.concatenate([np.sort(rng.permutation(300)[:size]) for size in np.bincount(thing)])
    for some, every in zip(_circles(thing, account, at_once=800), _circles(thing, account), strict=True):
        assert some.tolist() == every.tolist()
    assert not len(_circles(thing[:0], account[:0])[0])


@pytest.mark.parametrize("population", [100, 2**31])
def test_pairs_are_numbered_as_the_naive_way_does(population: int) -> None:
    """Also where a pair and the number of an edge do not fit into one number."""
    rng = np.random.default_rng(2)
    left, right = np.append(rng.integers(0, 30, (2, 200)), [[population - 1], [0]], axis=1)
    pairs, place = _pairs(left, right)
    naive = sorted({(min(pair), max(pair)) for pair in zip(left.tolist(), right.tolist(), strict=True)})
    assert list(zip((pairs >> 32).tolist(), (pairs & 0xFFFF_FFFF).tolist(), strict=True)) == naive
    assert [naive[number] for number in place] == [
        (min(pair), max(pair)) for pair in zip(left.tolist(), right.tolist(), strict=True)
    ]


def test_what_half_of_all_share_links_nobody() -> None:
    assert not len(work_links(scaffolds_of({11: list(range(60))}, 100), 100).left)


def test_one_scaffold_used_a_little_links_nobody_but_several_do() -> None:
    few = {sample: [0, 1, 2] for sample in (11,)}
    assert not len(work_links(scaffolds_of(few, 64, share=0.025), 64).left)
    variants = {sample: [0, 1, 2, 3 + sample % 7] for sample in range(11, 17)}
    assert len(work_links(scaffolds_of(variants, 64, share=0.025), 64).left) >= 3


def test_identity_links_by_rarity() -> None:
    found = identity_links([Things(np.array([0, 0, 1, 1]), np.array([3, 5, 5, 9]))], 1024)
    assert list(zip(found.left, found.right, found.bits, strict=True)) == [(3, 5, 9.0), (5, 9, 9.0)]
    assert not len(identity_links([], 10).left)


def test_two_pools_with_a_tool_in_common_come_apart() -> None:
    """All use scaffold 11; the first pool has eight more of its own, the second has two."""
    first, second = list(range(40)), list(range(40, 120))
    users = {11: first + second, **dict.fromkeys(range(20, 21), first), **dict.fromkeys(range(30, 31), second)}
    found = scaffolds_of(users, 5000)
    groups = communities(work_links(found, 5000), 5000)
    assert any(set(group.tolist()) == set(first + second) for group in groups)
    assert any(set(group.tolist()) == set(first) for group in groups)
    assert any(set(group.tolist()) == set(second) for group in groups)


def test_a_candidate_takes_all_who_carry_its_scaffolds_and_no_passer_by() -> None:
    found = scaffolds_of({11: list(range(30))}, 1000)
    community = np.arange(25)
    held = held_by(community, found)
    share = np.zeros(1000)
    share[:30], share[40], share[41] = 0.9, 0.02, 1.0
    density = np.full(1000, 20.0)
    density[41] = 3.0  # quotes a part of the template
    candidate = work_candidate(community, found.samples_of(held), share, density, np.full(1000, 40.0))
    assert candidate is not None
    assert candidate.members.tolist() == list(range(30))
    assert candidate.outside == 2
    assert [rest.tolist() for rest in leftovers([np.arange(60)], [candidate])] == [list(range(30, 60))]


def test_a_tenth_of_many_texts_holds_together_and_of_few_does_not() -> None:
    """Decoys thin a pool out; six texts with the scaffold are still enough to weigh it by them."""
    found = scaffolds_of({11: list(range(30))}, 1000)
    share, density = np.zeros(1000), np.full(1000, 20.0)
    share[:30] = 0.06
    for texts, members in ((120.0, 30), (40.0, 0)):
        candidate = work_candidate(np.arange(25), found.samples_of(np.array([0])), share, density, np.full(1000, texts))
        assert (len(candidate.members) if candidate else 0) == members


def test_no_links_no_communities() -> None:
    assert communities(work_links(scaffolds_of({11: [1, 2]}, 10, texts=1), 10), 10) == []
