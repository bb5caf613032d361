"""The way through of a new user, in a browser: from the top campaign to a share at the hub, and to a customer who is cleared.

Only words that stand on the pages are used, and no address but the first. Skipped without Chromium.
"""

from datetime import UTC, datetime

import pytest

from stillwatch.sharing.feed.arrival import Border, arrive
from stillwatch.sharing.feed.store import FeedStore
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.membership import established
from tests.campaigns.report.test_page_in_browser import browser  # noqa: F401
from tests.sharing.feed.border import ADA, BEN, GUARD, NOW, ring
from tests.sharing.stix.disclosed import disclosure

from .neighbours import MemoryExchange, MemoryGateway, MemoryLogs
from .serving import served
from .world import WORD, desk_at


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("way")
    sources = {"gateway": MemoryGateway(), "exchange": MemoryExchange(), "logs": MemoryLogs()}
    made = desk_at(folder, sources=sources, feed=folder / "feed.sqlite", cases=f"sqlite:///{folder}/cases.sqlite")
    established(made.settings.config, datetime(2026, 11, 1, tzinfo=UTC), lambda said: None)
    with FeedStore.open(made.settings.feed) as store, Ledger.open(made.ledger_path) as ledger:
        arrive(ADA.bundle(ADA.told(disclosure())), "synthetic.json", store, Border(ring(ADA, BEN), GUARD), ledger, BEN.id, NOW)
    return made


@pytest.fixture(params=[1300, 390], ids=["wide", "narrow"])
def page(browser, desk, request):  # noqa: F811
    with served(desk) as origin:
        context = browser.new_context(viewport={"width": request.param, "height": 900}, base_url=origin)
        opened = context.new_page()
        opened.goto("/")
        opened.get_by_label("Name").fill("admin")
        opened.get_by_label("Password").fill(WORD)
        opened.get_by_role("button", name="Sign in", exact=True).click()
        yield opened
        context.close()


def test_from_the_top_campaign_to_a_customer_who_is_cleared(page, desk):
    def click(role, name):
        page.get_by_role(role, name=name).first.click()

    click("link", "Campaign 1")
    page.get_by_role("heading", name="What speaks against it").wait_for()
    if desk.cases.of_campaign("campaign--00000000-0000-5000-8000-000000000001") is None:
        click("button", "Open a case")
    click("link", "Judge who is behind it")
    page.get_by_label("Who is behind it, in your judgement").select_option("reseller")
    page.get_by_label("Reason").fill("The pool is a reseller's (synthetic).")
    click("button", "Record the judgement")
    click("link", "Preview a share")
    click("button", "Propose this share")
    click("button", "Approve these bytes")
    page.get_by_text("The hub took 3 objects").wait_for()
    click("link", "Feed")
    click("button", "Fetch what is new")
    page.get_by_role("region", name="Campaigns that others told of").get_by_role("link").first.click()
    page.get_by_text("Told by member").wait_for()
    click("link", "Appeals")
    page.get_by_label("Account").fill("acct-a")
    page.get_by_label("What the customer says").fill("We only read the news (synthetic).")
    click("button", "Take it in")
    page.get_by_label("Why, in a sentence").fill("Many unrelated people share this network")
    click("button", "Uphold")
    page.get_by_role("heading", name="Cleared everywhere").wait_for()
    assert len(desk.exchange.taken) % 2 == 0, "the share and the correction are with the hub"
