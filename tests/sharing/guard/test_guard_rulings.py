"""Rulings: verdicts, reasons per field, texts split over fields and objects, regimes, hostile shapes of objects (all synthetic)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from stillwatch.sharing.guard.examination import LONGEST
from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.guard.regime import Regime
from stillwatch.sharing.guard.rule import rules
from tests.sharing.guard.catalogues import campaign

FIGURES = "extension-definition--e3776821-7dd3-509e-9214-ac7f16678fba"
CISA = Regime("cisa-2015", since=date(2015, 12, 18), until=date(2026, 9, 30))
TOKEN = "swt1:2026-q4:account-name:" + "A" * 43


def reasons(thing: Any, profile: str = "strict") -> dict[str, tuple[str, str]]:
    return {reason.path: (reason.action, reason.rule) for reason in Guard(profile).examine(thing).reasons}


def test_every_field_has_a_reason_that_cites_a_rule() -> None:
    found = reasons(campaign(first_seen="2026-09-01T10:00:00Z", labels=["distillation", "4111 1111 1111 1111"], x_owner="a"))
    assert found["name"] == ("kept", "policy/allowed")
    assert found["first_seen"] == ("generalised", "policy/generalised")
    assert found["labels[]"] == ("kept", "policy/allowed")
    assert found["labels[1]"] == ("dropped", "privacy/payment")
    assert found["x_owner"] == ("dropped", "policy/not-allowed")
    assert {rule for _, rule in found.values()} <= rules().keys()


def test_volumes_times_and_shares_leave_coarser() -> None:
    figures = {
        "extension_type": "property-extension",
        "accounts": 212,
        "requests": 151_000_000,
        "q_value": 0.00031,
        "techniques": [{"technique": "SW-T01", "share": 0.6349}],
    }
    ruling = Guard().examine(
        campaign(first_seen="2026-09-01T10:00:00.5Z", last_seen="2026-09-17T23:59:59Z", extensions={FIGURES: figures})
    )
    assert ruling.verdict == "redacted" and ruling.object is not None
    assert ruling.object["first_seen"] == "2026-09-01T00:00:00.000Z" and ruling.object["last_seen"] == "2026-09-17T00:00:00Z"
    left = ruling.object["extensions"][FIGURES]
    assert (left["accounts"], left["requests"], left["q_value"], left["techniques"][0]["share"]) == (100, 100_000_000, 0.0001, 0.6)


def test_an_indicator_stays_valid_after_its_times_are_cut() -> None:
    thing = {"type": "indicator", "pattern": "[domain-name:value = 'x.example']", "pattern_type": "stix"}
    times = {"valid_from": "2026-09-01T08:00:00Z", "valid_until": "2026-09-01T20:00:00Z"}
    left = Guard().examine({**thing, **times}).object
    assert left is not None and left["valid_from"] == "2026-09-01T00:00:00Z" and left["valid_until"] == "2026-09-02T00:00:00Z"


def test_identifiers_leave_only_as_tokens_of_the_kinds_that_the_profile_allows() -> None:
    def account(user: str) -> dict[str, Any]:
        return {
            "type": "user-account",
            "id": "user-account--1c9e5a0e-7b1f-5d2c-9a44-1f0f6b5f2d11",
            "user_id": user,
            "account_type": "stillwatch-token",
        }

    payment, email = TOKEN.replace("account-name", "payment-fingerprint"), TOKEN.replace("account-name", "email")
    passes = {
        profile: [Guard(profile).examine(account(each)).verdict for each in (TOKEN, payment, email)]
        for profile in ("strict", "member-standard", "operator-only")
    }
    assert passes == {
        "strict": ["released", "refused", "refused"],
        "member-standard": ["released", "released", "refused"],
        "operator-only": ["released", "released", "released"],
    }
    assert Guard("operator-only").examine(account("jane@mail.example")).object is None


def test_an_observable_stays_if_its_id_is_made_from_what_stays() -> None:
    thing = {
        "type": "user-account",
        "id": "user-account--1c9e5a0e-7b1f-5d2c-9a44-1f0f6b5f2d11",
        "user_id": TOKEN,
        "account_login": "jane",
    }
    assert Guard().examine(thing).against[-1].rule == "privacy/derived-id"


def test_texts_split_over_fields_are_read_together() -> None:
    ruling = Guard().examine(campaign(name="all providers", description="block them"))
    assert ruling.object is None and ruling.reasons[-1].rule == "antitrust/joint-action" and "split" in ruling.reasons[-1].why
    assert Guard().examine(campaign(labels=["jane.doe", "@", "mail.example"])).object is None


def test_texts_split_over_objects_stay_and_their_neighbours_leave() -> None:
    split = ["Relay seen in May.", "all providers", "must block them", "Seen again in June."]
    verdicts = [ruling.verdict for ruling in Guard().examine_bundle([campaign(name=text) for text in split])]
    assert verdicts == ["released", "refused", "refused", "released"]


def test_letters_spread_over_many_objects_are_found() -> None:
    things = [campaign(name=letter) for letter in "wewillallblockthem"]
    assert [ruling.verdict for ruling in Guard().examine_bundle(things)].count("refused") >= 2 * len(things) // 3


def test_reasons_do_not_repeat_what_stays() -> None:
    ruling = Guard().examine(campaign(**{"jane@mail.example": 1, "our_price_is_3_dollars_per_seat": 2, "x_harmless": 3}))
    said = " ".join(f"{reason.path} {reason.why}" for reason in ruling.reasons)
    assert "jane" not in said and "our_price" not in said and "x_harmless" in said


@pytest.mark.parametrize(
    ("day", "verdict"), [(date(2026, 9, 30), "released"), (date(2026, 10, 1), "redacted"), (date(2015, 12, 17), "redacted")]
)
def test_a_rule_relaxes_under_a_regime_only_within_its_dates(day: date, verdict: str) -> None:
    thing = campaign(description="Relay at 198.51.100.7 (synthetic).")
    assert Guard(regimes=[CISA], today=lambda: day).examine(thing).verdict == verdict
    assert Guard(today=lambda: day).examine(thing).verdict == "redacted"
    assert Guard(regimes=[Regime("cisa-2015")], today=lambda: day).examine(thing).verdict == "redacted"


def test_no_regime_relaxes_what_competitors_may_not_tell_each_other() -> None:
    assert {each.id for each in rules().values() if each.relaxed_by} == {"privacy/ip-address"}


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _ in range(depth):
        inner = {"a": inner}
    return inner


def cyclic() -> dict[str, Any]:
    thing = campaign()
    thing["labels"] = [thing]
    thing["extensions"] = {FIGURES: thing}
    return thing


class Strange(Mapping[str, Any]):
    """A mapping that is no dict."""

    def __getitem__(self, name: str) -> Any:
        return {"type": "campaign", "name": "Pool"}[name]

    def __iter__(self) -> Any:
        return iter(("type", "name"))

    def __len__(self) -> int:
        return 2


@pytest.mark.parametrize(
    ("thing", "verdict"),
    [
        ({}, "refused"),
        ("campaign", "refused"),
        (None, "refused"),
        ([], "refused"),
        ({"type": None}, "refused"),
        ({"type": ["campaign"]}, "refused"),
        ({"type": "campaign", "name": None}, "refused"),
        ({"type": "campaign", "name": {"a": 1}}, "refused"),
        ({"type": "campaign", "name": "\ud800"}, "refused"),
        ({"type": "campaign", "name": "x" * (LONGEST + 1)}, "refused"),
        (campaign(id="identity--1c9e5a0e-7b1f-4d2c-9a44-1f0f6b5f2d11"), "refused"),
        (campaign(id="campaign--not-an-id"), "refused"),
        (campaign(confidence=True), "redacted"),
        (campaign(confidence=101), "redacted"),
        (campaign(confidence=float("nan")), "redacted"),
        (campaign(revoked="yes"), "redacted"),
        (campaign(labels=[]), "redacted"),
        (campaign(labels="x"), "redacted"),
        (campaign(labels=[["x"]]), "redacted"),
        (campaign(labels=["x"] * 10_001), "refused"),
        (campaign(first_seen="2026-02-30T00:00:00Z"), "redacted"),
        (campaign(first_seen="0001-01-01T00:00:00Z"), "redacted"),
        (campaign(first_seen="9999-12-31T00:00:00Z"), "redacted"),
        (campaign(first_seen=1), "redacted"),
        (campaign(extensions={FIGURES: {"accounts": float("inf")}}), "redacted"),
        (campaign(extensions={FIGURES: {"accounts": -1}}), "redacted"),
        (campaign(extensions={FIGURES: {"accounts": 10**400}}), "redacted"),
        (campaign(extensions=nested(5000)), "redacted"),
        (campaign(x_deep=nested(5000)), "redacted"),
        (cyclic(), "redacted"),
        ({**campaign(), 7: "x", ("a",): "y"}, "redacted"),
        ({**campaign(), **{f"x_{i}": i for i in range(600)}}, "refused"),
        (Strange(), "released"),
    ],
)
def test_hostile_shapes_are_judged_without_a_crash(thing: Any, verdict: str) -> None:
    ruling = Guard().examine(thing)
    assert ruling.verdict == verdict and ruling.reasons


def test_a_hundred_thousand_relationships_with_nothing_to_read() -> None:
    thing = {"type": "relationship", "relationship_type": "uses", "source_ref": campaign()["id"], "target_ref": campaign()["id"]}
    assert {ruling.verdict for ruling in Guard().examine_bundle([thing] * 100_000)} == {"released"}


@pytest.mark.parametrize(
    "text",
    [
        "A" * LONGEST,
        "&#x41;" * 3000,
        "%25" * 6000,
        "a " * 9000,
        "V" * 19_999,
        "p.r.i.c.e " * 1900,
        "(((" * 6000,
        "1 " * 9999,
        "\u200b" * 9999,
    ],
)
def test_long_and_nasty_texts_are_judged_in_bounded_time(text: str) -> None:
    assert Guard().examine({"type": "extension-definition", "name": "x", "schema": text[:15_000]}).verdict in (
        "released",
        "refused",
    )
