"""The catalogue of hostile text on every kind of page: in all that others can write, and it stays text."""

import re
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import quote

import msgspec
import pytest

from stillwatch.attribution.naming import propose
from stillwatch.campaigns.campaign import Campaigns, Scaffold
from stillwatch.sharing.feed.held import Held
from stillwatch.sharing.feed.store import FeedStore
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.membership import established
from tests.campaigns.report.synthetic import campaign, detail, poisoned, poisoned_result, run
from tests.campaigns.report.test_page import HOSTILE, Skeleton

from .furnished import ONE, linkable, made
from .neighbours import INDICATOR, MemoryExchange
from .world import Browser, desk_at

WHEN = datetime(2026, 11, 1, tzinfo=UTC)
SHOWN_AT_TIMES = {("p", "role"), ("p", "class")}
"""Attributes of a refusal or a remark, which stands on a page only if there is something to say."""


class TellingEverywhere:
    """A gateway, a hub and logs that say one text wherever they say something."""

    def __init__(self, text):
        self.text = text

    def status(self):
        return {"in_force": False, "because": self.text, "url": self.text, "answers": False, "changes": {"x": self.text}}

    def decisions(self):
        row = ("account_id", "gateway_action", "gateway_rule", "gateway_reason", "ts")
        return iter([dict.fromkeys(row, self.text) | {"gateway_enforced": False}])

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

    def policy(self):
        return self.text

    def check_policy(self, policy):
        """Every text is one."""

    def replay(self, policy):
        hit = dict.fromkeys(("account_id", "plan", "rule", "reason", "first"), self.text) | {"grade": "block"}
        counts = {"requests": 3, "accounts": 2, "untouched": 1, "refused": 0}
        hits = [hit | {"requests": 3, "after": 1, "refused": 0}]
        return {**counts, "by_grade": {self.text: 3}, "hits": hits if policy == "tried" else []}

    makes_tokens = False

    def traces_of(self, campaign, now):
        return SimpleNamespace(clients=list, networks=list)

    def requests_of(self, accounts, most, now):
        return [dict.fromkeys(("request_id", "account_id", "ts", "model", "system_prompt", "prompt"), self.text)]


def shown_with(text, folder):
    """The markup of every kind of page, with one text in all that others can write; the last is that of a refusal."""
    folder.mkdir()
    told, kept = TellingEverywhere(text), storable(text)
    sources = {"gateway": told, "hub": told, "logs": told, "exchange": MemoryExchange()}
    places = {"cases": f"sqlite:///{folder}/cases.sqlite", "feed": folder / "feed.sqlite", "requests": ("logs/",)}
    desk = desk_at(folder, scan=scan_with(text), sources=sources, **places)
    established(desk.settings.config, WHEN, lambda said: None)
    with Ledger.open(desk.ledger_path) as ledger:
        ledger.append("decision", kept, {"why": kept}, kept, WHEN)
    network = fill_cases(desk.cases, kept)
    desk.appeals.open(kept, kept, kept, 1)
    desk.appeals.note(1, kept, done=False, told=kept)
    fill_feed(desk.settings.feed, kept)
    browser = Browser(desk).signed_in("admin")
    replay = made(browser.post("/gateway/replays", {"policy": "tried"}))
    while desk.replays.find(1).unfinished:
        time.sleep(0.01)
    asked = quote(text.encode("utf-8", "replace"))
    addresses = ["/overview", "/campaigns", f"/campaigns?text={asked}", ONE, f"{ONE}/share", f"{ONE}/attribution",
                 f"/account?id={asked}", "/accounts", "/gateway", f"/gateway?account={asked}", f"/gateway/account?id={asked}",
                 "/gateway/replays", replay, "/appeals", f"/appeals?account={asked}", "/appeals/1", "/hub", f"/hub?trace={asked}",
                 "/hub/appeals/appeal--1", "/ledger", f"/ledger?kind={asked}", "/cases", f"/cases?text={asked}", "/cases/1", "/cases/2",
                 "/attribution", network, "/shares", f"/shares/{asked}", "/feed", f"/feed?type={asked}", f"/feed/{INDICATOR}",
                 f"/feed/{INDICATOR}/opinion?says=disputed&because={asked}", f"/feed/{asked}/opinion?says={asked}"]  # fmt: skip
    answers = [browser.get(address) for address in addresses]
    answers.append(browser.post(f"{ONE}/samples", {"why": kept}))
    said = {"says": "disputed", "because": kept}
    proposed = browser.post(f"/feed/{INDICATOR}/opinion", said), browser.post(f"{ONE}/share", {"traces": "1"})
    answers += [each if each.status_code == 403 else browser.get(made(each)) for each in proposed]
    assert all(answer.status_code < 500 for answer in answers)
    return [Skeleton(answer.text) for answer in [*answers, browser.get("/shares/none")]]


def scan_with(text):
    """A scan with a campaign in which every text is this one, and another that can be shared."""
    result, details = poisoned_result(text)
    of = campaign(1, 20, scaffolds=[Scaffold("swf1:0169dfaa00e5ccec.01a1d826d2073b12", 0.6, 20, text)])
    said = {name: poisoned(getattr(of, name), text) for name in ("accounts", "org_ids", "alternatives")}
    proper = msgspec.structs.replace(of, evidence=[msgspec.structs.replace(e, statement=text) for e in of.evidence], **said)
    known = msgspec.structs.replace(details[text], campaign_id=of.id, timeline=detail(of).timeline)
    return Campaigns(run(), [*result.campaigns, proper], result.explained), [*details.values(), known]


def fill_cases(cases, text):
    """Two cases with everything that people write into them; the address of their network."""
    scan = linkable(text)
    cases.add(scan, "ann", WHEN, scan.campaigns)
    cases.comment(1, text, text, WHEN)
    cases.decide(1, "triaged", text, "ann", WHEN)
    cases.attach(1, text, text, b"x", "ann", WHEN)
    cases.hold(1, text, "ann", WHEN)
    cases.retitle(2, text, "ann", WHEN)
    cases.assign(2, text, "ann", WHEN)
    (actor,) = cases.link("us", [], "ann", WHEN)
    cases.name(actor.id, propose(text, text, "ann", WHEN), "ann", WHEN)
    return f"/networks/{actor.id}"


def fill_feed(path, text):
    """A feed as if the border had let everything in: an indicator and another object, with opinions, in the words of others."""
    moment = "2026-11-01T00:00:00.000Z"
    about = {"spec_version": "2.1", "created": moment, "modified": moment}
    view = {"type": "opinion", "id": f"opinion--{INDICATOR[-36:]}", "opinion": "disagree", "object_refs": [INDICATOR]}
    things = [
        {"type": "indicator", "id": INDICATOR, "name": text, "description": text, "pattern": text, "pattern_type": "stix",
         "valid_from": moment},
        {"type": "x-synthetic", "id": f"x-synthetic--{INDICATOR[-36:]}", "name": text},
        view | {"explanation": text},
    ]  # fmt: skip
    with FeedStore.open(path) as store, store.writing():
        for thing in things:
            words = msgspec.json.encode(thing | about).decode()
            store.put(Held(thing["id"], text, thing["type"], WHEN, False, words, WHEN, text))


def storable(text):
    """What of a text the ledger, the store of cases and the feed take."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    return shown_with("harmless", tmp_path_factory.mktemp("honest") / "console")


@pytest.mark.parametrize("payload", HOSTILE[:-1])  # the last cannot stand in a file of UTF-8
def test_hostile_text_stays_text(tmp_path, honest, payload):
    refusal = honest[-1]
    for seen, known in zip(shown_with(payload, tmp_path / "console"), honest, strict=True):
        assert seen.tags <= known.tags | refusal.tags
        assert seen.attributes <= known.attributes | refusal.attributes | SHOWN_AT_TIMES
        assert [link for link in seen.links if not link.startswith(("/", "#", "?", "data:,")) or link.startswith("//")] == []


@pytest.mark.parametrize("payload", HOSTILE[:-1])
def test_an_attachment_of_any_name_is_handed_out_to_be_saved(tmp_path, payload):
    desk = desk_at(tmp_path, cases=f"sqlite:///{tmp_path}/cases.sqlite")
    scan = linkable()
    desk.cases.add(scan, "ann", WHEN, scan.campaigns)
    found = desk.cases.attach(1, storable(payload), "text/html", b"<script>alert(1)</script>", "ann", WHEN)
    saved = Browser(desk).signed_in("viewer").get(f"/cases/1/attachments/{found.id}")
    assert saved.headers["content-type"] == "application/octet-stream"
    name = saved.headers["content-disposition"].removeprefix("attachment; filename*=UTF-8''")
    assert re.fullmatch("[A-Za-z0-9._~%-]+", name)
