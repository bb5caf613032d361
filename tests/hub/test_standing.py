"""Standing: opinions are kept apart, sightings counted, age and warning lists shown; the object itself stays as it is."""

import uuid
from typing import Any

import pytest

from stillwatch.hub.access.member import Role
from stillwatch.hub.standing.warning import WarningLists
from stillwatch.hub.store import warning_rows
from stillwatch.sharing.stix.tlp import TLP
from tests.hub.world import Client, World, indicator

ABOUT = indicator(1)["id"]


def remark(kind: str, number: int, **more: Any) -> dict[str, Any]:
    common = {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid.uuid5(uuid.NAMESPACE_OID, f'{kind} {number}')}"}
    return {**common, "created": "2026-01-02T00:00:00.000Z", "modified": "2026-01-02T00:00:00.000Z", **more}


def opinion(number: int, says: str, **more: Any) -> dict[str, Any]:
    return remark("opinion", number, opinion=says, object_refs=[ABOUT], **more)


def standing(client: Client) -> dict[str, Any]:
    answer = client.get(f"/objects/{ABOUT}/standing/")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    return dict(answer.json())


@pytest.fixture
def trio(world: World) -> list[Client]:
    collection = world.collection()
    clients = [world.client(world.member(name), collection) for name in ("a", "b", "c")]
    clients[0].add(indicator(1))
    return clients


def test_opinions_are_counted_by_what_they_say(trio: list[Client]) -> None:
    a, b, c = trio
    before = a.get(f"/objects/{ABOUT}/").content
    assert "x_stillwatch_disputed" not in a.get().json()
    a.add(opinion(1, "strongly-agree"))
    b.add(opinion(2, "agree"))
    c.add(opinion(3, "strongly-disagree"))
    found = standing(b)
    assert found["opinions"] == {"confirmed here too": 2, "investigating": 0, "disputed": 0, "false positive here": 1}
    assert found["disputed"] is True and len(found["remarks"]) == 3
    assert a.get().json()["x_stillwatch_disputed"] == [ABOUT]
    assert a.get().json()["objects"][0] == indicator(1)
    assert a.get(f"/objects/{ABOUT}/").content.startswith(before[:-1])


def test_a_members_last_word_counts(trio: list[Client]) -> None:
    _, b, c = trio
    b.add(opinion(2, "disagree"))
    b.add(opinion(2, "neutral", modified="2026-01-03T00:00:00.000Z"))
    c.add(opinion(3, "strongly-disagree"))
    c.add(opinion(4, "agree"))
    found = standing(b)
    assert (found["opinions"]["investigating"], found["opinions"]["confirmed here too"], found["disputed"]) == (1, 1, False)
    assert "x_stillwatch_disputed" not in b.get().json()


def test_a_revoked_or_deleted_opinion_is_none(trio: list[Client]) -> None:
    a, b, c = trio
    b.add(opinion(2, "disagree"))
    c.add(opinion(3, "disagree"))
    b.add(opinion(2, "disagree", modified="2026-01-03T00:00:00.000Z", revoked=True))
    assert standing(a)["opinions"]["disputed"] == 1
    c.delete(f"/objects/{opinion(3, 'disagree')['id']}/")
    assert standing(a)["disputed"] is False


def test_an_opinion_is_heard_by_who_may_hear_it(world: World) -> None:
    collection = world.collection()
    author, evaluator = (
        world.client(world.member(name, role), collection) for name, role in (("a", Role.MEMBER), ("e", Role.EVALUATOR))
    )
    author.add({**indicator(1), "object_marking_refs": [TLP.GREEN.marking_id]})
    author.add({**opinion(1, "disagree"), "object_marking_refs": [TLP.AMBER.marking_id]})
    assert standing(author)["disputed"] is True and author.get().json()["x_stillwatch_disputed"] == [ABOUT]
    assert standing(evaluator)["disputed"] is False and standing(evaluator)["remarks"] == []
    assert "x_stillwatch_disputed" not in evaluator.get().json()
    changes = evaluator.http.get("/changes/", auth=(evaluator.member, evaluator.key)).json()["changes"]
    assert [change.get("disputed", False) for change in changes] == [False]
    changes = author.http.get("/changes/", auth=(author.member, author.key)).json()["changes"]
    assert changes[0]["disputed"] is True


def test_sightings(trio: list[Client]) -> None:
    a, b, c = trio
    b.add(remark("sighting", 1, sighting_of_ref=ABOUT, count=3))
    b.add(remark("sighting", 1, sighting_of_ref=ABOUT, count=5, modified="2026-01-03T00:00:00.000Z"))
    c.add(remark("sighting", 2, sighting_of_ref=ABOUT), remark("sighting", 3, sighting_of_ref=ABOUT, count="many"))
    found = standing(a)["sightings"]
    assert (found["members"], found["times"]) == (2, 7) and found["last"]


def test_age(world: World) -> None:
    client = world.client(world.member("a"), world.collection())
    client.add(indicator(1, modified="2026-11-01T00:00:00.000Z", valid_until="2026-12-01T00:00:00.000Z"))
    young = standing(client)
    assert young["expired"] is False and 0.5 < young["weight"] < 1 and young["valid_until"] == "2026-12-01T00:00:00.000000Z"
    world.clock.now += 30 * 86_400_000_000
    old = standing(client)
    assert (old["expired"], old["weight"]) == (True, 0.0)


@pytest.mark.parametrize(
    "thing",
    [
        remark("opinion", 9, opinion="perhaps", object_refs=[ABOUT]), remark("opinion", 9, opinion="disagree", object_refs=ABOUT),
        remark("opinion", 9, opinion=["disagree"], object_refs=[ABOUT]), remark("opinion", 9, opinion="disagree", object_refs=[5, ABOUT]),
        remark("sighting", 9, sighting_of_ref=5), remark("sighting", 9),
    ],
)  # fmt: skip
def test_what_is_no_remark(trio: list[Client], thing: dict[str, Any]) -> None:
    assert trio[0].add(thing)["success_count"] == 1
    assert standing(trio[1])["remarks"] == [] and standing(trio[1])["sightings"] == {"members": 0, "times": 0}


LISTS = WarningLists(
    [
        ("cloud", "198.51.100.0/24"),
        ("cloud", "198.51.100.128/25"),
        ("relay", "198.51.100.128/26"),
        ("vpn", "2001:db8::/32"),
        ("stack", "t13d_synthetic"),
    ]
)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ({"pattern": "[ipv4-addr:value = '198.51.100.7']"}, ["cloud"]),
        ({"pattern": "[ipv4-addr:value = '198.51.100.130']"}, ["cloud", "relay"]),
        ({"pattern": "[ipv4-addr:value ISSUBSET '198.51.0.0/16']"}, ["cloud", "relay"]),
        ({"pattern": "[ipv4-addr:value = '203.0.113.7']"}, []),
        ({"pattern": "[x:y = 'T13D_SYNTHETIC'] OR [ipv6-addr:value = '2001:db8::1']"}, ["stack", "vpn"]),
        ({"value": "2001:db8:1::/48"}, ["vpn"]),
        ({"extensions": {"x": {"prefix": "198.51.100.0/25"}}}, ["cloud"]),
        ({"extensions": {"x": 5, "y": {"prefix": 5}}, "pattern": 5, "value": None}, []),
        ({"pattern": "'" * 200_000}, []),
    ],
)
def test_warning_lists(value: dict[str, Any], names: list[str]) -> None:
    assert LISTS.named_for(value) == names


def test_what_stands_on_a_warning_list_is_served_with_it(trio: list[Client], world: World) -> None:
    a, b, _ = trio
    with world.hub.database.writing() as connection:
        assert warning_rows.replace(connection, "synthetic cloud", ["198.51.100.0/24"]) == 1
    assert b.get().json()["x_stillwatch_warned"] == {ABOUT: ["synthetic cloud"]}
    assert standing(b)["warnings"] == ["synthetic cloud"]
    assert "synthetic cloud" in a.add(indicator(2))["successes"][0]["message"]
    with world.hub.database.writing() as connection:
        assert warning_rows.replace(connection, "synthetic cloud", []) == 2
    assert "x_stillwatch_warned" not in b.get().json()
