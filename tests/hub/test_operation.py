"""What operators ask a hub for at its URL, by the client of ``sharing/exchange``; nobody else finds these addresses."""

import json

import httpx
import pytest

from stillwatch.hub.access.member import Role
from stillwatch.hub.exchange.appeal import decide_appeal, open_appeal
from stillwatch.sharing.exchange import operator
from stillwatch.sharing.exchange.connection import Connection
from stillwatch.sharing.exchange.failures import NotLetIn, NotThere
from stillwatch.sharing.exchange.peer import Peer
from stillwatch.sharing.guard.guard import Guard
from tests.hub.test_exchange import changes
from tests.hub.world import World, indicator

URL = "http://127.0.0.1/"
ABOUT = indicator(1)["id"]


class InProcess(httpx.BaseTransport):
    """Brings a request to a hub in this process."""

    def __init__(self, world: World) -> None:
        self._http = world.http

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = {name: value for name, value in request.headers.items() if name != "host"}
        said = self._http.request(request.method, request.url.raw_path.decode(), content=request.read(), headers=headers)
        return httpx.Response(said.status_code, headers=dict(said.headers), content=said.content)


def connected(world: World, member: str, key: str | None = None) -> Connection:
    """A member's connection to the hub in this process."""
    return Connection(Peer.at(URL, member, world.keys[member] if key is None else key), transport=InProcess(world))


@pytest.fixture
def busy(stored_world: World) -> World:
    """A hub with an operator, an author, one who got its object and one who did not."""
    stored_world.member("op", Role.OPERATOR)
    collection = stored_world.collection()
    made = {name: stored_world.client(stored_world.member(name), collection) for name in ("author", "got", "never")}
    made["author"].add(indicator(1), indicator(2))
    made["got"].get()
    return stored_world


def test_status(busy: World) -> None:
    with connected(busy, "op") as connection:
        found = operator.status(connection, URL)
    assert (found.hub, found.members, found.collections, found.object_versions) == ("Synthetic hub", 4, 1, 2)
    assert sum(found.by_collection.values()) == 2 and found.ledger_entries == 2 and found.bytes > 0


def test_trace(busy: World) -> None:
    with connected(busy, "op") as connection:
        reached = {one.member: one for one in operator.trace(connection, URL, ABOUT)}
        with pytest.raises(NotThere):
            operator.trace(connection, URL, indicator(9)["id"])
    assert reached.keys() == {"got", "never"}
    assert reached["got"].how == "objects" and reached["got"].delivered and reached["got"].because is None
    assert reached["never"].delivered is None and reached["never"].because


def test_appeals_with_the_time_that_each_took(busy: World) -> None:
    case = open_appeal(
        busy.hub, Guard("member-standard"), [ABOUT], "Many people share this address.", "administrator", busy.clock()
    )
    got = busy.client("got", "none")
    busy.clock.now += 60_000_000
    receipt = json.dumps({"cursor": changes(got)["cursor"]})
    assert got.http.post("/changes/receipts/", content=receipt, auth=("got", got.key)).status_code == 204
    decide_appeal(busy.hub, case, "upheld", "administrator", busy.clock())
    with connected(busy, "op") as connection:
        (listed,) = operator.appeals(connection, URL)
        found = operator.appeal(connection, URL, case)
        with pytest.raises(NotThere):
            operator.appeal(connection, URL, "appeal--1")
    assert (listed.id, listed.outcome, listed.objects) == (case, "upheld", (ABOUT,)) == (found.id, found.outcome, found.objects)
    courses = {one.member: one for one in found.members}
    assert courses["got"].seconds_to_confirm == 60.0 and courses["author"].confirmed is None and "never" not in courses


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_nobody_else_finds_them(world: World, role: Role) -> None:
    world.member("someone", role)
    with connected(world, "someone") as connection:
        for ask in (operator.status, operator.appeals):
            with pytest.raises(NotThere):
                ask(connection, URL)
        for named in (operator.trace, operator.appeal):
            with pytest.raises(NotThere):
                named(connection, URL, ABOUT)
    with connected(world, "someone", "wrong") as connection, pytest.raises(NotLetIn):
        operator.status(connection, URL)
