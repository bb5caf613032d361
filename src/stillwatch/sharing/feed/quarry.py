"""The quarry: what of a feed can be looked for in one's own traffic, and what each find would be a sighting of.

Rules: only what has effect is looked for. A token is looked for if it was made in the epoch whose key one has; finding it is a
sighting of the campaign that it was observed in.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from stillwatch.sharing.feed.effect import Standing
from stillwatch.sharing.stix.objects import Foreign, Indicator, Object, ObservedData, Relationship, UserAccount
from stillwatch.sharing.stix.patterns import Prefix, read_pattern
from stillwatch.sharing.stix.reading import client_in, scaffold_in, token_in
from stillwatch.sharing.stix.writing import token_of
from stillwatch.sharing.tokens.token import Token

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Quarry:
    """What to look for, with the ids of the objects of which a find is a sighting.

    ``scaffolds``: by indicator, its samples. ``clients``, ``networks``, ``tokens``: by value, the ids.
    """

    scaffolds: dict[str, tuple[int, ...]] = field(default_factory=dict)
    clients: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    networks: dict[Network, set[str]] = field(default_factory=lambda: defaultdict(set))
    tokens: dict[Token, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __len__(self) -> int:
        return len(self.scaffolds) + len(self.clients) + len(self.networks) + len(self.tokens)


def quarry(standings: Iterable[Standing], epoch: str | None) -> Quarry:
    """What of the feed can be looked for; tokens only of ``epoch``, none if that is None."""
    live = [standing.thing for standing in standings if not standing.without_effect]
    found = Quarry()
    for thing in live:
        if isinstance(thing, Indicator):
            _add_indicator(thing, found)
    for token, campaign in _tokens(live):
        if token.epoch == epoch:
            found.tokens[token].add(campaign)
    return found


def _add_indicator(indicator: Indicator, found: Quarry) -> None:
    if scaffold := scaffold_in(indicator):
        found.scaffolds[indicator.id] = tuple(int(sample, 16) for sample in scaffold.samples)
    elif client := client_in(indicator):
        found.clients[client.client_fingerprint].add(indicator.id)
    elif isinstance(target := read_pattern(indicator.pattern), Prefix):
        found.networks[target.network].add(indicator.id)


def _tokens(live: Iterable[Object | Foreign]) -> Iterator[tuple[Token, str]]:
    """Each token with each campaign in which it was observed."""
    things = list(live)
    accounts = {thing.id: thing for thing in things if isinstance(thing, UserAccount)}
    observed = {thing.id: thing for thing in things if isinstance(thing, ObservedData)}
    for thing in things:
        if not isinstance(thing, Relationship) or not thing.target_ref.startswith("campaign--"):
            continue
        data = observed.get(thing.source_ref)
        for name in (data.object_refs or ()) if data else ():
            if name in accounts and (token := token_in(accounts[name])):
                yield token_of(token), thing.target_ref
