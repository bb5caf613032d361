"""Pages: whatever is lost on the way, and wherever one stopped, nothing is left out."""

import json
from datetime import timedelta

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.sharing.exchange.failures import PeerOdd, PeerSilent
from stillwatch.sharing.exchange.paging import pages
from tests.sharing.exchange.server import BEGIN, OBJECTS, Server, connection, note


def ids(server: httpx.BaseTransport, tries: int = 3, limit: int = 4) -> set[str]:
    with connection(server, tries) as open_connection:
        read = [json.loads(page.data)["objects"] for page in pages(open_connection, OBJECTS, None, limit)]
    return {thing["id"] for things in read for thing in things}


def everything(count: int) -> set[str]:
    return {note(number)["id"] for number in range(count)}


def test_all_pages() -> None:
    assert ids(Server(10)) == everything(10)
    assert ids(Server(0)) == set()


@settings(max_examples=60)
@given(st.integers(0, 30), st.integers(1, 5), st.integers(1, 4), st.sets(st.integers(1, 40), max_size=4))
def test_lost_answers_lose_nothing(objects: int, limit: int, together: int, lost: set[int]) -> None:
    """Even where each page is handed out once, and where objects share a date."""
    assert ids(Server(objects, lambda number: number in lost, together), 8, limit) == everything(objects)


def test_a_server_that_stays_silent_is_given_up() -> None:
    with pytest.raises(PeerSilent, match="the line broke"):
        ids(Server(10, lambda number: number > 2))


def test_reading_goes_on_from_a_date_and_overlaps_it() -> None:
    server = Server(10)
    with connection(server) as open_connection:
        found = list(pages(open_connection, OBJECTS, BEGIN + timedelta(minutes=20)))
    assert [thing["id"] for thing in json.loads(found[0].data)["objects"]] == [note(number)["id"] for number in range(4, 10)]
    assert found[-1].reached == BEGIN + timedelta(minutes=45)


@pytest.mark.parametrize("envelope", [{"more": True}, {"more": True, "next": "1"}, {"objects": 5}, [], {"more": "yes"}])
def test_a_server_in_circles_or_without_sense(envelope: object) -> None:
    server = httpx.MockTransport(lambda request: httpx.Response(200, content=json.dumps(envelope).encode()))
    with pytest.raises(PeerOdd):
        ids(server)
