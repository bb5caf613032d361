"""Linking: campaigns, over time and providers, that one hand is behind, by the rare things that they share.

Rules
- Two campaigns are linked if the rarity of what they share, the strongest of each kind, outweighs the number of campaigns that
  could have been paired by chance, by LINK_BITS: sum of bits − log2(campaigns − 1) ≥ LINK_BITS.
- Scaffolds are the same if they share half of their samples (``likeness``).
- A trait that many campaigns have is common whatever its population: it counts at most log2(campaigns ÷ holders among them).
- Linked campaigns form a network (connected component); its weakest link is told, for a chain is as strong as that.
- A network is known by its earliest campaign, so that it keeps its id while it grows.

>>> rare = Trait("token", "t1", holders=3, population=1_000_000)
>>> more = Trait("scaffold", "s1", holders=60, population=1_000_000)
>>> seen = [Sighted(f"campaign--{n}", "synthetic-a", f"2026-0{n}-01", f"2026-0{n}-09", (rare, more)) for n in (1, 2)]
>>> [sorted(network.campaigns) for network in networks(seen)]
[['campaign--1', 'campaign--2']]
"""

import math
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import msgspec

from stillwatch.attribution.likeness import same_scaffolds
from stillwatch.attribution.trait import MOST, OWN_TRAFFIC, Trait

LINK_BITS = 7.0
"""Odds of 128 to 1 for one hand, after the chance of pairing any two."""

_SPACE = uuid.UUID("6f7c3f0e-8f5c-5d0e-9d0b-6a3c1f6f6c11")


class Sighted(msgspec.Struct, frozen=True):
    """A campaign as linking sees it: where (``provider``), when (ISO 8601), and its traits."""

    campaign_id: str
    provider: str
    first_seen: str
    last_seen: str
    traits: tuple[Trait, ...]


class Link(msgspec.Struct, frozen=True):
    """Two campaigns with what they share, each thing with its bits, and the sum after the chance of pairing any two."""

    one: str
    other: str
    shared: list[tuple[Trait, float]]
    bits: float

    @property
    def statement(self) -> str:
        """A sentence: what is shared and how rare it is."""
        things = ", ".join(f"a {trait.kind} ({bits:.1f} bits: {_rare(trait)})" for trait, bits in self.shared)
        return f"The campaigns {self.one} and {self.other} share {things}; after chance pairing {self.bits:+.1f} bits remain."


class Network(msgspec.Struct, frozen=True):
    """Campaigns of one hand: a lone campaign is a network of one. ``weakest`` is the bits of the weakest link that holds it
    together.
    """

    id: str
    campaigns: list[str]
    providers: list[str]
    first_seen: str
    last_seen: str
    links: list[Link]
    weakest: float | None


def links(seen: Sequence[Sighted]) -> list[Link]:
    """All pairs that are linked, the strongest first."""
    seen = _told_alike(seen)
    holding: dict[tuple[str, str], list[int]] = {}
    for place, one in enumerate(seen):
        for key in {(trait.kind, trait.value) for trait in one.traits}:
            holding.setdefault(key, []).append(place)
    among = Counter({key: len(places) for key, places in holding.items()})
    pairs = sorted(set(_candidates(holding, len(seen))))
    found = [link for a, b in pairs if (link := _link(seen[a], seen[b], among, len(seen))).bits >= LINK_BITS]
    return sorted(found, key=lambda link: (-link.bits, link.one, link.other))


def networks(seen: Sequence[Sighted]) -> list[Network]:
    """Every campaign in exactly one network, the earliest network first."""
    found = links(seen)
    by_id = {one.campaign_id: one for one in seen}
    return sorted((_network(group, by_id, found) for group in _components(by_id, found)), key=lambda n: (n.first_seen, n.id))


def _told_alike(seen: Sequence[Sighted]) -> list[Sighted]:
    """The campaigns with scaffolds that are the same under one name."""
    names = same_scaffolds(trait.value for one in seen for trait in one.traits if trait.kind == "scaffold")

    def named(trait: Trait) -> Trait:
        return msgspec.structs.replace(trait, value=names[trait.value]) if trait.kind == "scaffold" else trait

    return [msgspec.structs.replace(one, traits=tuple(map(named, one.traits))) for one in seen]


def _candidates(holding: Mapping[tuple[str, str], list[int]], campaigns: int) -> Iterator[tuple[int, int]]:
    """Pairs that can be linked at all: with one thing in common that carries its part of the bits that a link needs."""
    needed = (LINK_BITS + _chance(campaigns)) / len(MOST)
    for (kind, _), places in holding.items():
        if min(MOST[kind], _rare_among(len(places), campaigns)) >= needed:
            yield from combinations(places, 2)


def _chance(campaigns: int) -> float:
    """The bits that pairing any two of so many costs."""
    return math.log2(max(campaigns - 1, 1))


def _link(one: Sighted, other: Sighted, among: Counter[tuple[str, str]], campaigns: int) -> Link:
    best: dict[str, tuple[Trait, float]] = {}
    theirs = {(trait.kind, trait.value): trait for trait in other.traits}
    for trait in one.traits:
        match = theirs.get((trait.kind, trait.value))
        if match is None or (trait.kind in OWN_TRAFFIC and one.provider != other.provider):
            continue
        bits = min(trait.rarity, match.rarity, _rare_among(among[trait.kind, trait.value], campaigns))
        if bits > best.get(trait.kind, (trait, 0.0))[1]:
            best[trait.kind] = (trait, bits)
    shared = sorted(best.values(), key=lambda each: -each[1])
    return Link(one.campaign_id, other.campaign_id, shared, sum(bits for _, bits in shared) - _chance(campaigns))


def _rare_among(holders: int, campaigns: int) -> float:
    """The bound from the campaigns themselves; none while so few hold it that nothing can be said."""
    return math.inf if holders <= 3 else math.log2(campaigns / holders)


def _components(by_id: dict[str, Sighted], found: Sequence[Link]) -> Iterator[list[str]]:
    root = {name: name for name in by_id}

    def top(name: str) -> str:
        while root[name] != name:
            root[name] = root[root[name]]
            name = root[name]
        return name

    for link in found:
        root[top(link.one)] = top(link.other)
    groups: dict[str, list[str]] = {}
    for name in by_id:
        groups.setdefault(top(name), []).append(name)
    yield from groups.values()


def _network(group: Sequence[str], by_id: dict[str, Sighted], found: Sequence[Link]) -> Network:
    members = sorted((by_id[name] for name in group), key=lambda one: (one.first_seen, one.campaign_id))
    inside = set(group)
    holding = [link for link in found if link.one in inside]
    return Network(
        f"network--{uuid.uuid5(_SPACE, members[0].campaign_id)}",
        [one.campaign_id for one in members],
        sorted({one.provider for one in members}),
        members[0].first_seen,
        max(one.last_seen for one in members),
        holding,
        _weakest(holding),
    )


def _weakest(holding: Sequence[Link]) -> float | None:
    """The weakest link of the strongest tree that spans them all (links come strongest first)."""
    root: dict[str, str] = {}

    def top(name: str) -> str:
        while root.setdefault(name, name) != name:
            name = root[name]
        return name

    kept = None
    for link in holding:
        if top(link.one) != top(link.other):
            root[top(link.one)] = top(link.other)
            kept = link.bits
    return kept


def _rare(trait: Trait) -> str:
    return f"{trait.holders:,} of {trait.population:,} accounts have it" if trait.population else "nobody counted who else has it"
