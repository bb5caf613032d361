"""Replays: asked for on a page, worked off in the background, compared with the policy in force."""

import time

import pytest

from stillwatch.console.replays.comparison import compared
from stillwatch.console.replays.replays import MOST_WAITING, Replays

from .neighbours import POLICY, MemoryGateway, hit
from .world import Browser, desk_at

EDITED = POLICY.replace('"watch"', '"block"')


@pytest.fixture
def desk(tmp_path):
    return desk_at(tmp_path, sources={"gateway": MemoryGateway()}, requests=("logs/",))


def ended(browser, where):
    for _ in range(400):
        if not browser.json(where)["unfinished"]:
            break
        time.sleep(0.01)
    return browser.json(where)["replay"]


def test_a_policy_is_tried_beside_the_one_in_force(desk):
    browser = Browser(desk).signed_in("analyst")
    assert POLICY.splitlines()[0].replace('"', "&#34;") in browser.get("/gateway/replays").text
    where = browser.post("/gateway/replays", {"policy": EDITED}).headers["location"].partition("?")[0]
    found = ended(browser, where)
    assert found["state"] == "done" and (found["result"]["stricter"], found["result"]["milder"]) == (2, 0)
    assert found["result"]["tried"]["by_plan"] == {"enterprise": {"hide": 1}, "free": {"block": 1}}
    assert desk.gateway.replayed == [EDITED, POLICY]
    page = browser.get(where).text
    assert "acct-b" in page and "2 more strictly" in page
    assert EDITED.splitlines()[0] in browser.json(f"/gateway/replays?from={where.rpartition('/')[2]}")["policy"]


def test_a_replay_that_fails_says_why(desk):
    desk.gateway.failing = True
    browser = Browser(desk).signed_in("analyst")
    where = browser.post("/gateway/replays", {"policy": EDITED}).headers["location"].partition("?")[0]
    assert "the folder is locked" in ended(browser, where)["failure"]
    assert "the folder is locked" in browser.get(where).text


@pytest.mark.parametrize("policy", ["", "schema = 1", "[[", 'schema = "stillwatch.policy/1"\nunknown = 1'])
def test_what_is_no_policy_is_refused_at_once(desk, policy):
    browser = Browser(desk).signed_in("analyst")
    assert browser.post("/gateway/replays", {"policy": policy}).status_code == 400
    assert browser.json("/gateway/replays")["replays"] == []


def test_without_logs_it_says_which_option_is_missing(tmp_path):
    desk = desk_at(tmp_path, sources={"gateway": MemoryGateway()})
    browser = Browser(desk).signed_in("analyst")
    assert "--requests" in browser.get("/gateway/replays").text
    assert browser.post("/gateway/replays", {"policy": EDITED}).status_code == 404


def test_the_server_answers_while_a_replay_runs_and_too_many_are_refused(desk):
    desk.gateway.free.clear()
    browser = Browser(desk).signed_in("analyst")
    answers = [browser.post("/gateway/replays", {"policy": EDITED}).status_code for _ in range(MOST_WAITING + 2)]
    assert answers[:MOST_WAITING] == [303] * MOST_WAITING and answers[-1] == 503
    assert browser.get("/gateway/replays/1").status_code == 200
    assert len(browser.json("/gateway/replays")["replays"]) == answers.count(303)
    desk.gateway.free.set()


def test_what_an_earlier_console_left_unfinished_is_said_to_be_so(desk):
    with desk.database.writing() as connection:
        connection.execute("INSERT INTO replays (asker, asked, policy, state) VALUES ('ann', 0, '', 'running')")
    found = Replays(desk.database, desk.gateway).find(1)
    assert found.state == "failed" and "anew" in found.failure
    assert Browser(desk).signed_in("viewer").get("/gateway/replays/99").status_code == 404


def test_an_account_counts_with_its_strictest_grade():
    known = {"requests": 1, "accounts": 3, "untouched": 0, "refused": 0, "by_grade": {}}
    before = known | {"hits": [hit("a", "watch"), hit("a", "hide"), hit("b", "block")]}
    after = known | {"hits": [hit("a", "hide"), hit("b", "watch")]}
    found = compared(before, after)
    assert (found.stricter, found.milder) == (0, 1)
    assert [(d.account, d.before, d.after) for d in found.differing] == [("b", "block", "watch")]
    assert found.active.by_plan == {"free": {"hide": 1, "block": 1}}
