"""From the feed of received objects to the gateway's indicators: kinds, confidence, weight, dispute, end. All values are synthetic."""

from datetime import timedelta
from pathlib import Path

from stillwatch.cli.gateway.feed import received_indicators
from stillwatch.gateway.evidence import Indicator
from stillwatch.gateway.facts import facts_of
from stillwatch.gateway.grade import Grade
from stillwatch.gateway.policy_file import default_policy_text
from stillwatch.gateway.snapshot.snapshot_build import Sources, build
from stillwatch.sharing.feed.effect import Standing
from stillwatch.sharing.feed.held import Held
from stillwatch.sharing.stix.disclosure import Disclosure
from stillwatch.sharing.stix.extensions import CampaignFigures, ClientFingerprint, Network, ScaffoldSamples
from stillwatch.sharing.stix.scaffold import in_hex
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.tlp import TLP
from stillwatch.sharing.stix.writing import objects_of
from stillwatch.sharing.tokens.token import Token
from tests.gateway.synthetic import SCAFFOLD
from tests.sharing.feed.border import ADA, NOW

DISCLOSED = Disclosure(
    campaign="campaign--288f2dc3-644f-5f7e-8b34-be9d84743775",
    first_seen=NOW - timedelta(days=4),
    last_seen=NOW,
    figures=CampaignFigures(),
    scaffolds=(ScaffoldSamples(version=1, samples=in_hex(facts_of({"prompt": SCAFFOLD}, account_id="").samples.tolist())),),
    clients=(ClientFingerprint(client_fingerprint="t13d_synthetic"),),
    networks=(Network(prefix="198.51.100.0/24"),),
)


def standings(weight: float = 1.0, without_effect: str = "", opinions: dict[str, str] | None = None) -> list[Standing]:
    held = Held("x", ADA.id, "x", None, False, "{}", NOW, "synthetic.json")
    told = objects_of(DISCLOSED, Terms(ADA.identity, TLP.AMBER, NOW))
    return [Standing(held, thing, weight, without_effect, opinions or {}) for thing in told]


def by_kind(found: list[Standing]) -> dict[str, Indicator]:
    return {indicator.kind: indicator for indicator in received_indicators(found, None)}


def test_what_is_disclosed_becomes_received_indicators() -> None:
    found = by_kind(standings())
    assert found.keys() == {"scaffold", "client_fingerprint", "prefix"}
    assert {indicator.origin for indicator in found.values()} == {"received"}
    assert {indicator.member for indicator in found.values()} == {ADA.id}
    assert (found["client_fingerprint"].value, found["prefix"].value) == ("t13d_synthetic", "198.51.100.0/24")
    assert all(indicator.id.startswith("indicator--") for indicator in found.values())


def test_weight_and_dispute_come_along_and_what_has_no_effect_does_not() -> None:
    fresh, old = by_kind(standings()), by_kind(standings(0.5))
    assert old["prefix"].confidence == round(fresh["prefix"].confidence / 2)
    assert by_kind(standings(without_effect="revoked")) == {}
    assert not by_kind(standings(opinions={"member-b": "agree"}))["prefix"].disputed
    assert by_kind(standings(opinions={"member-b": "strongly-disagree"}))["prefix"].disputed


def test_a_received_scaffold_is_met_by_a_prompt_with_another_filling() -> None:
    snapshot = build(Sources(received_indicators(standings(), None)), default_policy_text(), number=1, created=int(NOW.timestamp()))
    met = snapshot.meets(facts_of({"prompt": SCAFFOLD + "another synthetic filling"}, account_id="x")).evidence
    assert [evidence.kind for evidence in met] == ["scaffold"]
    assert snapshot.policy.received_at_most == Grade.WATCH


def test_a_token_is_written_as_the_feed_writes_it(tmp_path: Path) -> None:
    text = str(Token("2026-q4", "payment-fingerprint", bytes(32)))
    indicator = Indicator(kind="token", value=text, origin="received", id="campaign--1")
    snapshot = build(Sources([indicator], tokens={"acct-1": [text]}), default_policy_text(), number=1, created=0)
    assert [e.id for e in snapshot.meets(facts_of({}, account_id="acct-1")).evidence] == ["campaign--1"]
