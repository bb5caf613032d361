"""A console in which every page has something to show: cases, a network with names, a feed, shares, replays, appeals, a hub."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from stillwatch.campaigns.campaign import Campaigns, Scaffold
from stillwatch.campaigns.detail import Detail
from stillwatch.case.source import Scan
from stillwatch.console.desk import Desk
from stillwatch.sharing.feed.arrival import Border, arrive
from stillwatch.sharing.feed.store import FeedStore
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.membership import established
from tests.campaigns.report.synthetic import campaign, detail, explained, run
from tests.case.synthetic import campaign as alike
from tests.case.synthetic import scan_of
from tests.sharing.feed.border import ADA, BEN, GUARD, NOW, ring
from tests.sharing.stix.disclosed import disclosure

from .neighbours import INDICATOR, POLICY, MemoryExchange, MemoryGateway, MemoryHub, MemoryLogs
from .world import Browser, desk_at

WHEN = datetime(2026, 11, 1, tzinfo=UTC)
REASON = "Many unrelated people share this network"
ONE = "/campaigns/campaign--00000000-0000-5000-8000-000000000001"
PAGES = (
    "overview", "campaigns", "campaign", "accounts", "account", "attribution", "assessment", "share preview", "feed", "object",
    "opinion preview", "opinion", "share", "shares", "case", "cases", "network", "gateway", "gateway account", "replays", "replay",
    "hub", "trace", "hub appeal", "appeals", "open appeal", "upheld appeal", "ledger", "me",
)  # fmt: skip
"""The names of the pages."""


@dataclass(frozen=True)
class Furnished:
    """The desk, and the address of one page of each kind by the page's name."""

    desk: Desk
    pages: Mapping[str, str]


def furnished(folder: Path, scan: tuple[Campaigns, list[Detail]] | None = None) -> Furnished:
    """A console with something on every page, over ``scan`` (a small one if none is given)."""
    sources = {"gateway": MemoryGateway(), "hub": MemoryHub(), "exchange": MemoryExchange(), "logs": MemoryLogs()}
    places = {"feed": folder / "feed.sqlite", "cases": f"sqlite:///{folder}/cases.sqlite", "requests": ("logs/",)}
    desk = desk_at(folder, scan=scan or _scan(), sources=sources, **places)
    established(desk.settings.config, WHEN, lambda said: None)
    with FeedStore.open(desk.settings.feed) as store, Ledger.open(desk.ledger_path) as ledger:
        arrive(ADA.bundle(ADA.told(disclosure())), "synthetic.json", store, Border(ring(ADA, BEN), GUARD), ledger, BEN.id, NOW)
    both = linkable()
    desk.cases.add(both, "ann", WHEN, both.campaigns)
    desk.cases.attach(1, "notes.txt", "text/plain", b"synthetic", "ann", WHEN)
    analyst, counsel = (Browser(desk).signed_in(name) for name in ("analyst", "counsel"))
    return Furnished(desk, _pages(analyst, counsel))


def linkable(statement: str = "") -> Scan:
    """Two campaigns with one scaffold that nobody else of a million accounts has, so that they are linked into a network."""
    found = scan_of(*(alike(number, statement=statement, scaffold="swf1:0169dfaa00e5ccec.01a1d826d2073b12") for number in (1, 2)))
    return msgspec.structs.replace(found, run=msgspec.structs.replace(found.run, accounts=1_000_000))


def _scan():
    scaffolds = [Scaffold("swf1:0169dfaa00e5ccec.01a1d826d2073b12", 0.6, 40)]
    found = [campaign(1, 40, scaffolds=scaffolds), campaign(2, 9, "medium"), campaign(3, 5, "low")]
    return Campaigns(run(), found, [explained()]), [detail(each) for each in found]


def _pages(analyst: Browser, counsel: Browser) -> dict[str, str]:
    thing = f"/feed/{analyst.json('/feed?type=indicator')['objects'][0]['id']}"
    asked = f"says=false-positive&because={REASON.replace(' ', '+')}"
    counsel.post("/cases/1", {"what": "hold", "reason": "matter 7 (synthetic)", "version": "2"})
    return {
        "overview": "/overview", "campaigns": "/campaigns", "campaign": ONE, "accounts": "/accounts",
        "account": "/account?id=acct-synthetic-alone", "attribution": "/attribution", "assessment": f"{ONE}/attribution",
        "share preview": f"{ONE}/share?traces=1", "feed": "/feed", "object": thing, "opinion preview": f"{thing}/opinion?{asked}",
        "opinion": made(analyst.post(f"{thing}/opinion", {"says": "false-positive", "because": REASON})),
        "share": made(analyst.post(f"{ONE}/share")), "shares": "/shares",
        "case": "/cases/1", "cases": "/cases", "network": _network(analyst, counsel),
        "gateway": "/gateway", "gateway account": "/gateway/account?id=acct-a", "replays": "/gateway/replays",
        "replay": made(analyst.post("/gateway/replays", {"policy": POLICY.replace('"watch"', '"block"')})),
        "hub": "/hub", "trace": f"/hub?trace={INDICATOR}",
        "hub appeal": made(analyst.post("/hub/appeals", {"objects": INDICATOR, "because": REASON})),
        "appeals": "/appeals", "open appeal": _appeal(analyst), "upheld appeal": _upheld(analyst), "ledger": "/ledger", "me": "/me",
    }  # fmt: skip


def made(answer) -> str:
    """Where a form led, without what the page says there."""
    assert answer.status_code == 303, answer.text[-600:]
    return answer.headers["location"].partition("?")[0]


def _network(analyst: Browser, counsel: Browser) -> str:
    """A network that is named, and for which another name waits."""
    analyst.post("/networks")
    where = f"/networks/{analyst.json('/attribution')['actors'][0]['id']}"
    for who, what, name in ((analyst, "propose", "One"), (counsel, "agree", "One"), (analyst, "propose", "Other")):
        seen = who.json(where)
        named = seen["network"]["namings"][-1] if what == "agree" else {"at": ""}
        fields = {"what": what, "organisation": f"Synthetic Example {name}", "at": named["at"], "reason": "synthetic"}
        made(who.post(where, fields | {"version": seen["version"]}))
    return where


def _appeal(analyst: Browser) -> str:
    return made(analyst.post("/appeals", {"account": "acct-a", "said": "I only read the news (synthetic)."}))


def _upheld(analyst: Browser) -> str:
    where = _appeal(analyst)
    made(analyst.post(where, {"what": "uphold", "reason": REASON, "days": "30"}))
    return where
