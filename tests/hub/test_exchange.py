"""What reached whom: the feed of changes, receipts, and the trace of an object."""

import json
import threading
from typing import Any

import httpx
import pytest

from stillwatch.hub.access.member import Role
from stillwatch.hub.exchange.trace import trace
from stillwatch.hub.store import registry
from stillwatch.hub.store.deliveries import contains, ranges
from stillwatch.sharing.stix.tlp import TLP
from tests.hub.served import Served
from tests.hub.test_faults import _begun
from tests.hub.world import Client, World, indicator


def changes(client: Client, after: str | None = None, **params: Any) -> dict[str, Any]:
    said = {"after": after} if after else {}
    answer = client.http.get("/changes/", params={**said, **params}, auth=(client.member, client.key))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture
def pair(stored_world: World) -> tuple[Client, Client]:
    """An author and a reader of one collection."""
    collection = stored_world.collection()
    return tuple(stored_world.client(stored_world.member(name), collection) for name in ("author", "reader"))  # type: ignore[return-value]


def test_everything_that_changes_is_in_the_feed_in_order(pair: tuple[Client, Client]) -> None:
    author, reader = pair
    author.add(indicator(1), indicator(2))
    author.add(indicator(1, modified="2026-02-01T00:00:00.000Z", revoked=True))
    author.delete(f"/objects/{indicator(2)['id']}/")
    found = changes(reader)
    expected = [("version", indicator(1)["id"]), ("revoked", indicator(1)["id"]), ("removed", indicator(2)["id"])]
    assert [(c["kind"], c["id"]) for c in found["changes"]] == expected
    assert found["changes"][0]["object"] == indicator(1) and "object" not in found["changes"][-1]
    assert found["changes"][0]["collection"] == author.collection
    assert changes(reader, found["cursor"]) == {"cursor": found["cursor"], "changes": []}
    author.add(indicator(3))
    assert [c["id"] for c in changes(reader, found["cursor"])["changes"]] == [indicator(3)["id"]]


def test_the_feed_goes_on_page_by_page(pair: tuple[Client, Client]) -> None:
    author, reader = pair
    author.add(*(indicator(number) for number in range(10)))
    found, after = [], None
    while True:
        page = changes(reader, after, limit=3)
        if not page["changes"]:
            break
        found += [change["id"] for change in page["changes"]]
        after = page["cursor"]
    assert found == [indicator(number)["id"] for number in range(10)]


def test_the_feed_shows_what_its_reader_may_see(stored_world: World) -> None:
    stored_world.member("author"), stored_world.member("other"), stored_world.member("evaluator", Role.EVALUATOR)
    open_to_all = stored_world.collection()
    closed = stored_world.collection(readers=["member:author"], writers=["member:author"])
    marked = {**indicator(2), "object_marking_refs": [TLP.RED.marking_id]}
    parts = {**indicator(3), "name": "synthetic", "object_marking_refs": [TLP.GREEN.marking_id],
             "granular_markings": [{"marking_ref": TLP.AMBER.marking_id, "selectors": ["name"]}]}  # fmt: skip
    author = stored_world.client("author", open_to_all)
    author.add(indicator(1), marked, parts)
    stored_world.client("author", closed).add(indicator(4))
    seen = {name: changes(stored_world.client(name, open_to_all))["changes"] for name in ("author", "other", "evaluator")}
    assert [len(found) for found in seen.values()] == [4, 2, 2]
    assert seen["author"][2]["object"] == seen["other"][1]["object"] == parts
    assert "name" not in seen["evaluator"][1]["object"]
    author.delete(f"/objects/{marked['id']}/")
    assert [c["kind"] for c in changes(stored_world.client("other", open_to_all))["changes"]] == ["version", "version"]


@pytest.mark.parametrize("params", [{"after": "x"}, {"limit": "0"}, {"limit": "many"}, {"after": "\0"}])
def test_a_query_that_cannot_be_read(pair: tuple[Client, Client], params: dict[str, str]) -> None:
    assert pair[0].http.get("/changes/", params=params, auth=("author", pair[0].key)).status_code == 400


def test_the_feed_is_for_members_only(world: World) -> None:
    assert world.http.get("/changes/").status_code == 401
    assert world.http.post("/changes/receipts/", content=b"{}").status_code == 401


def test_trace(stored_world: World) -> None:
    for name, role in {
        "author": Role.MEMBER,
        "fetched": Role.MEMBER,
        "fed": Role.MEMBER,
        "late": Role.MEMBER,
        "gone": Role.MEMBER,
        "guest": Role.GUEST,
    }.items():
        stored_world.member(name, role)
    collection = stored_world.collection(readers=["member:fetched", "member:fed", "member:late", "member:gone", "member:guest"])
    stored_world.member("outside")
    with stored_world.hub.database.writing() as connection:
        registry.suspend_member(connection, "gone", 1)
    clients = {name: stored_world.client(name, collection) for name in stored_world.keys}
    clients["late"].get()
    clients["author"].add(indicator(1))
    clients["fetched"].get(f"/objects/{indicator(1)['id']}/")
    first = trace(stored_world.hub, indicator(1)["id"], stored_world.clock())
    stored_world.clock.now += 1_000_000
    clients["fetched"].get()
    clients["guest"].get()
    place = changes(clients["fed"])["cursor"]
    confirmed = clients["fed"].http.post(
        "/changes/receipts/", content=json.dumps({"cursor": place}), auth=("fed", clients["fed"].key)
    )
    assert confirmed.status_code == 204
    found = {one.member: one for one in trace(stored_world.hub, indicator(1)["id"], stored_world.clock())}
    assert found.keys() == {"fetched", "fed", "late", "gone", "guest", "outside"}
    assert (found["fetched"].how, found["fed"].how) == ("object", "changes")
    assert found["fetched"].delivered == next(one for one in first if one.member == "fetched").delivered
    assert found["fed"].confirmed and not found["fetched"].confirmed
    reasons = {name: one.because for name, one in found.items() if one.because}
    assert reasons == {
        "late": "it has not fetched it yet; it never fetched anything",
        "gone": "the member is suspended",
        "guest": "it is not in the audience: TLP:GREEN",
        "outside": "it may not read the collection",
    }


def test_a_removed_object_is_still_traced(pair: tuple[Client, Client], stored_world: World) -> None:
    author, reader = pair
    author.add(indicator(1))
    reader.get()
    author.delete(f"/objects/{indicator(1)['id']}/")
    (found,) = trace(stored_world.hub, indicator(1)["id"], stored_world.clock())
    assert found.removed and found.delivered and found.member == "reader"


def test_a_receipt_for_what_has_not_come_is_refused(pair: tuple[Client, Client]) -> None:
    author, _ = pair
    for body in (b"", b"{}", b'{"cursor":"x"}', b'{"cursor":"AQAGYQYp0UVq"}', b'{"cursor":5}'):
        assert author.http.post("/changes/receipts/", content=body, auth=("author", author.key)).status_code == 422


def test_ranges() -> None:
    assert ranges([5, 3, 4, 9, 9]) == "3-5,9" and ranges([]) == ""
    assert [seq for seq in range(12) if contains("3-5,9", seq)] == [3, 4, 5, 9]


def test_server_sent_events_resume_where_they_were_broken_off(tmp_path: Any) -> None:
    key, _ = _begun(tmp_path)
    server = Served(tmp_path)
    post = {"content": json.dumps({"objects": [indicator(1), indicator(2)]})}

    def listen(count: int, last: str | None = None) -> list[tuple[str, dict[str, Any]]]:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
        with httpx.stream("GET", f"{server.url}/changes/", auth=("a", key), headers=headers, timeout=20) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            found, cursor = [], ""
            for line in answer.iter_lines():
                cursor = line.removeprefix("id: ") if line.startswith("id: ") else cursor
                if line.startswith("data: "):
                    found.append((cursor, json.loads(line.removeprefix("data: "))))
                if len(found) == count:
                    return found
        raise AssertionError("the stream ended")

    with server.client("a", key) as http:
        threading.Timer(1.0, lambda: http.post("/hub/collections/c/objects/", **post)).start()  # type: ignore[arg-type]
        events = listen(2)
        assert [event["id"] for _, event in events] == [indicator(1)["id"], indicator(2)["id"]]
        assert events[0][1]["object"] == indicator(1)
        assert [event["id"] for _, event in listen(1, events[0][0])] == [indicator(2)["id"]]
    server.stop()
    lines = [json.loads(line) for line in (tmp_path / "serve.log").read_text().splitlines() if line.startswith("{")]
    assert {line["route"] for line in lines if line["event"] == "request"} >= {"/changes/", "/ready/"}
    assert not any(word in json.dumps(lines) for word in ("127.0.0.1", indicator(1)["id"], key))
