import time
from html.parser import HTMLParser

import msgspec
import pytest

from stillwatch.campaigns.campaign import Campaigns, Scaffold
from stillwatch.campaigns.detail import Detail, Shared
from stillwatch.campaigns.report.page import render

from .synthetic import campaign, detail, poisoned_result, result, run

HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' autofocus onfocus='alert(1)",
    "</style><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    "--><iframe src=javascript:alert(1)></iframe>",
    "{{ 7 * 7 }}{% include 'report.css' %}",
    "&lt;b&gt;&amp;",
    "javascript:alert(1)",
    "]]><![CDATA[<b>",
    "<base href=//example.invalid><meta http-equiv=refresh content=0>",
    "a\x00b\x1b[2J\u202eevil\u2066",
    "\ud800",
]  # fmt: skip


class Skeleton(HTMLParser):
    """The markup of a page without its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.links, self.text = set(), set(), [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.links += [value for name, value in attrs if name in ("href", "src", "action", "xlink:href")]

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def page():
    return render(*result())


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_text_stays_text_in_every_field(payload):
    hostile = render(*poisoned_result(payload))
    seen, honest = Skeleton(hostile), Skeleton(render(*poisoned_result("harmless")))
    assert seen.tags <= honest.tags
    assert seen.attributes <= honest.attributes
    assert all(link.startswith("#") for link in seen.links)
    hostile.encode()


@pytest.mark.parametrize("payload", HOSTILE[:10])
def test_hostile_text_is_shown_as_it_is(payload):
    found = Campaigns(run(notes=[payload]), [campaign(accounts=2, org_ids=[payload])])
    assert "".join(Skeleton(render(found, {})).text).count(payload) == 2


def test_the_page_fetches_and_runs_nothing(page):
    skeleton = Skeleton(page)
    assert not skeleton.tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    assert all(link.startswith("#") for link in skeleton.links)
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page
    assert not any(name == "style" or name.startswith("on") for _, name in skeleton.attributes)


def test_campaigns_come_with_the_gravest_first_and_all_they_carry(page):
    assert (
        page.index("campaign--00000000-0000-5000-8000-000000000001")
        < page.index("000000000002</code>")
        < page.index("000000000003</code>")
    )
    text = " ".join("".join(Skeleton(page).text).split())
    for said in (
        "3 campaigns found: 1 high, 1 medium, 1 low",
        "at most 1 in 100 is expected to be innocent",
        "212 (< 1 % of all; see rejected.jsonl)",
        "118 of 120 accounts pay with one of two cards",
        "AML.T0024.002",
        "No timeline was kept.",
        "dots stand for 5,000 of 5,000 accounts",
        "A signal is not proof; a person decides.",
        "2 groups looked joint, but an innocent explanation covers what was seen.",
        "The column reasoning_blocks is absent from every row (synthetic).",
    ):
        assert said in text


def test_text_of_scaffolds_is_shown_only_where_it_was_asked_for(page):
    assert page.count("<pre>") == 1
    assert page.count("the scan was run without --show-text") == 2


def test_the_commonest_scaffolds_stand_first_and_none_is_lost():
    many = [Scaffold(f"synthetic-{k}", k / 100, 9) for k in range(1, 9)]
    shown = render(Campaigns(run(), [campaign(scaffolds=many)]), {})
    places = [shown.index(f"<code>synthetic-{k}</code>") for k in range(8, 0, -1)]
    folded = shown.index("<summary>5 more scaffolds</summary>")
    assert places == sorted(places)
    assert places[2] < folded < places[3]


def test_a_shared_thing_is_named_once():
    of = campaign(accounts=2)
    shared = [Shared("device", "device 1", [0, 1], 3.0), Shared("payment", "a synthetic card", [0, 1], 3.0)]
    text = " ".join("".join(Skeleton(render(Campaigns(run(), [of]), {of.id: Detail(of.id, [], shared, [1, 1])})).text).split())
    assert "device 1" in text
    assert "device device 1" not in text
    assert "payment a synthetic card" in text


def test_every_account_is_listed_with_its_requests():
    of = campaign(accounts=3)
    shown = render(Campaigns(run(), [of]), {of.id: Detail(of.id, [], [], [11, 22, 33])})
    for account, requests in zip(of.accounts, (11, 22, 33), strict=True):
        assert f'<tr><td>{account}<td class="n">{requests}' in shown


def test_no_campaign_is_said_plainly():
    text = " ".join("".join(Skeleton(render(Campaigns(run(), []), {})).text).split())
    assert "No campaign was found In 1.28 million requests of 21,840 accounts." in text
    assert "That is no proof that there is none" in text
    assert "2 signals abstained in this run." in text


def test_evidence_outside_both_sums_is_not_lost():
    odd = [msgspec.structs.replace(e, question="elsewhere") for e in campaign().evidence[:1]]
    assert "Evidence that entered neither sum" in render(Campaigns(run(), [campaign(evidence=odd)]), {})


def test_rendering_is_reproducible(page):
    assert render(*result()) == page


def test_fifty_campaigns_of_five_thousand_accounts_are_quick_and_small():
    found = [campaign(n, 100) for n in range(1, 51)]
    details = {c.id: detail(c, n) for n, c in enumerate(found)}
    began = time.process_time()
    size = len(render(Campaigns(run(), found), details).encode())
    assert time.process_time() - began < 3
    assert size < 5_000_000
