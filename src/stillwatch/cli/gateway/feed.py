"""The feed of received indicators as the gateway takes them in.

Confidence is what the sender gave (50 if nothing) times the weight that is left of it; what some member disputes is marked so. The
tokens of a feed come along as they are written; whose they are here, a file of tokens says.
"""

from collections.abc import Iterable, Iterator

from stillwatch.gateway.evidence import Indicator, Kind
from stillwatch.sharing.feed.effect import Standing
from stillwatch.sharing.feed.quarry import quarry
from stillwatch.sharing.stix import objects
from stillwatch.sharing.stix.patterns import Prefix, read_pattern
from stillwatch.sharing.stix.reading import client_in, scaffold_in
from stillwatch.sharing.stix.views import View

_UNSAID = 50


def received_indicators(standings: Iterable[Standing], epoch: str | None) -> Iterator[Indicator]:
    """Everything of the feed that has effect and that a gateway can meet."""
    known = list(standings)
    by_id = {standing.thing.id: standing for standing in known}
    for standing in known:
        if not standing.without_effect and isinstance(standing.thing, objects.Indicator):
            yield from _of_indicator(standing, standing.thing)
    for token, campaigns in quarry(known, epoch).tokens.items():
        for name in sorted(campaigns):
            if name in by_id:
                yield _received(by_id[name], "token", str(token))


def _of_indicator(standing: Standing, thing: objects.Indicator) -> Iterator[Indicator]:
    until = int(thing.valid_until.timestamp()) if thing.valid_until else 0
    if scaffold := scaffold_in(thing):
        yield _received(standing, "scaffold", f"swf1:{'.'.join(sorted(scaffold.samples))}", until)
    elif client := client_in(thing):
        yield _received(standing, "client_fingerprint", client.client_fingerprint, until)
    elif isinstance(target := read_pattern(thing.pattern), Prefix):
        yield _received(standing, "prefix", str(target.network), until)


def _received(standing: Standing, kind: Kind, value: str, until: int = 0) -> Indicator:
    said = getattr(standing.thing, "confidence", None)
    views = {View.of(opinion) for opinion in standing.opinions.values()}
    return Indicator(
        kind=kind,
        value=value,
        origin="received",
        confidence=round((_UNSAID if said is None else said) * standing.weight),
        id=standing.thing.id,
        member=standing.held.author,
        valid_until=until,
        disputed=bool(views & {View.DISPUTED, View.FALSE_POSITIVE}),
        statement=str(getattr(standing.thing, "name", None) or ""),
    )
