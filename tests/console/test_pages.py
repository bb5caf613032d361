"""The pages: what they show, their twins, what is missing."""

import json
import re
from datetime import UTC, datetime

import pytest

from stillwatch.console.web.conduct import POLICY
from stillwatch.console.web.rendering import NAVIGATION, part_of
from stillwatch.console.web.routes import ROUTES
from stillwatch.sharing.ledger.ledger import Ledger

from .neighbours import MemoryLogs
from .world import Browser, desk_at

ONE = "/campaigns/campaign--00000000-0000-5000-8000-000000000001"
PAGES = ["/overview", "/campaigns", ONE, f"{ONE}/share", f"{ONE}/attribution", "/accounts", "/account?id=acct-synthetic-alone",
         "/cases", "/attribution", "/shares", "/ledger", "/me"]  # fmt: skip


@pytest.fixture
def desk(tmp_path):
    made = desk_at(tmp_path, sources={"logs": MemoryLogs()}, cases=f"sqlite:///{tmp_path}/cases.sqlite")
    Ledger.open(made.ledger_path).close()
    return made


@pytest.fixture
def member(desk):
    from stillwatch.sharing.release.membership import established

    established(desk.settings.config, datetime(2026, 11, 1, tzinfo=UTC), lambda said: None)
    return desk


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_a_twin_and_the_policy(desk, address):
    browser = Browser(desk).signed_in("admin")
    page = browser.get(address)
    assert page.status_code == 200, page.text[-800:]
    assert page.headers["content-security-policy"] == POLICY
    assert page.headers["cache-control"] == "no-store"
    assert "<style" not in page.text and " style=" not in page.text and "<script>" not in page.text
    path, _, query = address.partition("?")
    assert browser.json(address) == browser.get(f"{path}.json?{query}").json()


@pytest.mark.parametrize("address", ["/feed", "/hub", "/gateway", "/appeals", "/campaigns/none", "/account?id=none", "/none"])
def test_what_is_not_there_is_a_clear_page(desk, address):
    answer = Browser(desk).signed_in("viewer").get(address)
    assert answer.status_code in (404, 503)
    assert "<h1>" in answer.text and "Traceback" not in answer.text


@pytest.mark.parametrize("content", [None, b"", b"{", b'{"schema": "other/1"}', b"\xff\xfe", b"[" * 100_000])
def test_a_missing_or_half_written_scan_is_a_clear_page(desk, content):
    browser = Browser(desk).signed_in("viewer")
    path = desk.settings.scan / "campaigns.json"
    path.unlink() if content is None else path.write_bytes(content)
    answer = browser.get("/campaigns")
    assert answer.status_code == 503
    assert "stillwatch scan" in answer.text and "Traceback" not in answer.text


def test_damaged_accounts_and_details_are_clear_pages(desk):
    browser = Browser(desk).signed_in("viewer")
    (desk.settings.scan / "accounts.parquet").write_bytes(b"PAR1 no")
    assert browser.get("/accounts").status_code == 503
    (desk.settings.scan / "details.jsonl").write_bytes(b"{")
    (desk.settings.scan / "campaigns.json").touch()
    assert browser.get(ONE).status_code == 503


def test_the_graph_and_the_timeline_are_data(desk):
    browser = Browser(desk).signed_in("viewer")
    graph = browser.json(f"{ONE}/graph.json")
    assert sum(node["kind"] == "account" for node in graph["nodes"]) == 40
    assert {end for edge in graph["edges"] for end in edge} <= {node["id"] for node in graph["nodes"]}
    assert browser.json(f"{ONE}/timeline.json")["bins"]


def test_campaigns_are_filtered_sorted_and_paged(desk):
    browser = Browser(desk).signed_in("viewer")
    assert [c["severity"] for c in browser.json("/campaigns.json?severity=medium")["campaigns"]] == ["medium"]
    assert [c["accounts"] for c in browser.json("/campaigns.json?sort=accounts&order=up")["campaigns"]] == [5, 9, 40]
    assert browser.json("/campaigns.json?page=999999999999&sort=x&least_accounts=-1")["total"] == 3


def test_text_is_masked_and_the_look_recorded_first(desk):
    browser = Browser(desk).signed_in("analyst")
    assert browser.post(f"{ONE}/samples", {"why": ""}).status_code == 400
    shown = browser.post(f"{ONE}/samples", {"why": "synthetic check"}).text
    assert "about ## pears" in shown and "ada@" not in shown
    with Ledger.read(desk.ledger_path) as ledger:
        assert [(e.kind, e.actor, e.details["because"]) for e in ledger.entries()] == [("text-read", "analyst", "synthetic check")]


def test_a_preview_begins_with_the_campaign(member):
    shown = Browser(member).signed_in("analyst").get(f"{ONE}/share").text
    assert re.findall("</h2> <code>([a-z-]+)</code></summary>", shown)[0] == "campaign"


def test_a_share_leaves_as_it_was_seen(member):
    analyst = Browser(member).signed_in("analyst")
    where = analyst.post(f"{ONE}/share").headers["location"].partition("?")[0]
    assert analyst.get(where).status_code == 200
    assert analyst.post(f"{where}/approve").status_code == 303
    assert analyst.post(f"{where}/approve").status_code == 403
    written = next(member.settings.outbox.glob("*.json")).read_bytes()
    assert json.loads(written) == analyst.json(where)["bundle"]
    with Ledger.read(member.ledger_path) as ledger:
        assert {"approval", "release"} <= {entry.kind for entry in ledger.entries()}


def test_under_dual_control_the_proposer_does_not_approve(member):
    config = member.settings.config
    config.write_text("dual_control = true\n" + config.read_text())
    analyst, counsel = (Browser(member).signed_in(name) for name in ("analyst", "counsel"))
    where = analyst.post(f"{ONE}/share").headers["location"].partition("?")[0]
    assert analyst.post(f"{where}/approve").status_code == 403
    assert not member.settings.outbox.exists()
    assert counsel.post(f"{where}/approve").status_code == 303
    assert analyst.json(where)["share"]["approver"] == "counsel"


def test_a_case_is_opened_judged_and_decided_and_a_stale_change_refused(desk):
    browser = Browser(desk).signed_in("analyst")
    campaign_id = ONE.rpartition("/")[2]
    where = browser.post("/cases", {"campaign": campaign_id}).headers["location"].partition("?")[0]
    version = browser.json(where)["file"]["case"]["version"]
    fields = {"hypothesis": "unknown", "confidence": "low", "reason": "synthetic", "version": version}
    assert browser.post(f"{where}/judge", fields).status_code == 303
    stale = browser.post(where, {"what": "comment", "text": "late", "version": version})
    assert stale.status_code == 409 and "changed meanwhile" in stale.text
    assert browser.get("/cases/99").status_code == 404
    assert browser.post(where, {"what": "comment", "text": "seen", "version": version + 1}).status_code == 303
    assert browser.get(where).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"what": "decide", "state": "nonsense", "reason": "synthetic", "version": "1"},
        {"what": "comment", "text": "synthetic", "version": "many"},
        {"what": "nonsense", "version": "1"},
    ],
)
def test_a_forged_change_of_a_case_is_refused_and_changes_nothing(desk, fields):
    browser = Browser(desk).signed_in("analyst")
    where = browser.post("/cases", {"campaign": ONE.rpartition("/")[2]}).headers["location"].partition("?")[0]
    answer = browser.post(where, fields)
    assert answer.status_code in (400, 409) and "Traceback" not in answer.text
    assert browser.json(where)["file"]["case"]["version"] == 1


def test_a_store_of_cases_that_is_gone_is_a_clear_page(desk):
    browser = Browser(desk).signed_in("analyst")
    assert browser.get("/cases").status_code == 200
    for file in desk.settings.ledger.parent.glob("cases.sqlite*"):
        file.unlink()
    answer = browser.get("/cases")
    assert answer.status_code == 503 and "gone" in answer.text


def test_the_ledger_says_whether_it_is_sound(desk):
    browser = Browser(desk).signed_in("viewer")
    assert "Sound" in browser.get("/ledger?verify=1").text
    desk.ledger_path.write_bytes(b"gone")
    assert browser.get("/ledger").status_code == 503


@pytest.mark.parametrize("stop", [each for each in ROUTES if each.method == "GET" and each.right], ids=lambda stop: stop.path)
def test_every_address_belongs_to_a_part_that_the_navigation_has(stop):
    assert part_of(stop.path.removesuffix(".json")) in {*NAVIGATION, "/users", "/me"}


def test_a_page_marks_where_one_is_and_says_whose_console_it_is(member):
    lines = [line for line in member.settings.config.read_text("utf-8").splitlines() if not line.startswith("name")]
    member.settings.config.write_text("\n".join(['name = "Synthetic provider <b>"', *lines]), "utf-8")
    page = Browser(member).signed_in("viewer").get(f"{ONE}/attribution").text
    assert re.findall(r'<a href="([^"]+)" aria-current="page">', page) == ["/attribution"]
    assert "Synthetic provider &lt;b&gt;" in page


def test_the_way_of_a_campaign_is_told_on_its_page(member):
    browser = Browser(member).signed_in("admin")
    assert browser.json(ONE)["course"]["case"] is None and "Open a case" in browser.get(ONE).text
    browser.post("/cases", {"campaign": ONE.rpartition("/")[2]})
    browser.post("/cases/1/judge", {"hypothesis": "reseller", "confidence": "low", "reason": "synthetic", "version": "1"})
    sha = browser.post(f"{ONE}/share").headers["location"].partition("?")[0].rpartition("/")[2]
    told = browser.json(ONE)["course"]
    assert (told["case"]["number"], told["judgement"]["hypothesis"]) == (1, "reseller")
    assert (told["share"]["sha256"], told["share"]["state"], told["outbox"]) == (sha, "waiting", False)
    assert browser.json(f"/shares/{sha}")["course"] == told == browser.json("/cases/1")["course"]


def test_a_campaign_is_shown_while_the_cases_are_gone(desk):
    browser = Browser(desk).signed_in("analyst")
    assert browser.get("/cases").status_code == 200
    for file in desk.settings.users.parent.glob("cases.sqlite*"):
        file.unlink()
    page = browser.get(ONE)
    assert page.status_code == 200 and "the store of cases is gone" in page.text


def test_what_a_script_fetches_is_compressed_and_a_page_with_its_token_is_not(desk):
    browser = Browser(desk).signed_in("viewer")
    graph = browser.get(f"{ONE}/graph.json", **{"accept-encoding": "gzip"})
    assert graph.headers["content-encoding"] == "gzip" and len(graph.json()["nodes"]) > 40
    assert "content-encoding" not in browser.get(f"{ONE}/graph.json", **{"accept-encoding": "identity"}).headers
    assert "content-encoding" not in browser.get(ONE, **{"accept-encoding": "gzip"}).headers


def test_the_overview_says_what_waits_for_a_person(member):
    browser = Browser(member).signed_in("admin")
    assert browser.json("/overview")["waiting"] == {"new cases": 0, "shares": 0, "appeals": 0}
    browser.post("/cases", {"campaign": ONE.rpartition("/")[2]})
    browser.post(f"{ONE}/share")
    member.appeals.open("acct-a", "synthetic", "admin", 1)
    assert browser.json("/overview")["waiting"] == {"new cases": 1, "shares": 1, "appeals": 1}
    page = browser.get("/overview").text
    assert "new case<" in page and "share to approve<" in page and "appeal to decide<" in page
    for file in member.settings.users.parent.glob("cases.sqlite*"):
        file.unlink()
    assert browser.json("/overview")["waiting"] == {"shares": 1, "appeals": 1}
