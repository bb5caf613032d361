"""Disclosures to test with: a fixed synthetic one, and any at all."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from stillwatch.campaigns.campaign import Alternative, Campaign, Evidence, Scaffold, Technique
from stillwatch.sharing.stix.disclosure import Disclosure, from_campaign
from stillwatch.sharing.stix.extensions import (
    CampaignFigures,
    ClientFingerprint,
    IdentifierToken,
    Network,
    Reason,
    Rival,
    ScaffoldSamples,
    TechniqueUse,
)
from stillwatch.sharing.stix.objects import Identity
from stillwatch.sharing.stix.reading import told
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.tlp import TLP
from stillwatch.sharing.tokens.canonical import KINDS
from stillwatch.sharing.tokens.token import Token
from stillwatch.vocabulary.taxonomy import taxonomy

NOW = datetime(2026, 11, 20, 9, 30, 15, 250_000, tzinfo=UTC)
PROVIDER = Identity(
    id="identity--2dced3ad-95bb-4441-8416-1eb7d15bf0d9",
    spec_version="2.1",
    created=datetime(2026, 11, 2, tzinfo=UTC),
    modified=datetime(2026, 11, 2, tzinfo=UTC),
    name="Synthetic provider",
    identity_class="organization",
)
TERMS = Terms(producer=PROVIDER, tlp=TLP.AMBER, now=NOW)
FINGERPRINT = "swf1:0011223344556677.8899aabbccddeeff"
TOKEN = IdentifierToken(kind="account-name", epoch="2026-Q4", token="q6" * 21 + "s")
CLIENT = ClientFingerprint(client_fingerprint="t13d1516h2_8daaf6152771_b186095e22b6", accounts=40)
NETWORK = Network(prefix="198.51.100.0/24", accounts=12)


def campaign() -> Campaign:
    """A synthetic campaign as a scan writes it."""
    return Campaign(
        id="campaign--288f2dc3-644f-5f7e-8b34-be9d84743775",
        accounts=[f"synthetic-{i}" for i in range(212)],
        org_ids=[],
        first_seen="2026-11-01T03:10:11Z",
        last_seen="2026-11-08T22:00:01Z",
        requests=41_234,
        input_tokens=9_000_000,
        output_tokens=31_000_000,
        coordination_bits=31.25,
        harvest_bits=12.5,
        q_value=0.00012,
        severity="high",
        techniques=[Technique("SW-T05", "judge and reward", 0.8), Technique("SW-T08", "best of n", 0.2)],
        evidence=[Evidence("shared payment", 7.5, "12 accounts pay with one card.", 12, 900)],
        scaffolds=[Scaffold(FINGERPRINT, 0.91, 200), Scaffold("swf1:00000000000000ff", 0.2, 40)],
        alternatives=[Alternative("reseller", -6.0, "No reseller looks like this.")],
    )


def disclosure() -> Disclosure:
    """What the synthetic campaign comes to, with a token, a client and a network."""
    return from_campaign(campaign(), [TOKEN], [CLIENT], [NETWORK])


_words = st.text("abcdefghijklmnopqrstuvwxyz ", min_size=1, max_size=20)
_counts = st.none() | st.integers(1, 2**53 - 1)
_bits = st.floats(-1e6, 1e6)
_shares = st.floats(0, 1)
_days = st.datetimes(datetime(2024, 1, 1), datetime(2026, 11, 19), timezones=st.just(UTC)).map(
    lambda t: t.replace(microsecond=t.microsecond // 1000 * 1000)
)
_samples = st.lists(st.integers(0, 2**64 - 1).map("{:016x}".format), min_size=1, max_size=12, unique=True).map(
    lambda found: tuple(sorted(found))
)
_tokens = st.builds(Token, st.just("2026-Q4"), st.sampled_from(sorted(KINDS)), st.binary(min_size=32, max_size=32)).map(told)
_figures = st.builds(
    CampaignFigures,
    accounts=_counts,
    requests=_counts,
    input_tokens=_counts,
    output_tokens=_counts,
    coordination_bits=st.none() | _bits,
    harvest_bits=st.none() | _bits,
    q_value=st.none() | _shares,
    severity=st.none() | st.sampled_from(["high", "medium", "low"]),
    techniques=st.lists(
        st.builds(TechniqueUse, st.sampled_from(taxonomy().ids), st.none() | _shares),
        max_size=3,
        unique_by=lambda use: use.technique,
    ).map(tuple),
    evidence=st.lists(st.builds(Reason, _words, st.sampled_from(["coordination", "harvest"]), _bits), max_size=3).map(tuple),
    alternatives=st.lists(st.builds(Rival, _words, _bits), max_size=2).map(tuple),
)


@st.composite
def disclosures(draw: st.DrawFn) -> Disclosure:
    """Any disclosure."""
    first = draw(_days)
    samples = draw(st.lists(_samples, max_size=3, unique=True))
    return Disclosure(
        campaign=f"campaign--{draw(st.uuids(version=4))}",
        first_seen=first,
        last_seen=first + timedelta(seconds=draw(st.integers(0, 10**6))),
        figures=draw(_figures),
        scaffolds=tuple(
            ScaffoldSamples(version=1, samples=s, share=draw(st.none() | _shares), accounts=draw(_counts)) for s in samples
        ),
        tokens=tuple(draw(st.lists(_tokens, max_size=3, unique=True))),
        clients=tuple(
            ClientFingerprint(client_fingerprint=text, accounts=draw(_counts))
            for text in draw(st.lists(st.text("abc0_.", min_size=1, max_size=36), max_size=2, unique=True))
        ),
        networks=tuple(
            Network(prefix=str(network), accounts=draw(_counts))
            for network in draw(
                st.lists(st.sampled_from(["198.51.100.0/24", "203.0.113.0/25", "2001:db8::/48"]), max_size=2, unique=True)
            )
        ),
    )
