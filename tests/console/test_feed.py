"""The feed and the way out: what we think of an object, shown before it leaves; traces and tokens in a share; sent and fetched."""

import json
from datetime import UTC, datetime

import msgspec
import pytest

from stillwatch.sharing.feed.arrival import Border, arrive
from stillwatch.sharing.feed.store import FeedStore
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.membership import established
from stillwatch.sharing.stix.scaffold import fingerprint_text
from tests.case.synthetic import campaign as alike
from tests.case.synthetic import scan_of
from tests.sharing.feed.border import ADA, BEN, GUARD, NOW, ring
from tests.sharing.stix.disclosed import disclosure

from .neighbours import MemoryExchange, MemoryLogs
from .world import Browser, desk_at

ONE = "/campaigns/campaign--00000000-0000-5000-8000-000000000001"


@pytest.fixture
def desk(tmp_path):
    sources = {"exchange": MemoryExchange(), "logs": MemoryLogs()}
    made = desk_at(tmp_path, sources=sources, feed=tmp_path / "feed.sqlite")
    established(made.settings.config, datetime(2026, 11, 1, tzinfo=UTC), lambda said: None)
    with FeedStore.open(made.settings.feed) as store, Ledger.open(made.ledger_path) as ledger:
        arrive(ADA.bundle(ADA.told(disclosure())), "synthetic.json", store, Border(ring(ADA, BEN), GUARD), ledger, BEN.id, NOW)
    return made


@pytest.fixture
def indicator(desk):
    listed = Browser(desk).signed_in("viewer").json("/feed?type=indicator")["objects"]
    return f"/feed/{listed[0]['id']}"


def test_a_false_positive_is_said_after_it_was_shown(desk, indicator):
    analyst = Browser(desk).signed_in("analyst")
    assert "What we think of it" in analyst.get(indicator).text
    said = {"says": "false-positive", "because": "Many people share this network"}
    shown = analyst.json(f"{indicator}/opinion?says=false-positive&because=Many+people+share+this+network")
    assert any(line["leaving"] == "strongly-disagree" for line in shown["fields"])
    assert not desk.settings.outbox.exists()
    where = analyst.post(f"{indicator}/opinion", said).headers["location"].partition("?")[0]
    assert analyst.post(f"{where}/approve", {"send": "1"}).status_code == 303
    (sent,) = desk.exchange.taken
    assert json.loads(sent) == analyst.json(where)["bundle"]
    assert "The hub took 3 objects" in analyst.get(where).text


def test_what_the_guard_refuses_is_shown_and_cannot_be_proposed(desk, indicator):
    analyst = Browser(desk).signed_in("analyst")
    said = {"says": "disputed", "because": "we will all block them together from Monday"}
    page = analyst.get(f"{indicator}/opinion?says=disputed&because=we+will+all+block+them+together+from+Monday")
    assert "cannot be shared as it is" in page.text and "Propose to say this" not in page.text
    assert analyst.post(f"{indicator}/opinion", said).status_code == 403
    assert analyst.json("/shares")["shares"] == []


@pytest.mark.parametrize("query", ["", "says=nonsense", "says="])
def test_a_view_that_is_none_is_refused(desk, indicator, query):
    assert Browser(desk).signed_in("analyst").get(f"{indicator}/opinion?{query}").status_code == 400
    assert Browser(desk).signed_in("analyst").get("/feed/indicator--0/opinion?says=disputed").status_code == 404


def test_viewers_and_counsel_say_nothing_and_viewers_fetch_nothing(desk, indicator):
    for name in ("viewer", "counsel"):
        assert Browser(desk).signed_in(name).post(f"{indicator}/opinion", {"says": "disputed"}).status_code == 403
    assert Browser(desk).signed_in("viewer").post("/feed/fetch").status_code == 403
    assert Browser(desk).signed_in("counsel").post("/feed/fetch").headers["location"] == "/feed?said=fetched"
    assert desk.exchange.fetches == 1


def test_a_share_carries_networks_only_if_they_are_asked_for(desk):
    analyst = Browser(desk).signed_in("analyst")
    plain, asked = (analyst.json(f"{ONE}/share{query}") for query in ("", "?traces=1&tokens=1"))
    told = [line["known"] for line in asked["fields"]]
    assert asked["known"] > plain["known"] and any("192.0.2.0/24" in str(known) for known in told)
    where = analyst.post(f"{ONE}/share", {"traces": "1"}).headers["location"].partition("?")[0]
    assert json.dumps(analyst.json(where)["bundle"]).count("indicator--") > 0
    assert 'name="traces" value="1" checked' in analyst.get(f"{ONE}/share?traces=1").text


def test_what_the_hub_does_not_take_is_released_and_sent_again(desk):
    analyst = Browser(desk).signed_in("analyst")
    where = analyst.post(f"{ONE}/share").headers["location"].partition("?")[0]
    assert analyst.post(f"{where}/send").status_code == 400
    desk.exchange.away = True
    assert analyst.post(f"{where}/approve", {"send": "1"}).status_code == 403
    assert analyst.json(where)["share"]["state"] == "released" and analyst.json(where)["share"]["sent"] is None
    desk.exchange.away = False
    assert analyst.post(f"{where}/send").headers["location"].endswith("said=sent")
    assert len(desk.exchange.taken) == 1


def test_what_was_shared_is_taken_back_for_good(desk):
    analyst = Browser(desk).signed_in("analyst")
    assert analyst.post(f"{ONE}/withdraw").status_code == 503
    where = analyst.post(f"{ONE}/share").headers["location"].partition("?")[0]
    analyst.post(f"{where}/approve")
    again = analyst.post(f"{ONE}/withdraw").headers["location"].partition("?")[0]
    bundle = analyst.json(again)["bundle"]
    assert all(thing.get("revoked") for thing in bundle["objects"] if thing["type"] in ("campaign", "indicator"))


def test_a_received_campaign_is_told_in_words_with_what_belongs_to_it(desk):
    browser = Browser(desk).signed_in("viewer")
    (told,) = browser.json("/feed")["campaigns"]
    assert told["author"] == ADA.id and told["recognised_by"]["scaffold"] > 0 and told["techniques"]
    page = browser.get(f"/feed/{told['id']}")
    assert f'title="{ADA.id}"' in page.text and "Told by" in page.text
    shown = browser.json(f"/feed/{told['id']}")
    assert shown["campaign"]["requests"] == told["requests"]
    assert {each["id"].partition("--")[0] for each in shown["related"]} >= {"indicator", "observed-data"}
    belonging = browser.json(f"/feed/{shown['related'][-1]['id']}")
    assert told["id"] in {each["id"] for each in belonging["related"]} and belonging["campaign"] is None


def test_what_came_last_stands_first(desk):
    received = [each["received"] for each in Browser(desk).signed_in("viewer").json("/feed")["objects"]]
    assert received == sorted(received, reverse=True)


def test_campaigns_are_linked_with_those_that_others_told_of(tmp_path, desk):
    told = disclosure()
    own = scan_of(alike(1, scaffold=fingerprint_text(told.scaffolds[0].samples)))
    own = msgspec.structs.replace(own, run=msgspec.structs.replace(own.run, accounts=1_000_000))
    made = desk_at(tmp_path / "us", feed=desk.settings.feed, cases=f"sqlite:///{tmp_path}/cases.sqlite")
    made.cases.add(own, "ann", NOW, own.campaigns)
    analyst = Browser(made).signed_in("analyst")
    assert analyst.post("/networks").headers["location"] == "/attribution?said=linked"
    (actor,) = analyst.json("/attribution")["actors"]
    assert set(actor["campaigns"]) == {own.campaigns[0].id, told.campaign}
    assert f'<a href="/feed/{told.campaign}">' in analyst.get(f"/networks/{actor['id']}").text
