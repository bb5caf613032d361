"""The pages: what they show, their twins, hostile text, what is missing."""

import json
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from stillwatch.campaigns.campaign import Campaigns
from stillwatch.console.web.conduct import POLICY
from stillwatch.sharing.ledger.ledger import Ledger
from tests.campaigns.report.synthetic import poisoned_result, run
from tests.campaigns.report.test_page import HOSTILE, Skeleton
from tests.case.synthetic import campaign, scan_of

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


class TellingEverywhere:
    """A gateway and a hub that say one text wherever they say something."""

    def __init__(self, text):
        self.text = text

    def status(self):
        return {"in_force": False, "because": self.text, "url": self.text, "answers": False, "changes": {"x": self.text}}

    def decisions(self):
        row = ("account_id", "gateway_action", "gateway_rule", "gateway_reason", "ts")
        return iter([dict.fromkeys(row, self.text)])

    def pardons(self):
        return [{"account_id": self.text, "by": self.text, "because": self.text, "until": 1}]

    def trace(self, stix_id):
        return [dict.fromkeys(("member", "delivered", "how", "confirmed", "because"), self.text)]

    operates = True

    def explain(self, account):
        evidence = [{"kind": self.text, "origin": self.text, "id": self.text, "shared": True, "confidence": 60}]
        recent = [dict.fromkeys(("ts", "gateway_action", "gateway_rule", "gateway_reason"), self.text)]
        return {"grade": self.text, "mode": self.text, "plan": self.text, "pardon": {"by": self.text, "because": self.text},
                "evidence": evidence, "cited": evidence, "recent": recent, "counters": {"requests": 3.0},
                "decision": {"reason": self.text}}  # fmt: skip

    def appeals(self):
        return [self.appeal("appeal--1")]

    def appeal(self, name):
        members = [
            dict.fromkeys(("member", "what"), self.text) | dict.fromkeys(("told", "seconds_to_confirm", "seconds_to_answer"))
        ]
        return {"id": "appeal--1", "because": self.text, "objects": [self.text], "outcome": None, "decided": None,
                "opened": "2026-11-01T00:00:00.000000Z", "members": members, "notices": []}  # fmt: skip


def shown_with(text, folder):
    """The markup of every kind of page, with one text in all that others can write."""
    result, details = poisoned_result(text)
    told = TellingEverywhere(text)
    url = f"sqlite:///{folder}/cases.sqlite"
    desk = desk_at(
        folder,
        scan=(Campaigns(run(), list(result.campaigns), result.explained), details.values()),
        sources={"gateway": told, "hub": told},
        cases=url,
    )
    with Ledger.open(desk.ledger_path) as ledger:
        ledger.append("decision", storable(text), {"why": storable(text)}, storable(text), datetime(2026, 11, 1, tzinfo=UTC))
    scan = scan_of(campaign(1))
    (case,) = desk.cases.add(scan, "ann", datetime(2026, 11, 1, tzinfo=UTC), scan.campaigns)
    desk.cases.comment(case.number, storable(text), storable(text), datetime(2026, 11, 1, tzinfo=UTC))
    desk.cases.decide(case.number, "triaged", storable(text), "ann", datetime(2026, 11, 1, tzinfo=UTC))
    desk.cases.attach(case.number, storable(text) or "x", "text/html", b"x", "ann", datetime(2026, 11, 1, tzinfo=UTC))
    desk.appeals.open(storable(text) or "x", storable(text) or "x", storable(text), 1)
    desk.appeals.note(1, storable(text), done=False, told=storable(text))
    browser = Browser(desk).signed_in("admin")
    asked = quote(text.encode("utf-8", "replace"))
    addresses = ["/overview", "/campaigns", f"/campaigns?text={asked}", f"/account?id={asked}", "/gateway", f"/gateway?account={asked}",
                 "/appeals", f"/appeals?account={asked}", "/hub", f"/hub?trace={asked}", "/ledger", f"/ledger?kind={asked}",
                 "/cases", f"/cases?text={asked}", f"/cases/{case.number}", "/attribution", f"/shares/{asked}", "/appeals/1", "/hub/appeals/appeal--1",
                 f"/gateway/account?id={asked}"]  # fmt: skip
    return {address.partition("?")[0]: Skeleton(browser.get(address).text) for address in addresses}


def storable(text):
    """What of a text the ledger and the store of cases take."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


@pytest.mark.parametrize("payload", HOSTILE[:-1])  # the last cannot stand in a file of UTF-8
def test_hostile_text_stays_text(tmp_path, payload):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    hostile, honest = shown_with(payload, tmp_path / "a"), shown_with("harmless", tmp_path / "b")
    for seen, known in zip(hostile.values(), honest.values(), strict=True):
        assert seen.tags <= known.tags | {"nav"}
        assert seen.attributes <= known.attributes
        assert all(link.startswith(("/", "#", "data:,")) and not link.startswith("//") for link in seen.links)


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
