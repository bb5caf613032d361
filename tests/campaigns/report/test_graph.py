import random
from xml.etree import ElementTree

import igraph
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.campaigns.detail import Shared
from stillwatch.campaigns.report.graph import MOST_DOTS, MOST_HUBS, account_graph, draw

ACCOUNTS = 40
things = st.lists(
    st.builds(
        Shared,
        st.just("address"),
        st.text("abc", max_size=4),
        st.lists(st.integers(0, ACCOUNTS - 1), min_size=1, unique=True).map(sorted),
        st.floats(0, 20),
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=30)
@given(things)
def test_every_account_stands_once_among_exactly_what_it_shares(shared):
    graph = account_graph(shared, ACCOUNTS)
    assert sum(b.accounts for b in graph.bubbles) == ACCOUNTS
    for place, hub in enumerate(graph.hubs):
        assert sum(b.accounts for b in graph.bubbles if place in b.hubs) == len(hub.members)


def test_thousands_of_accounts_are_thinned_in_proportion_and_it_is_said():
    shared = [Shared("payment", "a", list(range(4_000)), 5.0), Shared("device", "b", list(range(3_000, 5_000)), 5.0)]
    graph = account_graph(shared, 5_000)
    assert sum(b.dots for b in graph.bubbles) <= MOST_DOTS
    assert [(b.accounts, b.dots) for b in graph.bubbles] == [(3_000, 240), (1_000, 80), (1_000, 80)]
    assert graph.omitted == "400 dots stand for 5,000 of 5,000 accounts. Each group keeps its proportion, but one dot at least."


def test_more_different_accounts_than_dots():
    chance = random.Random(1)
    shared = [Shared("address", str(k), sorted(chance.sample(range(3_000), 900)), 1.0) for k in range(30)]
    graph = account_graph(shared, 3_000)
    assert sum(b.dots for b in graph.bubbles) <= MOST_DOTS
    assert len(graph.hubs) == MOST_HUBS
    assert "The accounts left out share rarer sets of things." in graph.omitted
    assert "The 16 heaviest of 30 shared things are drawn" in graph.omitted


def test_the_drawing_depends_on_nothing_but_the_campaign():
    chance = random.Random(3)
    shared = [Shared("address", str(k), sorted(chance.sample(range(60), 9)), 1.0) for k in range(9)]
    random.seed(1)
    igraph.set_random_number_generator(random.Random(1))
    first = draw(account_graph(shared, 60), "campaign 1")
    random.seed(2)
    igraph.set_random_number_generator(random)
    assert draw(account_graph(list(reversed(shared)), 60), "campaign 1") == first


def test_all_is_drawn_within_the_sheet_and_named():
    chance = random.Random(5)
    shared = [Shared("address", str(k), sorted(chance.sample(range(300), 40)), 1.0) for k in range(16)]
    image = ElementTree.fromstring(draw(account_graph(shared, 300), "campaign 2"))
    width, height = map(float, image.get("viewBox").split()[2:])
    assert image.find("title").text == "Account graph of campaign 2"
    for hub in image.iter("rect"):
        assert 0 <= float(hub.get("x")) <= width - float(hub.get("width"))
        assert 0 <= float(hub.get("y")) <= height - float(hub.get("height"))


def test_nothing_shared_nothing_drawn():
    assert account_graph([], 5) is None
