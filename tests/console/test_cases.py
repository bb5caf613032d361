"""Cases in the console: merged, held, with attachments; two people at once; judged, dissented from, linked and named by two."""

import hashlib
from contextlib import closing
from datetime import UTC, datetime

import msgspec
import pytest

from stillwatch.case.cases import ATTACHMENT_BYTES
from stillwatch.case.source import read_scan
from stillwatch.sharing.ledger.ledger import Ledger

from .furnished import linkable
from .world import Browser, desk_at

OF_CASE = "/campaigns/campaign--00000000-0000-5000-8000-000000000001/attribution"
WHEN = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def bare(tmp_path):
    return desk_at(tmp_path, cases=f"sqlite:///{tmp_path}/cases.sqlite")


@pytest.fixture
def desk(bare):
    scan = read_scan(bare.settings.scan)
    bare.cases.add(scan, "ann", WHEN, scan.campaigns)
    return bare


def version(desk, number=1):
    return str(desk.cases.case(number).version)


def attach(browser, name="notes.html", content=b"<script>alert(1)</script>", seen="1", **more):
    fields = {"token": browser.token("/me"), "version": seen, **more}
    return browser.client.post("/cases/1/attachments", data=fields, files={"file": (name, content, "text/html")})


def test_an_attachment_goes_up_and_comes_down_to_be_saved_and_never_shown(desk):
    browser = Browser(desk).signed_in("analyst")
    assert attach(browser, name="../../notes ü.html").status_code == 303
    (found,) = browser.json("/cases/1")["file"]["attachments"]
    assert found["name"] == "notes ü.html"
    saved = browser.get(f"/cases/1/attachments/{found['id']}")
    assert saved.content == b"<script>alert(1)</script>"
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"] == "attachment; filename*=UTF-8''notes%20%C3%BC.html"
    assert "sandbox" in saved.headers["content-security-policy"] and saved.headers["x-content-type-options"] == "nosniff"
    assert browser.get("/cases/2/attachments/1").status_code == 404


@pytest.mark.parametrize(
    "content, status", [(b"", 400), (b"x" * (ATTACHMENT_BYTES + 1), 400), (b"x" * (ATTACHMENT_BYTES + 400_000), 413)]
)
def test_an_attachment_that_is_empty_or_too_large_is_refused(desk, content, status):
    answer = attach(Browser(desk).signed_in("analyst"), content=content)
    assert answer.status_code == status and "Traceback" not in answer.text
    assert desk.cases.case(1).version == 1


def test_strangers_and_viewers_upload_nothing(desk):
    assert attach(Browser(desk), content=b"x" * 300_000).status_code == 413
    assert attach(Browser(desk).signed_in("viewer")).status_code == 403


def test_an_upload_without_its_token_or_without_a_file_or_that_is_no_form_does_nothing(desk):
    browser = Browser(desk).signed_in("analyst")
    assert attach(browser, token="forged").status_code == 403
    assert browser.post("/cases/1/attachments", {"version": "1"}).status_code == 400
    broken = browser.client.post("/cases/1/attachments", content=b"--x\r\n", headers={"content-type": "multipart/form-data"})
    assert broken.status_code == 400
    assert desk.cases.case(1).version == 1


def test_only_counsel_sets_and_lifts_a_hold(desk):
    analyst, counsel = (Browser(desk).signed_in(name) for name in ("analyst", "counsel"))
    asked = {"what": "hold", "reason": "matter 7 (synthetic)", "version": "1"}
    assert analyst.post("/cases/1", asked).status_code == 403
    assert counsel.post("/cases/1", asked).status_code == 303
    (hold,) = counsel.json("/cases/1")["holds"]
    assert "matter 7" in analyst.get("/cases/1").text and desk.cases.case(1).held
    lift = {"what": "lift", "hold": hold["id"], "reason": "settled"}
    assert analyst.post("/cases/1", lift).status_code == 403
    assert counsel.post("/cases/1", lift).status_code == 303
    assert counsel.post("/cases/1", lift).status_code == 403
    assert not desk.cases.case(1).held


def test_a_case_takes_in_others(desk):
    browser = Browser(desk).signed_in("analyst")
    assert browser.post("/cases/1", {"what": "merge", "others": "2, x", "reason": "one", "version": "1"}).status_code == 400
    assert browser.post("/cases/1", {"what": "merge", "others": "1", "reason": "one", "version": "1"}).status_code == 403
    assert browser.post("/cases/1", {"what": "merge", "others": "2, case-3", "reason": "one", "version": "1"}).status_code == 303
    assert [case["number"] for case in browser.json("/cases/1")["file"]["merged"]] == [2, 3]
    assert "merged into" in browser.get("/cases/2").text
    late = browser.post("/cases/2", {"what": "decide", "state": "triaged", "reason": "late", "version": version(desk, 2)})
    assert late.status_code == 403


def test_of_two_people_at_once_the_second_is_told(desk):
    one, other = (Browser(desk).signed_in(name) for name in ("analyst", "counsel"))
    seen = version(desk)
    assert one.post("/cases/1", {"what": "assign", "assignee": "analyst", "version": seen}).status_code == 303
    for fields in (
        {"what": "assign", "assignee": "counsel"},
        {"what": "hold", "reason": "m"},
        {"what": "merge", "others": "2", "reason": "o"},
    ):
        assert other.post("/cases/1", fields | {"version": seen}).status_code == 409
    assert attach(other, seen=seen).status_code == 409
    assert desk.cases.case(1).assignee == "analyst"


def judged(browser, desk, hypothesis="reseller"):
    fields = {"hypothesis": hypothesis, "confidence": "low", "reason": "synthetic", "version": version(desk)}
    return browser.post("/cases/1/judge", fields)


def test_dissent_stands_beside_the_judgement_of_somebody_else(desk):
    analyst, counsel = (Browser(desk).signed_in(name) for name in ("analyst", "counsel"))
    said = {"hypothesis": "unknown", "reason": "Two stacks, many rhythms."}
    assert counsel.post("/cases/1/dissent", said | {"version": "1"}).status_code == 403
    assert judged(analyst, desk).status_code == 303
    assert analyst.post("/cases/1/dissent", said | {"version": version(desk)}).status_code == 403
    assert counsel.post("/cases/1/dissent", said | {"version": version(desk)}).status_code == 303
    assert judged(analyst, desk, "unknown").status_code == 303
    page = analyst.get(f"/campaigns/{desk.cases.case(1).campaign_id}/attribution").text
    assert "Two stacks, many rhythms." in page and "counsel" in page


def test_what_if_an_item_were_false_is_shown_and_changes_nothing(desk):
    browser = Browser(desk).signed_in("viewer")
    where = f"/campaigns/{desk.cases.case(1).campaign_id}/attribution"
    known = browser.json(where)
    item = known["assessment"]["items"][0]
    supposed = browser.json(f"{where}?false={item['id']}")
    before = {each["hypothesis"]["id"]: each["bits"] for each in known["weighed"]}
    after = {name: each["bits"] for name, each in supposed["supposed"]["weighed"].items()}
    assert after != before and supposed["weighed"] == known["weighed"]
    assert browser.get(f"{where}?false={item['id']}").status_code == 200
    assert browser.get(f"{where}?false=none").status_code == 404


@pytest.fixture
def network(bare):
    both = linkable()
    bare.cases.add(both, "ann", WHEN, both.campaigns)
    (actor,) = bare.cases.link("us", [], "ann", WHEN)
    return f"/networks/{actor.id}"


def test_a_name_stands_only_once_a_second_person_has_agreed(bare, network):
    analyst, counsel = (Browser(bare).signed_in(name) for name in ("analyst", "counsel"))

    def act(browser, what, **more):
        seen = browser.json(network)
        naming = seen["network"]["namings"][-1] if seen["network"]["namings"] else {"organisation": "", "at": ""}
        known = {"organisation": naming["organisation"], "at": naming["at"], "version": seen["version"], "reason": "synthetic"}
        return browser.post(network, known | {"what": what} | more).status_code

    assert act(analyst, "propose", organisation="Synthetic Example Org", reason="") == 400
    assert act(analyst, "propose", organisation="Synthetic Example Org") == 303
    assert act(analyst, "agree") == 403
    assert "Nobody is named" in analyst.get(network).text
    assert act(counsel, "agree", version="1") == 409
    assert act(counsel, "agree") == 303
    assert "Named by two people" in analyst.get(network).text
    assert act(counsel, "decline") == 400
    assert act(analyst, "withdraw") == 303
    assert "Nobody is named" in analyst.get(network).text and "Synthetic Example Org" in analyst.get(network).text
    assert analyst.get("/attribution").status_code == 200 and act(analyst, "nonsense") == 400


def test_campaigns_are_linked_from_the_board_and_viewers_link_nothing(desk):
    assert Browser(desk).signed_in("viewer").post("/networks").status_code == 403
    assert Browser(desk).signed_in("analyst").post("/networks").status_code == 303
    assert msgspec.json.encode(Browser(desk).signed_in("viewer").json("/attribution")["actors"])


NEW_ITEM = {
    "statement": "Its bills were paid by a known reseller (synthetic).",
    "source": "payments, batch 7",
    "reliability": "A",
    "credibility": "2",
    "for": "reseller",
    "bits": "3",
}
JUDGED = {"hypothesis": "reseller", "confidence": "moderate", "reason": "synthetic", "version": "1"}


def test_an_item_of_evidence_is_entered_with_the_judgement_that_rests_on_it(desk):
    browser = Browser(desk).signed_in("analyst")
    before = {each["hypothesis"]["id"]: each["bits"] for each in browser.json(OF_CASE)["weighed"]}["reseller"]
    assert browser.post("/cases/1/judge", JUDGED | NEW_ITEM).status_code == 303
    after = browser.json(OF_CASE)
    assert after["assessment"]["items"][-1]["statement"] == NEW_ITEM["statement"]
    assert after["assessment"]["items"][-1]["group"] == "payments, batch 7"
    assert after["weighed"][0]["hypothesis"]["id"] == "reseller" and after["sensitivity"]["leader"] == "reseller"
    assert 2 < after["weighed"][0]["bits"] - before < 3, "the grade bounds what it weighs"
    assert "payments, batch 7" in browser.get(OF_CASE).text


@pytest.mark.parametrize(
    "wrong", [{"source": ""}, {"bits": "much"}, {"bits": "inf"}, {"for": "unknown"}, {"for": "nobody"}, {"credibility": "9"}]
)
def test_an_item_that_cannot_be_weighed_changes_nothing(desk, wrong):
    answer = Browser(desk).signed_in("analyst").post("/cases/1/judge", JUDGED | NEW_ITEM | wrong)
    assert answer.status_code == 400 and "Traceback" not in answer.text
    assert desk.cases.case(1).version == 1


def test_an_item_that_does_not_hold_is_struck_with_a_reason(desk):
    browser = Browser(desk).signed_in("analyst")
    name = browser.json(OF_CASE)["assessment"]["items"][0]["id"]
    assert browser.post("/cases/1/judge", JUDGED | {"strike": name}).status_code == 400
    assert browser.post("/cases/1/judge", JUDGED | {"strike": "none", "strike_because": "x"}).status_code == 400
    assert browser.post("/cases/1/judge", JUDGED | {"strike": name, "strike_because": "The clock was wrong."}).status_code == 303
    assert browser.json(OF_CASE)["assessment"]["items"][0]["struck"] == "The clock was wrong."


@pytest.mark.parametrize("form, start", [("pdf", b"%PDF"), ("html", b"<!doctype html>"), ("json", b"{")])
def test_a_dossier_is_made_saved_and_recorded(desk, form, start):
    answer = Browser(desk).signed_in("counsel").post("/cases/1/dossier", {"form": form})
    assert answer.content.startswith(start) and f"case-1.{form}" in answer.headers["content-disposition"]
    with closing(Ledger.read(desk.ledger_path)) as ledger:
        (entry,) = [each for each in ledger.entries() if each.kind == "export"]
    assert (entry.actor, entry.subject) == ("counsel", "case-1")
    assert entry.details["files"] == {f"case-1.{form}": hashlib.sha256(answer.content).hexdigest()}


def test_a_dossier_of_no_case_or_no_form_is_a_clear_page(desk):
    browser = Browser(desk).signed_in("analyst")
    assert browser.post("/cases/99/dossier", {"form": "pdf"}).status_code == 404
    assert browser.post("/cases/1/dossier", {"form": "exe"}).status_code == 400
    assert Browser(desk).signed_in("viewer").post("/cases/1/dossier", {"form": "pdf"}).status_code == 403
