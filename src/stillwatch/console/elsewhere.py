"""What other providers told of their campaigns, as linking sees it: scaffolds and tokens out of the feed, nothing else.

Rules: only what has effect counts (not expired, not revoked, not withdrawn). Nobody counted how many of their accounts hold a
thing, so its rarity is bounded by our own count where we have it, and is one bit where we do not.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from stillwatch.attribution.linking import Sighted
from stillwatch.attribution.trait import Trait
from stillwatch.sharing.feed.effect import Standing, standings
from stillwatch.sharing.feed.identifiers import canonical_only
from stillwatch.sharing.feed.store import FeedStore
from stillwatch.sharing.stix.disclosure import Disclosure
from stillwatch.sharing.stix.objects import Foreign, Object
from stillwatch.sharing.stix.reading import disclosures
from stillwatch.sharing.stix.scaffold import fingerprint_text
from stillwatch.sharing.stix.writing import token_of
from stillwatch.sharing.tokens.tokeniser import Tokeniser, tokens

_TOKEN_KINDS = {"payment": "payment-fingerprint", "device": "device-id"}


def told_elsewhere(feed: Path, now: datetime, own: Sequence[Sighted]) -> list[Sighted]:
    """Every campaign in a feed, at the member who told of it; with our own counts of the traits that we have too.

    Raises NoReadableInput if there is no feed.
    """
    with FeedStore.existing(feed) as store:
        live = [each for each in standings(store.facts(), store.opinions(), now) if not each.without_effect]
    counted = {(t.kind, t.value): t for one in own for t in one.traits}
    ours = {one.campaign_id for one in own}
    return [_sighted(told, author, counted) for author, told in _by_author(live) if told.campaign not in ours]


def tokens_for(traits: Iterable[Trait], tokeniser: Tokeniser) -> list[Trait]:
    """The tokens of shared payments and devices, as traits that can be met at other providers; each as rare as what it stands
    for.
    """
    found = []
    for trait in traits:
        pairs = canonical_only([(_TOKEN_KINDS[trait.kind], trait.value)]) if trait.kind in _TOKEN_KINDS else []
        found += [Trait("token", str(token), trait.holders, trait.population) for token in tokens(tokeniser, pairs)]
    return found


def _by_author(live: Iterable[Standing]) -> Iterator[tuple[str, Disclosure]]:
    theirs: dict[str, list[Object]] = {}
    for each in live:
        if not isinstance(each.thing, Foreign):
            theirs.setdefault(each.held.author or "an unnamed member", []).append(each.thing)
    for author, things in theirs.items():
        for told in disclosures(things):
            yield author, told


def _sighted(told: Disclosure, author: str, counted: dict[tuple[str, str], Trait]) -> Sighted:
    traits = [Trait("scaffold", fingerprint_text(each.samples)) for each in told.scaffolds]
    traits += [Trait("token", str(token_of(each))) for each in told.tokens]
    traits += [Trait("client", each.client_fingerprint) for each in told.clients]
    known = tuple(counted.get((t.kind, t.value), t) for t in traits)
    first, last = (time.isoformat() if time else "" for time in (told.first_seen, told.last_seen))
    return Sighted(told.campaign, author, first, last, known)
