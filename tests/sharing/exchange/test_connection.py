"""A connection: tries again what may succeed, says clearly what will not, and cannot be lured or flooded."""

import gzip
from pathlib import Path

import httpx
import pytest

from stillwatch.errors import StillwatchError, UsageError
from stillwatch.sharing.exchange import connection as connections
from stillwatch.sharing.exchange.connection import Connection
from stillwatch.sharing.exchange.failures import NotLetIn, NotTaken, NotThere, PeerOdd, PeerSilent
from stillwatch.sharing.exchange.patience import Patience
from stillwatch.sharing.exchange.peer import Peer, read_key
from tests.sharing.exchange.server import ROOT, connection


def always(status: int, **more: object) -> httpx.MockTransport:
    return httpx.MockTransport(lambda request: httpx.Response(status, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(("status", "error"), [
    (401, NotLetIn), (403, NotLetIn), (404, NotThere), (409, NotTaken), (413, NotTaken), (422, NotTaken), (400, PeerOdd),
    (406, PeerOdd), (500, PeerOdd), (302, PeerOdd), (503, PeerSilent), (502, PeerSilent), (429, PeerSilent),
])  # fmt: skip
def test_each_refusal_is_its_own_error(status: int, error: type[StillwatchError]) -> None:
    said = always(status, json={"title": "t", "description": "what is wrong"})
    with connection(said) as open_connection, pytest.raises(error, match=r"what is wrong|sends on") as raised:
        open_connection.get(ROOT)
    assert raised.value.cure and raised.value.place.startswith("https://taxii.example/")


def test_what_passes_is_tried_again_after_growing_pauses() -> None:
    answers, waited = iter([503, 429, 200]), list[float]()
    server = httpx.MockTransport(lambda request: httpx.Response(next(answers), headers={"Retry-After": "2"}))
    patience = Patience(tries=5, first_seconds=1, longest_seconds=30)
    with Connection(Peer.at(ROOT), patience, transport=server, sleep=waited.append, draw=lambda: 1.0) as open_connection:
        assert open_connection.get(ROOT).status == 200
    assert waited == [2.0, 2.0]


def test_a_wait_that_is_too_long_is_not_waited_for() -> None:
    with (
        connection(always(429, headers={"Retry-After": "80000"})) as open_connection,
        pytest.raises(NotLetIn, match="no more for now"),
    ):
        open_connection.get(ROOT)


def test_no_answer_at_all() -> None:
    tried = list[str]()

    def answer(request: httpx.Request) -> httpx.Response:
        tried.append(str(request.url))
        raise httpx.ConnectError("nobody listens", request=request)

    with connection(httpx.MockTransport(answer), tries=4) as open_connection, pytest.raises(PeerSilent, match="nobody listens"):
        open_connection.get(ROOT)
    assert len(tried) == 4


def test_the_key_goes_to_its_origin_only() -> None:
    shown = list[str]()

    def answer(request: httpx.Request) -> httpx.Response:
        shown.append(str(request.url.host))
        return httpx.Response(302, headers={"Location": "https://elsewhere.example/"})

    with connection(httpx.MockTransport(answer)) as open_connection:
        with pytest.raises(PeerOdd):
            open_connection.get(ROOT)
        with pytest.raises(UsageError, match="another server"):
            open_connection.get("https://elsewhere.example/")
    assert shown == ["taxii.example"]


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(bytes(1_000_000))
    packed = always(200, headers={"Content-Encoding": "gzip"}, content=bomb)
    with connection(packed) as open_connection, pytest.raises(PeerOdd, match="content coding"):
        open_connection.get(ROOT)
    monkeypatch.setattr(connections, "MOST_BYTES", 1000)
    with connection(always(200, content=bytes(1001))) as open_connection, pytest.raises(PeerOdd, match="larger"):
        open_connection.get(ROOT)


@pytest.mark.parametrize("url", ["ftp://hub.example/", "hub.example", "https://", "https://a:b@hub.example/", "https://hub.example/?a=b", "http://hub.example/"])  # fmt: skip
def test_what_is_no_url_of_a_server(url: str) -> None:
    with pytest.raises(UsageError):
        Peer.at(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8043/", "http://[::1]/", "http://localhost/", "https://hub.example"])
def test_ways_on_which_nobody_listens(url: str) -> None:
    assert Peer.at(url).url.endswith("/")


def test_a_key_file_is_for_its_owner_only(tmp_path: Path) -> None:

    file = tmp_path / "hub.key"
    file.write_text("swk_synthetic\n")
    file.chmod(0o644)
    with pytest.raises(StillwatchError, match="others may read"):
        read_key(file)
    file.chmod(0o600)
    assert read_key(file) == "swk_synthetic"
