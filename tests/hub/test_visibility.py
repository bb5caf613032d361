"""No member reads or learns what it may not: roles × markings × end points.

For every marking there are two worlds that differ in one object. To a viewer who may not see it, every end point of both worlds must
give the same answer, byte for byte: status, headers, bodies, counts, errors. To a viewer who may, the object is there as it came in.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.hub import timestamps
from stillwatch.hub.access.audience import Audience
from stillwatch.hub.access.member import Role
from stillwatch.hub.hub import Hub, HubSettings
from stillwatch.hub.receipt.dating import STEP, Dating
from stillwatch.hub.receipt.examiner import Unexamined
from stillwatch.sharing.stix.extensions import extension_id
from stillwatch.sharing.stix.objects import as_json
from stillwatch.sharing.stix.policies import policy_marking
from stillwatch.sharing.stix.tlp import TLP
from tests.hub.world import Client, World, indicator

VIEWERS = {
    "author": Role.MEMBER, "op": Role.OPERATOR, "named": Role.MEMBER, "grouped": Role.MEMBER, "other": Role.MEMBER,
    "partner": Role.PARTNER, "evaluator": Role.EVALUATOR, "guest": Role.GUEST,
}  # fmt: skip
ALWAYS = {"author", "op"}
MEMBERS = {"named", "grouped", "other"}
UNKNOWN = "marking-definition--00000000-0000-4000-8000-000000000009"
SECRET = indicator(1, name="synthetic secret")
NEWER = indicator(1, modified="2026-02-01T00:00:00.000Z", name="synthetic secret")


def marked(*refs: str, **more: Any) -> dict[str, Any]:
    return {**SECRET, "object_marking_refs": list(refs), **more}


def policy(number: int, **terms: Any) -> dict[str, Any]:
    """A marking definition with an exchange policy that says TLP:GREEN and these terms."""
    name = f"marking-definition--00000000-0000-4000-8000-00000000010{number}"
    key = extension_id("exchange-policy")
    content = as_json(policy_marking(TLP.GREEN))["extensions"][key]
    start = {"start_date": "2026-01-01T00:00:00.000Z", "encrypt_in_transit": "may"}
    return {"type": "marking-definition", "spec_version": "2.1", "id": name, "created": "2026-01-01T00:00:00.000Z",
            "extensions": {key: {**content, "id": name.partition("--")[2], **start, **terms}}}  # fmt: skip


NOT_YET, ENDED, ENCRYPTED, RED_POLICY = (
    policy(1, start_date="2036-01-01T00:00:00.000Z"),
    policy(2, end_date="2026-01-02T00:00:00.000Z"),
    policy(3, encrypt_in_transit="must"),
    policy(4, tlp="red"),
)
STATEMENT = {"type": "marking-definition", "spec_version": "2.1", "id": UNKNOWN[:-1] + "8", "created": "2026-01-01T00:00:00.000Z",
             "definition_type": "statement", "definition": {"statement": "synthetic"}}  # fmt: skip

CASES: dict[str, tuple[list[dict[str, Any]], str | None, set[str]]] = {
    "clear": ([marked(TLP.CLEAR.marking_id)], None, MEMBERS | {"partner", "evaluator", "guest"}),
    "green": ([marked(TLP.GREEN.marking_id)], None, MEMBERS | {"partner", "evaluator"}),
    "amber": ([marked(TLP.AMBER.marking_id)], None, MEMBERS | {"partner"}),
    "amber+strict": ([marked(TLP.AMBER_STRICT.marking_id)], None, MEMBERS),
    "red": ([marked(TLP.RED.marking_id)], None, set()),
    "no marking": ([SECRET], None, set()),
    "unknown marking": ([marked(TLP.GREEN.marking_id, UNKNOWN)], None, set()),
    "strictest of two": ([marked(TLP.CLEAR.marking_id, TLP.AMBER_STRICT.marking_id)], None, MEMBERS),
    "old TLP": ([marked("marking-definition--f88d31f6-486f-44da-b317-01333bde0b82")], None, MEMBERS | {"partner"}),
    "statement alone": ([STATEMENT, marked(STATEMENT["id"])], None, set()),
    "statement and green": ([STATEMENT, marked(STATEMENT["id"], TLP.GREEN.marking_id)], None, MEMBERS | {"partner", "evaluator"}),
    "red for one": ([marked(TLP.RED.marking_id)], "member:named", {"named"}),
    "red for a group": ([marked(TLP.RED.marking_id)], "group:cell", {"grouped"}),
    "amber for one and a group": ([marked(TLP.AMBER.marking_id)], "member:named,group:cell", {"named", "grouped"}),
    "green for one who hears less": ([marked(TLP.GREEN.marking_id)], "member:guest", set()),
    "policy": ([ENCRYPTED, marked(ENCRYPTED["id"])], None, MEMBERS | {"partner", "evaluator"}),
    "policy that has not begun": ([NOT_YET, marked(NOT_YET["id"])], None, set()),
    "policy that has ended": ([ENDED, marked(ENDED["id"])], None, set()),
    "policy says red": ([RED_POLICY, marked(RED_POLICY["id"], TLP.CLEAR.marking_id)], None, set()),
    "forged policy": ([policy(5, tlp="none"), marked(policy(5)["id"], TLP.CLEAR.marking_id)], None, set()),
    "granular red": (
        [
            marked(
                TLP.GREEN.marking_id, x_whole=1, granular_markings=[{"marking_ref": TLP.RED.marking_id, "selectors": ["pattern"]}]
            )
        ],
        None,
        set(),
    ),
    "unreadable granular": ([marked(TLP.GREEN.marking_id, granular_markings={"selectors": 5})], None, set()),
    "newer version red": ([NEWER | {"object_marking_refs": [TLP.RED.marking_id]}], None, set()),
}

NAME = SECRET["id"]
PROBES: dict[str, Callable[[Client], httpx.Response]] = {
    "objects": lambda c: c.get(),
    "by id": lambda c: c.get(**{"match[id]": NAME}),
    "by type": lambda c: c.get(**{"match[type]": "indicator,marking-definition"}),
    "all versions": lambda c: c.get(**{"match[version]": "all"}),
    "first version": lambda c: c.get(**{"match[version]": "first"}),
    "this version": lambda c: c.get(**{"match[version]": SECRET["modified"]}),
    "page of one": lambda c: c.get(limit=1),
    "page of two": lambda c: c.get(limit=2),
    "added after": lambda c: c.get(added_after="2026-01-01T00:00:00Z"),
    "manifest": lambda c: c.get("/manifest/"),
    "manifest of all versions": lambda c: c.get("/manifest/", **{"match[version]": "all"}),
    "manifest page": lambda c: c.get("/manifest/", limit=1),
    "object": lambda c: c.get(f"/objects/{NAME}/"),
    "all versions of the object": lambda c: c.get(f"/objects/{NAME}/", **{"match[version]": "all"}),
    "versions": lambda c: c.get(f"/objects/{NAME}/versions/"),
    "bad filter": lambda c: c.get(f"/objects/{NAME}/", limit=0),
    "collection": lambda c: c.get("/"),
    "head": lambda c: c.http.head(f"{c.path}/objects/{NAME}/", auth=(c.member, c.key), headers=c.headers),
    "standing": lambda c: c.http.get(f"{c.path}/objects/{NAME}/standing/", auth=(c.member, c.key)),
    "changes": lambda c: c.http.get("/changes/", auth=(c.member, c.key)),
    "changes, one at a time": lambda c: c.http.get("/changes/", params={"limit": 1}, auth=(c.member, c.key)),
    "changes from the last one on": lambda c: c.http.get("/changes/", params={"after": _feed(c)["cursor"]}, auth=(c.member, c.key)),
    "server-sent events": lambda c: _events(c),
    "receipt": lambda c: c.http.post("/changes/receipts/", json={"cursor": _feed(c)["cursor"]}, auth=(c.member, c.key)),
    "receipt for a guess": lambda c: c.http.post("/changes/receipts/", json={"cursor": "A" * 32}, auth=(c.member, c.key)),
    "collections": lambda c: c.http.get("/hub/collections/", auth=(c.member, c.key), headers=c.headers),
    "registers": lambda c: c.http.get("/registers/", auth=(c.member, c.key)),
    "operator's status": lambda c: c.http.get("/operator/status/", auth=(c.member, c.key)),
    "operator's trace": lambda c: c.http.get(f"/operator/traces/{NAME}/", auth=(c.member, c.key)),
    "operator's appeals": lambda c: c.http.get("/operator/appeals/", auth=(c.member, c.key)),
    "ready": lambda c: c.http.get("/ready/"),
    "appeal": lambda c: c.http.post("/appeals/appeal--1/answers/", json={"what": "nothing"}, auth=(c.member, c.key)),
    "tokens": lambda c: c.http.get("/tokens/", auth=(c.member, c.key)),
    "metrics": lambda c: c.http.get("/metrics/", auth=(c.member, c.key)),
    "delete": lambda c: c.delete(f"/objects/{NAME}/"),
    "delete a version": lambda c: c.delete(f"/objects/{NAME}/", **{"match[version]": SECRET["modified"]}),
    "post the same id": lambda c: c.post(_envelope({**SECRET, "name": "guessed"})),
    "post a newer version": lambda c: c.post(_envelope({**SECRET, "modified": "2027-01-01T00:00:00.000Z"})),
    "read it back": lambda c: c.get(f"/objects/{NAME}/", **{"match[version]": "all"}),
}  # fmt: skip


def _envelope(thing: dict[str, Any]) -> bytes:
    return httpx.Request("POST", "http://x", json={"objects": [thing]}).content


def _world(folder: Path, objects: list[dict[str, Any]], audience: str | None, *, guarded: bool) -> tuple[World, str]:
    """A collection with something that everybody sees before and after what is tested."""
    hub = Hub.open(HubSettings(folder), Unexamined(), begin="Synthetic hub")
    hub.addition = replace(hub.addition, draw=lambda below: 0)
    world = World(hub)
    world.group("cell")
    for name, role in VIEWERS.items():
        world.member(name, role, groups=["cell"] if name == "grouped" else [])
    collection = world.collection(unmarked=TLP.RED, guarded=guarded)
    author = world.client("author", collection)
    first, last = ({**indicator(number), "object_marking_refs": [TLP.CLEAR.marking_id]} for number in (2, 3))
    start = world.clock.now
    for second, thing in [(0, first), *enumerate(objects, 1), (50, last)]:
        world.clock.now = start + second * 1_000_000
        assert author.add(thing, audience=audience if thing in objects else None)["success_count"] == 1
    world.clock.now = 1_795_000_100_000_000
    return world, collection


def _feed(client: Client) -> dict[str, Any]:
    return dict(client.http.get("/changes/", auth=(client.member, client.key)).json())


def _events(client: Client) -> httpx.Response:
    """As many server-sent events as there are changes."""
    expected = len(_feed(client)["changes"])
    authorization = httpx.BasicAuth(client.member, client.key)._auth_header
    headers = [(b"accept", b"text/event-stream"), (b"authorization", authorization.encode())]
    asked = {"type": "http", "asgi": {"version": "3.0"}, "method": "GET", "path": "/changes/", "scheme": "http", "headers": headers,
             "query_string": b"", "client": ("127.0.0.1", 1), "server": ("testserver", 80)}  # fmt: skip
    messages: list[Any] = []

    async def receive() -> dict[str, Any]:
        await anyio.sleep_forever()
        return {}

    async def listen() -> None:
        with anyio.CancelScope() as scope:

            async def send(message: Any) -> None:
                messages.append(message)
                if len(messages) == 2 + expected:
                    scope.cancel()

            await client.http.app(asked, receive, send)

    anyio.run(listen)
    begun, *parts = messages
    return httpx.Response(begun["status"], headers=begun["headers"], content=b"".join(part["body"] for part in parts))


CURSOR = re.compile(r'(?<="cursor":")[^"]*|(?<=id: )[\w-]+')


def _said(answer: httpx.Response, cursors: dict[str, str]) -> tuple[int, dict[str, str], str]:
    """An answer without what is drawn at random; of each cursor, which one it is of those that the viewer has seen, and its size."""
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    text = CURSOR.sub(lambda found: cursors.setdefault(found[0], f"{len(cursors)} of {len(found[0])}"), answer.text)
    return answer.status_code, headers, re.sub(r'"id":"[0-9a-f-]{36}","status"', '"id":"","status"', text)


@pytest.mark.parametrize("case", CASES)
def test_the_matrix(case: str, tmp_path: Path) -> None:
    objects, audience, seen_by = CASES[case]
    older = [{**SECRET, "object_marking_refs": [TLP.CLEAR.marking_id]}] if case == "newer version red" else []
    full, collection = _world(tmp_path / "full", [*older, *objects], audience, guarded=False)
    bare, other = _world(tmp_path / "bare", older, audience, guarded=False)
    for viewer in VIEWERS:
        there, absent = full.client(viewer, collection), bare.client(viewer, other)
        if viewer in seen_by | ALWAYS:
            _sees(there, objects[-1], versions=len(older) + 1)
        else:
            _learns_nothing(there, absent, collection, other)
    full.hub.close(), bare.hub.close()


def _sees(client: Client, thing: dict[str, Any], versions: int) -> None:
    assert thing in client.get().json()["objects"]
    assert client.get(f"/objects/{NAME}/").json()["objects"] == [thing]
    assert len(client.get(f"/objects/{NAME}/versions/").json()["versions"]) == versions
    assert NAME in [entry["id"] for entry in client.get("/manifest/").json()["objects"]]


def _learns_nothing(there: Client, absent: Client, collection: str, other: str) -> None:
    cursors, others = dict[str, str](), dict[str, str]()
    for probe, ask in PROBES.items():
        told, expected = _said(ask(there), cursors), _said(ask(absent), others)
        same = told[0], told[1], told[2].replace(collection, other)
        assert same == expected, (there.member, probe)


@pytest.mark.parametrize("forwarded", ["http", "https"])
def test_what_must_be_encrypted_is_not_served_in_clear(tmp_path: Path, forwarded: str) -> None:
    world, collection = _world(tmp_path, [ENCRYPTED, marked(ENCRYPTED["id"])], None, guarded=False)
    client = world.client("other", collection)
    client.headers["X-Forwarded-Proto"] = forwarded
    assert (NAME in client.ids()) == (forwarded == "https")


def test_a_policy_begins_and_ends_by_the_clock(tmp_path: Path) -> None:
    world, collection = _world(tmp_path, [NOT_YET, marked(NOT_YET["id"])], None, guarded=False)
    client = world.client("other", collection)
    assert NAME not in client.ids()
    world.clock.now += 20 * 365 * 86_400_000_000
    assert NAME in client.ids()


def test_somebody_elses_version_is_kept_and_told_to_nobody(tmp_path: Path) -> None:
    """Who guesses an id that it may not see can neither find that out nor revoke the object."""
    world, collection = _world(tmp_path, [marked(TLP.AMBER_STRICT.marking_id)], None, guarded=True)
    stranger, member, operator = (world.client(name, collection) for name in ("guest", "other", "op"))
    fake = {**SECRET, "modified": "2026-06-01T00:00:00.000Z", "revoked": True, "object_marking_refs": [TLP.CLEAR.marking_id]}
    assert stranger.add(fake)["success_count"] == 1
    assert stranger.get(f"/objects/{NAME}/").json()["objects"] == [fake]
    assert member.get(f"/objects/{NAME}/").json()["objects"][0].get("revoked") is None
    assert len(operator.get(f"/objects/{NAME}/versions/").json()["versions"]) == 2
    assert member.add(fake)["failure_count"] == 1


@pytest.mark.parametrize("named", ["group:cell", "member:named", "member:guest,group:cell"])
def test_naming_an_audience_tells_nobody_whether_it_exists(tmp_path: Path, named: str) -> None:
    """Whoever names a group that it is not in, or a member, gets the answers that it gets for names that nobody has."""
    nobody = re.sub(r":\w+", ":nowhere", named)
    there, collection = _world(tmp_path / "there", [], None, guarded=True)
    absent, other = _world(tmp_path / "absent", [], None, guarded=True)
    sent = _envelope(marked(TLP.AMBER.marking_id))
    asked = [(there.client("other", collection), named), (absent.client("other", other), nobody)]
    answers = [client.post(sent, Stillwatch_Audience=audience) for client, audience in asked]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert _said(answers[0], {}) == _said(answers[1], {})
    _learns_nothing(asked[0][0], asked[1][0], collection, other)
    assert NAME not in absent.client("named", other).ids() and NAME in absent.client("op", other).ids()
    recorded = [entry.details["names"] for entry in absent.hub.ledger.entries(kind="refusal") if entry.subject == "audience"]
    assert recorded == [nobody.split(",")] and not [e for e in there.hub.ledger.entries() if e.subject == "audience"]


def test_a_name_that_nobody_has_takes_nothing_from_those_who_are_there(tmp_path: Path) -> None:
    world, collection = _world(tmp_path, [], None, guarded=False)
    world.client("author", collection).add(marked(TLP.RED.marking_id), audience="member:named,group:nowhere")
    assert NAME in world.client("named", collection).ids() and NAME not in world.client("other", collection).ids()


def test_a_cursor_is_its_members_alone_and_tells_no_distance(world: World) -> None:
    collection = world.collection()
    one, other = (world.client(world.member(name), collection) for name in ("one", "other"))
    one.add(*(indicator(number) for number in range(3)))
    cursors, others = ([change["cursor"] for change in _feed(client)["changes"]] for client in (one, other))
    assert len({*cursors, *others}) == 6 and {len(cursor) for cursor in (*cursors, *others)} == {32}
    for stolen in (others[0], "AQAGYQYp0UVq", cursors[0][:-1] + "A", cursors[0] + "=", ""):
        answer = one.http.get("/changes/", params={"after": stolen}, auth=(one.member, one.key))
        assert answer.status_code == (400 if stolen else 200)
        receipt = one.http.post("/changes/receipts/", json={"cursor": stolen}, auth=(one.member, one.key))
        assert receipt.status_code == 422


@given(st.lists(st.sampled_from([TLP.CLEAR, TLP.GREEN, TLP.AMBER, TLP.RED]), min_size=1, max_size=40), st.randoms())
def test_dates_within_a_request_leave_no_gap_where_something_is_hidden(levels: list[TLP], random: Random) -> None:
    """For each viewer: the steps of what it sees are those that they were if nothing else had been there."""
    dates = Dating(1_000_000, 0, draw=lambda below: 0 if below == 2 else random.randrange(below))
    given_out = [(level, dates.next(Audience(level)) - dates.start) for level in levels]
    assert len({date for _, date in given_out}) == len(levels)
    for level in set(levels):
        steps = [date // STEP for found, date in given_out if found is level]
        assert steps == list(range(len(steps)))


def test_an_empty_step_is_no_sign_that_something_is_held() -> None:
    """One empty step before an object: as often where one object more was dated, which others do not see, as where none was."""
    random = Random(1)

    def empty(unseen: int) -> int:
        dates = Dating(0, 0, draw=random.randrange)
        steps = [dates.next(Audience(TLP.GREEN)) // STEP for _ in range(unseen + 2)]
        return steps[-1] - steps[0] - 1

    without, held = (Counter(empty(unseen) for _ in range(4000)) for unseen in (0, 1))
    assert abs(without[1] - held[1]) < 200 and without[1] > 800 and without[2] > 350


def test_what_is_hidden_in_the_middle_of_a_request_moves_nothing(world: World) -> None:
    world.hub.addition = replace(world.hub.addition, draw=lambda below: 0)
    collection = world.collection()
    author, reader = (world.client(world.member(name), collection) for name in ("author", "reader"))
    hidden = ({**indicator(number), "object_marking_refs": [TLP.RED.marking_id]} for number in range(100, 150))
    author.add(indicator(1), *hidden, indicator(2))
    dates = [timestamps.read(entry["date_added"]) for entry in reader.get("/manifest/").json()["objects"]]
    assert 0 < dates[1] - dates[0] < 2 * STEP
