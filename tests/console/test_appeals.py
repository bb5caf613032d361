"""Appeals in the console: taken in by a clerk, decided by those who may, told to everybody at once, tried again where it failed."""

from datetime import UTC, datetime

import msgspec
import pytest

from stillwatch.case.source import read_scan
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.membership import established

from .neighbours import INDICATOR, MemoryExchange, MemoryGateway, MemoryHub
from .world import Browser, desk_at

REASON = "The network serves many unrelated people"


@pytest.fixture
def desk(tmp_path):
    sources = {"gateway": MemoryGateway(), "hub": MemoryHub(), "exchange": MemoryExchange()}
    made = desk_at(tmp_path, sources=sources, cases=f"sqlite:///{tmp_path}/cases.sqlite")
    established(made.settings.config, datetime(2026, 11, 1, tzinfo=UTC), lambda said: None)
    scan = read_scan(made.settings.scan)
    made.cases.add(scan, "ann", datetime(2026, 11, 1, tzinfo=UTC), scan.campaigns[:1])
    for state in ("triaged", "confirmed"):
        made.cases.decide(1, state, "synthetic", "ann", datetime(2026, 11, 1, tzinfo=UTC))
    return made


def taken_in(desk, account=None):
    clerk = Browser(desk).signed_in("viewer")
    account = account or desk.result.campaigns[0].accounts[0]
    return clerk.post("/appeals", {"account": account, "said": "I only read the news (synthetic)."}).headers["location"][:10]


def upheld(desk, where, **more):
    return Browser(desk).signed_in("analyst").post(where, {"what": "uphold", "reason": REASON, "days": "30", **more})


def test_a_clerk_takes_it_in_and_decides_nothing(desk):
    where = taken_in(desk)
    clerk = Browser(desk).signed_in("viewer")
    assert clerk.post(where, {"what": "uphold", "reason": "x", "days": "30"}).status_code == 403
    assert clerk.json(where)["appeal"]["state"] == "open"
    assert INDICATOR in clerk.get(where).text


def test_an_upheld_appeal_is_told_to_everybody_at_once(desk):
    where = taken_in(desk)
    assert upheld(desk, where, **{"case-1": "reverse"}).headers["location"].endswith("said=cleared")
    told = Browser(desk).signed_in("viewer").json(where)
    assert {step["receiver"]: step["done"] for step in told["appeal"]["steps"]} == {
        "gateway": True, "other members": True, "case-1": True,
    }  # fmt: skip
    assert told["cleared"] and set(told["seconds"]) == {"gateway", "other members", "case-1"}
    (sent,) = desk.exchange.taken
    (said,) = [each for each in msgspec.json.decode(sent)["objects"] if each["type"] == "opinion"]
    assert (said["object_refs"], said["explanation"]) == ([INDICATOR], REASON)
    assert told["appeal"]["account"].encode() not in sent
    assert desk.gateway.settled and desk.cases.case(1).state == "reversed"
    with Ledger.read(desk.ledger_path) as ledger:
        assert [e.actor for e in ledger.entries(0, "appeal")] == ["analyst"]


def test_a_case_with_other_accounts_is_only_remarked_in_unless_it_is_to_be_reversed(desk):
    upheld(desk, taken_in(desk), **{"case-1": "remark"})
    assert desk.cases.case(1).state == "confirmed"
    assert REASON in desk.cases.file(1).comments[0].text


def test_what_fails_stays_with_its_reason_and_is_tried_again(desk):
    where = taken_in(desk)
    desk.gateway.failing = True
    assert upheld(desk, where).headers["location"].endswith("partly-cleared")
    page = Browser(desk).signed_in("analyst")
    assert "the folder is locked" in page.get(where).text
    desk.gateway.failing, desk.exchange.away = False, True
    page.post(where, {"what": "again", "days": "30"})
    desk.exchange.away = False
    page.post(where, {"what": "again", "days": "30"})
    assert page.json(where)["cleared"]
    assert len(desk.gateway.given) == 1


def test_under_dual_control_the_correction_waits_for_a_second_person(desk):
    config = desk.settings.config
    config.write_text("dual_control = true\n" + config.read_text())
    where = taken_in(desk)
    upheld(desk, where)
    analyst, counsel = (Browser(desk).signed_in(name) for name in ("analyst", "counsel"))
    waiting = next(step for step in analyst.json(where)["appeal"]["steps"] if step["receiver"] == "other members")
    assert not waiting["done"] and not desk.exchange.taken
    assert analyst.post(f"{waiting['link']}/approve").status_code == 403
    assert counsel.post(f"{waiting['link']}/approve", {"send": "1"}).status_code == 303
    analyst.post(where, {"what": "again", "days": "30"})
    assert analyst.json(where)["cleared"] and len(desk.exchange.taken) == 1


def test_a_reason_that_the_guard_refuses_clears_here_and_tells_nobody(desk):
    where = taken_in(desk)
    browser = Browser(desk).signed_in("analyst")
    browser.post(where, {"what": "uphold", "reason": "we will all block them together from Monday", "days": "30"})
    steps = {step["receiver"]: step["done"] for step in browser.json(where)["appeal"]["steps"]}
    assert steps == {"gateway": True, "other members": False} and not desk.exchange.taken


def test_two_people_decide_one_appeal_and_the_second_is_told(desk):
    where = taken_in(desk)
    upheld(desk, where)
    late = Browser(desk).signed_in("counsel").post(where, {"what": "reject", "reason": "synthetic"})
    assert late.status_code == 403 and "decided before" in late.text


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"what": "uphold", "reason": "", "days": "30"},
        {"what": "uphold", "reason": "x", "days": "0"},
        {"what": "uphold", "reason": "x", "days": "-1"},
        {"what": "again", "days": "30"},
        {"what": "nonsense"},
    ],
)
def test_a_forged_decision_is_refused_and_changes_nothing(desk, fields):
    where = taken_in(desk)
    browser = Browser(desk).signed_in("analyst")
    assert browser.post(where, fields).status_code == 400
    assert browser.json(where)["appeal"]["state"] == "open" and not desk.gateway.given


@pytest.mark.parametrize("fields", [{"account": "a"}, {"said": "s"}, {"account": "a", "said": " "}])
def test_an_appeal_without_account_or_words_is_refused(desk, fields):
    assert Browser(desk).signed_in("viewer").post("/appeals", fields).status_code == 400


def test_the_operator_opens_and_decides_at_the_hub_and_sees_the_times(desk):
    browser = Browser(desk).signed_in("counsel")
    where = browser.post("/hub/appeals", {"objects": INDICATOR, "because": REASON}).headers["location"].partition("?")[0]
    assert "2.5 s" in browser.get(where).text
    assert browser.post(where, {"what": "decide", "outcome": "upheld"}).status_code == 303
    assert browser.json(where)["appeal"]["outcome"] == "upheld"
    assert browser.post(where, {"what": "answer", "did": "x"}).status_code == 400
    assert browser.get("/hub/appeals/none").status_code == 400
    assert browser.get("/appeals").status_code == 200


def test_a_pardon_is_taken_back_with_a_reason(desk):
    browser = Browser(desk).signed_in("analyst")
    assert browser.post("/appeals/pardons", {"account": "a", "because": ""}).status_code == 400
    browser.post("/appeals/pardons", {"account": "a", "because": "our mistake"})
    assert desk.gateway.given == [("a", "our mistake", 0, "analyst")]
