"""From STIX objects back to disclosures: what others said of their campaigns, as far as it is there.

Rules: what a guard took out, or MISP lost, is absent, and the rest stands: a scaffold is known from its pattern if its extension is
gone, a token from its ``user_id``. Only what is related to a campaign belongs to its disclosure. Order is that of the objects.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from stillwatch.sharing.stix.disclosure import Disclosure
from stillwatch.sharing.stix.extensions import CampaignFigures, ClientFingerprint, IdentifierToken, Network, ScaffoldSamples
from stillwatch.sharing.stix.objects import (
    Campaign,
    Extensions,
    Indicator,
    Infrastructure,
    Object,
    ObservedData,
    Relationship,
    UserAccount,
)
from stillwatch.sharing.stix.patterns import Client, Scaffold, Target, read_pattern
from stillwatch.sharing.tokens.token import Token, TokenRefused

_NONE = Extensions()


def disclosures(objects: Iterable[Object]) -> list[Disclosure]:
    """One disclosure for each campaign among the objects."""
    held = list(objects)
    related = _related(held)
    by_id = {thing.id: thing for thing in held}
    return [
        _disclosure(thing, [by_id[name] for name in related[thing.id] if name in by_id], by_id)
        for thing in held
        if isinstance(thing, Campaign)
    ]


def scaffold_in(indicator: Indicator) -> ScaffoldSamples | None:
    """The scaffold that an indicator looks for, from its extension or else its pattern; None if it looks for something else."""
    if found := (indicator.extensions or _NONE).scaffold:
        return found
    target = _target(indicator)
    return ScaffoldSamples(version=1, samples=target.samples) if isinstance(target, Scaffold) else None


def client_in(indicator: Indicator) -> ClientFingerprint | None:
    """The client that an indicator looks for, from its extension or else its pattern; None if it looks for something else."""
    if found := (indicator.extensions or _NONE).client:
        return found
    target = _target(indicator)
    return ClientFingerprint(client_fingerprint=target.fingerprint) if isinstance(target, Client) else None


def token_in(account: UserAccount) -> IdentifierToken | None:
    """The token that a user account is, from its extension or else its ``user_id``; None if it is none."""
    if found := (account.extensions or _NONE).token:
        return found
    try:
        return told(Token.parse(account.user_id or ""))
    except TokenRefused:
        return None


def told(token: Token) -> IdentifierToken:
    """A token as it travels."""
    return IdentifierToken(kind=token.kind, epoch=token.epoch, token=str(token).rpartition(":")[2])


def _target(indicator: Indicator) -> Target | None:
    return read_pattern(indicator.pattern) if indicator.pattern_type == "stix" else None


def _related(held: Iterable[Object]) -> dict[str, list[str]]:
    """The ids of what is joined to each object, whichever way the relationship points, in order and once."""
    related: dict[str, dict[str, None]] = defaultdict(dict)
    for thing in held:
        if isinstance(thing, Relationship):
            related[thing.source_ref][thing.target_ref] = None
            related[thing.target_ref][thing.source_ref] = None
    return defaultdict(list, {name: list(others) for name, others in related.items()})


def _disclosure(campaign: Campaign, around: list[Object], by_id: dict[str, Object]) -> Disclosure:
    indicators = [thing for thing in around if isinstance(thing, Indicator)]
    return Disclosure(
        campaign=campaign.id,
        first_seen=campaign.first_seen,
        last_seen=campaign.last_seen,
        figures=(campaign.extensions or _NONE).campaign or CampaignFigures(),
        scaffolds=tuple(filter(None, map(scaffold_in, indicators))),
        tokens=tuple(_tokens(around, by_id)),
        clients=tuple(filter(None, map(client_in, indicators))),
        networks=tuple(_networks(around)),
    )


def _tokens(around: Iterable[Object], by_id: dict[str, Object]) -> Iterator[IdentifierToken]:
    for thing in around:
        if isinstance(thing, ObservedData):
            for name in thing.object_refs or ():
                account = by_id.get(name)
                if isinstance(account, UserAccount) and (token := token_in(account)):
                    yield token


def _networks(around: Iterable[Object]) -> Iterator[Network]:
    for thing in around:
        if isinstance(thing, Infrastructure) and (network := (thing.extensions or _NONE).network) and network.prefix:
            yield network
