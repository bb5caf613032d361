"""From a disclosure to STIX objects: everything that a provider could say of one campaign, before the guard.

Rules: the campaign keeps its id and carries the figures as an extension; its name repeats the id and its description the
essentials, as orders of magnitude, because some receivers keep nothing else. A scaffold is an indicator, based on observed data of
an artifact that holds the fingerprint; tokens are user accounts in observed data; clients and networks are indicators. All that
are statements have ids that follow from what they say, so that a later disclosure is a later version of them. What is the same
for everybody (markings, definitions, techniques) is added by ``bundle.py``.
"""

from base64 import b64encode, urlsafe_b64decode
from collections.abc import Iterator
from ipaddress import ip_network

from stillwatch.sharing.stix.disclosure import Disclosure
from stillwatch.sharing.stix.extensions import ClientFingerprint, IdentifierToken, Network, ScaffoldSamples
from stillwatch.sharing.stix.ids import observable_id, statement_id
from stillwatch.sharing.stix.objects import (
    Artifact,
    Campaign,
    Extensions,
    Identity,
    Indicator,
    Infrastructure,
    IPv4Address,
    IPv6Address,
    Object,
    ObservedData,
    Relationship,
    Report,
    UserAccount,
)
from stillwatch.sharing.stix.patterns import client_pattern, prefix_pattern, scaffold_pattern
from stillwatch.sharing.stix.scaffold import fingerprint_text
from stillwatch.sharing.stix.summary import describe
from stillwatch.sharing.stix.techniques import attack_pattern
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.tokens.token import Token
from stillwatch.vocabulary.taxonomy import taxonomy

TOKEN_ACCOUNT = "stillwatch-token"
"""The ``account_type`` of a user account that is a token."""

OBSERVED_TOGETHER = 5_000
"""So many tokens stand in one piece of observed data."""

_MOST_OBSERVED = 999_999_999


def objects_of(disclosure: Disclosure, terms: Terms) -> list[Object]:
    """The objects of a disclosure, each after those that it refers to; last the report, which lists all but tokens and joints."""
    told = list(_told(disclosure, terms))
    named = [thing.id for thing in told if not isinstance(thing, Identity | Relationship | UserAccount)]
    report = Report(
        **terms.said(statement_id("report", disclosure.campaign)),
        name="Campaign report",
        published=terms.now,
        report_types=("campaign",),
        object_refs=tuple(dict.fromkeys(named)),
    )
    return [*told, report]


def _told(disclosure: Disclosure, terms: Terms) -> Iterator[Object]:
    if terms.producer:
        yield terms.producer
    yield _campaign(disclosure, terms)
    yield from _techniques(disclosure, terms)
    for scaffold in disclosure.scaffolds:
        yield from _scaffold(scaffold, disclosure, terms)
    yield from _tokens(disclosure, terms)
    for client in disclosure.clients:
        yield from _client(client, disclosure, terms)
    for network in disclosure.networks:
        if network.prefix:
            yield from _network(network, network.prefix, disclosure, terms)


def _campaign(disclosure: Disclosure, terms: Terms) -> Campaign:
    return Campaign(
        **terms.said(disclosure.campaign),
        name=f"Distillation {disclosure.campaign}",
        description=describe(disclosure.figures),
        first_seen=disclosure.first_seen,
        last_seen=disclosure.last_seen,
        extensions=Extensions(campaign=disclosure.figures),
    )


def _techniques(disclosure: Disclosure, terms: Terms) -> Iterator[Object]:
    """Each technique that the taxonomy knows, as used by the campaign."""
    for use in disclosure.figures.techniques:
        if use.technique in taxonomy().ids:
            pattern = attack_pattern(use.technique)
            yield pattern
            yield _joined(disclosure.campaign, "uses", pattern.id, terms)


def _scaffold(scaffold: ScaffoldSamples, disclosure: Disclosure, terms: Terms) -> Iterator[Object]:
    text = fingerprint_text(scaffold.samples)
    payload = b64encode(text.encode()).decode()
    artifact = Artifact(
        id=observable_id("artifact", {"payload_bin": payload}),
        mime_type="text/plain",
        payload_bin=payload,
        object_marking_refs=terms.markings(),
        extensions=Extensions(scaffold=ScaffoldSamples(version=scaffold.version, samples=scaffold.samples)),
    )
    times = (scaffold.share or 0) * (disclosure.figures.requests or 0)
    observed = _observed((artifact.id,), round(times), disclosure, terms)
    pattern = scaffold_pattern(scaffold.samples)
    indicator = _indicator("Scaffold", text, pattern, disclosure, terms, Extensions(scaffold=scaffold))
    yield from (artifact, observed, indicator)
    yield _joined(indicator.id, "based-on", observed.id, terms)
    yield _joined(indicator.id, "indicates", disclosure.campaign, terms)


def _tokens(disclosure: Disclosure, terms: Terms) -> Iterator[Object]:
    accounts = [user_account(token, terms.markings()) for token in disclosure.tokens]
    for start in range(0, len(accounts), OBSERVED_TOGETHER):
        together = accounts[start : start + OBSERVED_TOGETHER]
        yield from together
        observed = _observed(tuple(account.id for account in together), len(together), disclosure, terms)
        yield observed
        yield _joined(observed.id, "related-to", disclosure.campaign, terms)


def token_of(said: IdentifierToken) -> Token:
    """The token that an extension holds."""
    return Token(said.epoch, said.kind, urlsafe_b64decode(said.token + "="))


def user_account(token: IdentifierToken, markings: tuple[str, ...]) -> UserAccount:
    """A token as a user account; its ``user_id`` repeats all of the token."""
    text = str(token_of(token))
    return UserAccount(
        id=observable_id("user-account", {"account_type": TOKEN_ACCOUNT, "user_id": text}),
        user_id=text,
        account_type=TOKEN_ACCOUNT,
        object_marking_refs=markings,
        extensions=Extensions(token=token),
    )


def _client(client: ClientFingerprint, disclosure: Disclosure, terms: Terms) -> Iterator[Object]:
    pattern = client_pattern(client.client_fingerprint)
    indicator = _indicator("Client", client.client_fingerprint, pattern, disclosure, terms, Extensions(client=client))
    yield indicator
    yield _joined(indicator.id, "indicates", disclosure.campaign, terms)


def _network(network: Network, text: str, disclosure: Disclosure, terms: Terms) -> Iterator[Object]:
    prefix = ip_network(text)
    kind = IPv4Address if prefix.version == 4 else IPv6Address
    address = kind(
        id=observable_id(f"ipv{prefix.version}-addr", {"value": text}),
        value=text,
        object_marking_refs=terms.markings(),
    )
    through = Infrastructure(
        **terms.said(statement_id("infrastructure", disclosure.campaign, text)),
        name="Network",
        infrastructure_types=("anonymization",),
        extensions=Extensions(network=network),
    )
    indicator = _indicator("Network", None, prefix_pattern(prefix), disclosure, terms, None)
    yield from (address, through, indicator)
    yield _joined(through.id, "consists-of", address.id, terms)
    yield _joined(disclosure.campaign, "uses", through.id, terms)
    yield _joined(indicator.id, "indicates", disclosure.campaign, terms)


def _indicator(
    name: str, description: str | None, pattern: str, disclosure: Disclosure, terms: Terms, extensions: Extensions | None
) -> Indicator:
    """An indicator that is valid from when the campaign was first seen until ``terms.valid`` after it was last seen."""
    first, last = disclosure.first_seen or terms.now, disclosure.last_seen or terms.now
    return Indicator(
        **terms.said(statement_id("indicator", disclosure.campaign, pattern)),
        name=name,
        description=description,
        pattern=pattern,
        pattern_type="stix",
        pattern_version="2.1",
        indicator_types=("malicious-activity",),
        valid_from=first,
        valid_until=last + terms.valid,
        extensions=extensions,
    )


def _observed(refs: tuple[str, ...], times: int, disclosure: Disclosure, terms: Terms) -> ObservedData:
    return ObservedData(
        **terms.said(statement_id("observed-data", disclosure.campaign, *refs[:1])),
        first_observed=disclosure.first_seen or terms.now,
        last_observed=disclosure.last_seen or terms.now,
        number_observed=min(max(times, 1), _MOST_OBSERVED),
        object_refs=refs,
    )


def _joined(source: str, how: str, target: str, terms: Terms) -> Relationship:
    return Relationship(
        **terms.said(statement_id("relationship", source, how, target)), relationship_type=how, source_ref=source, target_ref=target
    )
