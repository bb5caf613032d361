"""Linking campaigns: rare things link, common ones do not, chains are told, networks keep their ids (all synthetic)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.attribution.actor import profile
from stillwatch.attribution.likeness import COMMON as BOILERPLATE
from stillwatch.attribution.likeness import same_scaffolds
from stillwatch.attribution.linking import LINK_BITS, Sighted, links, networks
from stillwatch.attribution.trait import MOST, Trait
from stillwatch.errors import UsageError

RARE = Trait("token", "t1", 3, 1_000_000)
SCAFFOLD = Trait("scaffold", "s1", 60, 1_000_000)
COMMON = Trait("scaffold", "agent", 400_000, 1_000_000)
CARD = Trait("payment", "card", 3, 1_000_000)


def seen(number: int, *traits: Trait, provider: str = "synthetic-a") -> Sighted:
    return Sighted(f"campaign--{number:03d}", provider, f"2026-01-{number % 28 + 1:02d}", "2026-12-01", traits)


def grouped(*campaigns: Sighted) -> list[list[str]]:
    return [network.campaigns for network in networks(campaigns)]


def test_rare_things_link_over_providers() -> None:
    [network] = networks([seen(1, RARE, SCAFFOLD), seen(2, RARE, SCAFFOLD, provider="synthetic-b")])
    assert (network.campaigns, network.providers) == (["campaign--001", "campaign--002"], ["synthetic-a", "synthetic-b"])
    assert network.weakest == pytest.approx(MOST["token"] + MOST["scaffold"])
    assert "1,000,000" in network.links[0].statement


def test_a_scaffold_that_two_scans_tell_a_little_differently_is_one() -> None:
    first, later, other = ("swf1:" + ".".join(f"{n:016x}" for n in samples) for samples in (range(12), range(3, 15), range(11, 23)))
    told = [seen(n, Trait("scaffold", text, 60, 1_000_000)) for n, text in enumerate((first, later, other), start=1)]
    assert grouped(*told[:2]) == [["campaign--001", "campaign--002"]]
    assert len(grouped(told[0], told[2])) == 2


def test_boilerplate_makes_no_scaffolds_alike() -> None:
    texts = [f"swf1:{7:016x}.{100 + n:016x}" for n in range(BOILERPLATE + 1)]
    assert len(set(same_scaffolds(texts).values())) == BOILERPLATE + 1


def test_what_everybody_uses_links_nobody() -> None:
    assert len(grouped(*(seen(n, COMMON) for n in range(1, 9)))) == 8


def test_what_nobody_counted_says_little() -> None:
    assert len(grouped(seen(1, Trait("scaffold", "s")), seen(2, Trait("scaffold", "s")))) == 2


def test_payments_are_not_compared_between_providers() -> None:
    assert len(grouped(seen(1, CARD), seen(2, CARD))) == 1
    assert len(grouped(seen(1, CARD), seen(2, CARD, provider="synthetic-b"))) == 2


def test_a_trait_of_half_the_campaigns_is_common_whatever_its_population() -> None:
    assert len(grouped(*(seen(n, SCAFFOLD) for n in range(1, 41)))) == 40


def test_the_more_campaigns_the_more_a_link_needs() -> None:
    pair = seen(1, SCAFFOLD), seen(2, SCAFFOLD)
    strangers = [seen(n) for n in range(3, 30)]
    assert links(pair)[0].bits == pytest.approx(MOST["scaffold"])
    assert links([*pair, *strangers]) == []


def test_a_chain_is_as_strong_as_its_weakest_link() -> None:
    other, weak = Trait("token", "t2", 3, 1_000_000), Trait("device", "d", 400, 1_000_000)
    campaigns = seen(1, RARE, SCAFFOLD), seen(2, RARE, SCAFFOLD, other), seen(3, other, weak)
    [network] = networks(campaigns)
    assert network.weakest == min(link.bits for link in links(campaigns))


@given(shape=st.lists(st.lists(st.sampled_from([RARE, SCAFFOLD, COMMON, CARD]), unique=True, max_size=4), max_size=8))
def test_every_campaign_is_in_exactly_one_network_in_any_order(shape: list[list[Trait]]) -> None:
    campaigns = [seen(n, *traits) for n, traits in enumerate(shape, start=1)]
    found = networks(campaigns)
    assert sorted(name for network in found for name in network.campaigns) == [one.campaign_id for one in campaigns]
    assert {n.id: n.campaigns for n in networks(campaigns[::-1])} == {n.id: n.campaigns for n in found}
    assert all(link.bits >= LINK_BITS for network in found for link in network.links)


def test_a_profile_carries_on_while_its_network_grows_and_remembers_what_went_into_it() -> None:
    late = Trait("token", "late", 2, 1_000_000)
    first, second = (profile(network, []) for network in networks([seen(1, RARE, SCAFFOLD), seen(5, late)]))
    [grown] = networks([seen(1, RARE, SCAFFOLD, late), seen(5, late, RARE)])
    now = profile(grown, [second, first])
    assert (now.id, now.name, now.formerly) == (first.id, first.name, [second.id])


@pytest.mark.parametrize(
    ("kind", "value", "holders"), [("country", "x", 1), ("language", "x", 1), ("token", "", 1), ("token", "x", -1)]
)
def test_what_is_no_trait_is_refused(kind: str, value: str, holders: int) -> None:
    with pytest.raises(UsageError):
        Trait(kind, value, holders, 10)
