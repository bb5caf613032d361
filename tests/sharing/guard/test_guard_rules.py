"""Rules, regimes, holds, and the words and concepts behind the rules."""

from datetime import UTC, date, datetime, timedelta

import pytest

from stillwatch.sharing.guard.concepts import catalogue, concepts_in
from stillwatch.sharing.guard.customer import names_customer
from stillwatch.sharing.guard.examination import DETECTORS
from stillwatch.sharing.guard.hold import Hold, may_delete
from stillwatch.sharing.guard.letters import folded
from stillwatch.sharing.guard.regime import Regime, regime_in_force
from stillwatch.sharing.guard.rule import rules
from stillwatch.sharing.guard.words import vocabulary

NOW = datetime(2026, 10, 15, tzinfo=UTC)


def test_every_rule_has_a_title_and_a_basis_and_whatever_finds_cites_one() -> None:
    assert all(rule.title and rule.basis for rule in rules().values())
    assert {concept.rule for concept in catalogue()} | {detector.rule for detector in DETECTORS} <= rules().keys()


@pytest.mark.parametrize(
    ("since", "until", "held"),
    [
        (None, None, False),
        (date(2026, 1, 1), None, False),
        (None, date(2027, 1, 1), False),
        (date(2026, 1, 1), date(2026, 12, 31), True),
    ],
)
def test_a_regime_is_in_force_only_with_both_dates(since: date | None, until: date | None, held: bool) -> None:
    regime = Regime("x", since, until)
    assert regime.in_force(NOW.date()) is held
    assert regime_in_force(["x"], [regime], NOW.date()) == (regime if held else None)
    assert regime_in_force(["y"], [regime], NOW.date()) is None


def test_a_hold_stops_every_deletion_in_its_scope_until_it_is_released() -> None:
    everything = Hold("synthetic matter", since=NOW)
    cases = Hold("synthetic matter", since=NOW, scope="case/")
    released = Hold("synthetic matter", since=NOW, released=NOW + timedelta(days=1))
    assert not may_delete(everything, "ledger/1", NOW) and not may_delete([cases, released], "case/1", NOW + timedelta(days=9))
    assert (
        may_delete(cases, "ledger/1", NOW)
        and may_delete(released, "ledger/1", NOW + timedelta(days=1))
        and may_delete(None, "x", NOW)
    )
    assert "synthetic matter" in may_delete(everything, "ledger/1", NOW).why


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("price list", {"price", "price_strong"}),
        ("Preisliste", {"price", "price_strong"}),
        ("我们的价格", {"own", "we", "plural", "price"}),
        ("12 March", {"when"}),
        ("priceless", set()),
    ],
)
def test_words_are_known_in_their_forms(text: str, kinds: set[str]) -> None:
    known = vocabulary()
    found = {kind for hit in known.hits(folded(text)) for kind in known.names(hit.kinds)}
    assert found == kinds


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("prices", None),
        ("raise prices", "antitrust/price"),
        ("block together with the proxies", None),
        ("all labs block", "antitrust/joint-action"),
        ("all labs were told. nothing else happened. it was quiet. then it went on. one may block them", None),
        ("margin of error", None),
        ("gross margin", "antitrust/cost"),
    ],
)
def test_concepts_need_their_words_near_each_other(text: str, rule: str | None) -> None:
    assert concepts_in(text) == ({rule} if rule else set())


def test_a_long_row_of_names_is_read_once() -> None:
    assert not names_customer("Synthetically Capitalised Networkish " * 80)
