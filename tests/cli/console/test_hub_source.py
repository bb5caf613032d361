"""The hub as the console asks for it: by its URL as member and as operator, by its folder, and by the settings; the hub is real."""

from pathlib import Path

import pytest

from stillwatch.cli.console.exchange import HubOfSettings
from stillwatch.cli.console.hub import HubByUrl, OperatorOfHub
from stillwatch.console.missing import NotHere
from stillwatch.errors import NoReadableInput, RefusedByPolicy, StillwatchError, UsageError
from tests.cli.test_feed_exchange import Circle, ok
from tests.cli.test_feed_exchange import circle as circle

BECAUSE = "Many unrelated people share this network"


def exchange(folder: Path) -> HubOfSettings:
    return HubOfSettings(folder / "stillwatch.toml", folder / "stillwatch-feed.sqlite")


def by_url(circle: Circle, folder: Path, key: str = "hub.key") -> HubByUrl:
    return HubByUrl(circle.served.url, folder / key, folder / "stillwatch.toml")


def released(circle: Circle) -> Path:
    """What member a let out and did not send yet."""
    ok(circle.a, "share", "1", "--approve", "Ada Example", "--yes")
    (found,) = (circle.a / "stillwatch-outbox").glob("*.json")
    return found


def test_what_one_sends_the_other_fetches_and_the_operator_traces(circle: Circle) -> None:
    ours, theirs = exchange(circle.a), exchange(circle.b)
    assert ours.url == circle.served.url
    sent = ours.send(released(circle))
    assert not sent["refused"] and sent["taken"] > 0
    came = theirs.fetch()
    assert came["taken"] > 0 and came["refused"] == 0
    assert sum(theirs.fetch().values()) == 0
    (name,) = [each["id"] for each in ok(circle.b, "feed", "list", "--type", "campaign")["objects"]]
    operator = by_url(circle, circle.folder / "a", "../operator.key")
    for source in (operator, OperatorOfHub(circle.state)):
        (reached,) = source.trace(name)
        assert reached["member"] == "b" and reached["delivered"] and reached["because"] is None
    assert by_url(circle, circle.b).trace(name) == [], "only an operator sees that"


def test_a_member_is_told_of_an_appeal_and_answers_and_the_operator_sees_it(circle: Circle) -> None:
    exchange(circle.a).send(released(circle))
    exchange(circle.b).fetch()
    (name,) = [each["id"] for each in ok(circle.b, "feed", "list", "--type", "campaign")["objects"]]
    hub, member = OperatorOfHub(circle.state), by_url(circle, circle.b)
    case = hub.open_appeal([name], BECAUSE, "ada")
    assert exchange(circle.b).fetch()["told"] == 1
    (told,) = member.appeals()
    assert (told["id"], told["objects"], told["because"], told["outcome"]) == (case, [name], BECAUSE, None)
    member.answer(case, "Access was given back", "ben")
    hub.decide_appeal(case, "upheld", "ada")
    assert exchange(circle.b).fetch()["told"] == 1
    shown = member.appeal(case)
    assert shown["outcome"] == "upheld" and [each["state"] for each in shown["notices"]] == ["open", "upheld"]
    for source in (by_url(circle, circle.a, "../operator.key"), hub):
        course = {each["member"]: each for each in source.appeal(case)["members"]}["b"]
        assert course["what"] == "Access was given back" and course["seconds_to_confirm"] is not None
        assert [each["outcome"] for each in source.appeals()] == ["upheld"]


def test_what_a_key_may_not_do_is_refused_with_the_way_to_do_it(circle: Circle) -> None:
    member = by_url(circle, circle.b)
    for refused in (lambda: member.open_appeal(["x"], BECAUSE, "ben"), lambda: member.decide_appeal("x", "upheld", "ben")):
        with pytest.raises(RefusedByPolicy) as said:
            refused()
        assert "operator" in said.value.cure
    with pytest.raises(NotHere):
        member.appeal("none")
    with pytest.raises(StillwatchError):
        member.answer("none", "synthetic", "ben")
    hub = OperatorOfHub(circle.state)
    with pytest.raises(UsageError):
        hub.decide_appeal("none", "nonsense", "ada")
    with pytest.raises(UsageError):
        hub.answer("none", "synthetic", "ada")


def test_the_state_as_member_as_operator_and_of_a_hub_that_is_gone(circle: Circle) -> None:
    seen = by_url(circle, circle.b).status()
    assert (seen["answers"], seen["ready"], "members" in seen) == (True, True, False)
    assert seen["changes"]["changes"] == [], "all that the hub has was fetched"
    assert by_url(circle, circle.a, "../operator.key").status()["members"] == 3, "the operator counts"
    assert HubByUrl(circle.served.url, None, circle.b / "stillwatch.toml").status()["changes"] is None
    assert {"a", "b"} <= {each["name"] for each in OperatorOfHub(circle.state).status()["members"]}
    with pytest.raises(NoReadableInput):
        by_url(circle, circle.b, "no.key").status()
    circle.served.stop()
    assert by_url(circle, circle.b).status()["answers"] is False
    with pytest.raises(StillwatchError):
        exchange(circle.b).fetch()
