"""Twins, and communities of graphs in which they are one node."""

import numpy as np
import pytest

from stillwatch.campaigns.candidates import communities, identity_communities
from stillwatch.campaigns.links import Links, Things, identity_links, work_links
from stillwatch.campaigns.twins import MANY, Twins
from tests.campaigns.test_links import scaffolds_of

POPULATION = 6 * MANY


def test_few_twins_stand_for_themselves() -> None:
    twins = Twins.of(np.zeros(MANY - 1, np.int64), np.arange(MANY - 1), np.ones(MANY - 1), MANY)
    assert twins.head.tolist() == list(range(MANY))
    assert twins.size.tolist() == [1] * MANY
    assert np.isinf(twins.bits).all()


def test_who_has_another_thing_besides_is_no_twin() -> None:
    thing = np.concatenate([np.zeros(MANY + 1, np.int64), [1]])
    account = np.concatenate([np.arange(MANY + 1), [5]])
    twins = Twins.of(thing, account, np.where(thing == 0, 2.0, 3.0), MANY + 3)
    assert twins.size[[0, 5, MANY + 2]].tolist() == [MANY, 1, 1]
    assert set(twins.head.tolist()) == {0, 5, MANY + 1, MANY + 2}
    assert twins.bits[0] == 2.0


def test_a_scaffold_of_very_many_is_one_community_without_an_edge() -> None:
    """The twins are a community as long as what they share is asked for, and no closer one."""
    sharers = 2 * MANY
    links = work_links(scaffolds_of({11: list(range(sharers))}, POPULATION, texts=20_000), POPULATION)
    assert not len(links.left)
    assert [part.tolist() for part in communities(links, POPULATION)] == [list(range(sharers))]


def test_an_address_of_very_many_is_no_identity() -> None:
    """1.6 bits are less than is asked for; six accounts with the address and a payer of their own are no community of 15."""
    sharers = np.arange(2 * MANY)
    payer = Things(np.zeros(6, np.int64), sharers[:6])
    device_of_its_own = Things(np.arange(POPULATION), np.arange(POPULATION))
    links = identity_links([Things(np.zeros(len(sharers), np.int64), sharers), payer, device_of_its_own], POPULATION)
    assert len(links.left) <= 6 * 7 / 2
    assert identity_communities(links, POPULATION) == []


def test_the_head_is_linked_for_all_its_twins() -> None:
    """Two sets of twins and forty others with one scaffold: bits over all edges are those of the full graph between them."""
    sizes = (MANY, 2 * MANY, 40)
    ends = np.cumsum(sizes).tolist()
    heaps = [list(range(end - size, end)) for size, end in zip(sizes, ends, strict=True)]
    users = {11: heaps[0] + heaps[1] + heaps[2], 12: heaps[0], 13: heaps[2]}
    links = work_links(scaffolds_of(users, 4 * POPULATION, texts=20_000), 4 * POPULATION)
    pairs = (sum(sizes) ** 2 - sizes[0] ** 2 - sizes[1] ** 2 - sizes[2]) / 2
    among_others = sizes[2] * (sizes[2] - 1) / 2 * np.log2(4 * POPULATION / sizes[2])
    assert links.bits.sum() == pytest.approx(pairs * np.log2(4 * POPULATION / sum(sizes)) + among_others)
    assert len(links.left) <= 16 * (sizes[2] + 2)


def test_twins_come_apart_from_those_who_share_more() -> None:
    """All use scaffold 11; the last 600 have four more of their own."""
    everybody, pool = list(range(2 * MANY)), list(range(2 * MANY - 600, 2 * MANY))
    users = {11: everybody, **{sample: [*pool[:-sample], 4 * MANY + sample] for sample in range(1, 5)}}
    links = work_links(scaffolds_of(users, POPULATION, texts=20_000), POPULATION)
    found = [set(part.tolist()) for part in communities(links, POPULATION)]
    assert any(len(part ^ set(pool)) <= 6 for part in found)
    assert any(part >= set(everybody) for part in found)


def test_no_twins_no_difference() -> None:
    """With few accounts the graph is what it is without twins."""
    links = identity_links([Things(np.arange(90) // 30, np.arange(90))], 1000)
    plain = Links(links.left, links.right, links.bits, Twins.none(1000))
    assert [part.tolist() for part in identity_communities(links, 1000)] == [
        part.tolist() for part in identity_communities(plain, 1000)
    ]
