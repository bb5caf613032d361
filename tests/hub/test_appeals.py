"""Appeals: one case, carried to everybody who received the objects, with the time each took."""

import json

import pytest

from stillwatch.errors import RefusedByPolicy, UsageError
from stillwatch.hub.exchange.appeal import course, decide_appeal, open_appeal
from stillwatch.sharing.guard.guard import Guard
from tests.hub.test_exchange import changes
from tests.hub.test_standing import standing
from tests.hub.world import Client, World, indicator

GUARD = Guard("member-standard")
ABOUT = indicator(1)["id"]


@pytest.fixture
def clients(stored_world: World) -> dict[str, Client]:
    collection = stored_world.collection()
    made = {name: stored_world.client(stored_world.member(name), collection) for name in ("author", "got", "late", "never")}
    made["author"].add(indicator(1), indicator(2))
    made["got"].get()
    return made


def _open(world: World, because: str = "Many people share this address.") -> str:
    return open_appeal(world.hub, GUARD, [ABOUT], because, "administrator", world.clock())


def test_it_reaches_who_received_the_object_and_only_them(clients: dict[str, Client], stored_world: World) -> None:
    case = _open(stored_world)
    clients["late"].get(f"/objects/{ABOUT}/")
    clients["never"].get(f"/objects/{indicator(2)['id']}/")
    notices = {name: [c for c in changes(client)["changes"] if c["kind"] == "appeal"] for name, client in clients.items()}
    assert [len(found) for found in notices.values()] == [1, 1, 0, 0]
    assert notices["got"][0]["object"] == {
        "appeal": case,
        "state": "open",
        "objects": [ABOUT],
        "because": "Many people share this address.",
    }
    stored_world.clock.now += 1_000_000
    decide_appeal(stored_world.hub, case, "upheld", "administrator", stored_world.clock())
    told = [c["object"]["state"] for c in changes(clients["late"])["changes"] if c["kind"] == "appeal"]
    assert told == ["upheld"]


def test_the_time_that_each_took(clients: dict[str, Client], stored_world: World) -> None:
    case = _open(stored_world)
    stored_world.clock.now += 60_000_000
    place = changes(clients["got"])["cursor"]
    stored_world.clock.now += 60_000_000
    http, auth = clients["got"].http, ("got", clients["got"].key)
    assert http.post("/changes/receipts/", content=json.dumps({"cursor": place}), auth=auth).status_code == 204
    stored_world.clock.now += 60_000_000
    assert (
        http.post(f"/appeals/{case}/answers/", content=json.dumps({"what": "taken out of the snapshot"}), auth=auth).status_code
        == 204
    )
    found, members = course(stored_world.hub, case)
    got = next(one for one in members if one.member == "got")
    assert (got.seconds_to_confirm, got.seconds_to_answer, got.what) == (120.0, 180.0, "taken out of the snapshot")
    waiting = next(one for one in members if one.member == "author")
    assert (waiting.told, waiting.confirmed, waiting.answered) == (None, None, None) and found.outcome is None


def test_an_object_under_appeal_is_disputed(clients: dict[str, Client], stored_world: World) -> None:
    case = _open(stored_world)
    assert (standing(clients["got"])["appeal"], standing(clients["got"])["disputed"]) == ("open", True)
    decide_appeal(stored_world.hub, case, "rejected", "administrator", stored_world.clock())
    assert (standing(clients["got"])["appeal"], standing(clients["got"])["disputed"]) == ("rejected", False)


def test_the_text_of_a_case_may_not_name_people(clients: dict[str, Client], stored_world: World) -> None:
    with pytest.raises(RefusedByPolicy):
        _open(stored_world, "Jo Synthetic, jo.synthetic@example.com, is a customer of ours")


def test_misuse(clients: dict[str, Client], stored_world: World) -> None:
    with pytest.raises(UsageError):
        open_appeal(stored_world.hub, GUARD, [indicator(9)["id"]], "Wrong.", "administrator", 0)
    case = _open(stored_world)
    decide_appeal(stored_world.hub, case, "upheld", "administrator", stored_world.clock())
    with pytest.raises(UsageError):
        decide_appeal(stored_world.hub, case, "rejected", "administrator", stored_world.clock())
    auth = ("never", clients["never"].key)
    for name, body, status in (
        (case, b'{"what":"x"}', 404),
        (case, b"{}", 422),
        ("none", b'{"what":"x"}', 404),
        (case, b'{"what":""}', 422),
    ):
        assert clients["never"].http.post(f"/appeals/{name}/answers/", content=body, auth=auth).status_code == status
