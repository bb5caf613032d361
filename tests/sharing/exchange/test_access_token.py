"""Access tokens: fetched, kept, renewed, and shown to nobody but the peer."""

import logging
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import pytest

from stillwatch.errors import StillwatchError, UsageError
from stillwatch.sharing.exchange.access_token import ClientCredentials
from stillwatch.sharing.exchange.connection import Connection
from stillwatch.sharing.exchange.failures import NotLetIn, PeerOdd, PeerSilent
from stillwatch.sharing.exchange.patience import Patience
from stillwatch.sharing.exchange.peer import Peer

HUB, LOGIN = "https://hub.example/", "https://login.example/token"
SECRET = "swk_synthetic_secret"


class Servers(httpx.BaseTransport):
    """An authorisation server that gives numbered tokens, and a peer that takes the last one."""

    def __init__(self, **given: object) -> None:
        self.given: dict[str, object] = {"token_type": "Bearer", "expires_in": 900} | given
        self.tokens = 0
        self.asked: list[httpx.Request] = []
        self.login_answers: list[httpx.Response] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        if request.url == LOGIN:
            return self._login()
        known = request.headers.get("authorization") == f"Bearer token-{self.tokens}"
        return httpx.Response(200 if known else 401, json={})

    def _login(self) -> httpx.Response:
        if self.login_answers:
            return self.login_answers.pop(0)
        self.tokens += 1
        return httpx.Response(200, json=self.given | {"access_token": f"token-{self.tokens}"})


def connection(servers: httpx.BaseTransport, member: str = "provider a", tries: int = 3) -> Connection:
    peer = Peer.at(HUB, member, SECRET, token_url=LOGIN)
    return Connection(peer, Patience(tries=tries), transport=servers, sleep=lambda seconds: None)


def test_a_token_is_fetched_once_and_the_key_is_shown_at_its_end_point_only() -> None:
    servers = Servers()
    with connection(servers) as open_connection:
        open_connection.get(HUB)
        open_connection.post(HUB, b"{}")
    login, *rest = servers.asked
    assert login.method == "POST" and parse_qs(login.content.decode()) == {"grant_type": ["client_credentials"]}
    assert login.headers["authorization"] == f"Basic {b64encode(f'provider+a:{SECRET}'.encode()).decode()}"
    assert [request.headers["authorization"] for request in rest] == ["Bearer token-1"] * 2
    assert not any(SECRET in str(request.headers.raw) for request in rest)


def test_a_token_that_the_peer_refuses_is_renewed_once() -> None:
    servers = Servers()
    with connection(servers) as open_connection:
        open_connection.get(HUB)
        servers.tokens += 1
        open_connection.get(HUB)
        assert servers.tokens == 3
        servers.handle_request = lambda request: httpx.Response(401)  # type: ignore[method-assign]
        with pytest.raises(NotLetIn):
            open_connection.get(HUB)


def test_a_token_is_renewed_before_its_end() -> None:
    servers, now = Servers(expires_in=100), [0.0]
    with httpx.Client(transport=servers) as way:
        auth = ClientCredentials(way, LOGIN, "a", SECRET, clock=lambda: now[0])
        for now[0], tokens in ((0.0, 1), (69.9, 1), (70.0, 2), (139.9, 2), (141.0, 3)):
            assert way.get(HUB, auth=auth).status_code == 200
            assert servers.tokens == tokens


def test_a_token_without_an_end_is_used_until_it_is_refused() -> None:
    servers = Servers()
    del servers.given["expires_in"]
    with connection(servers) as open_connection:
        for _ in range(3):
            open_connection.get(HUB)
    assert servers.tokens == 1


def test_an_end_point_that_cannot_answer_now_is_asked_again() -> None:
    servers = Servers()
    servers.login_answers = [httpx.Response(503), httpx.Response(429)]
    with connection(servers) as open_connection:
        assert open_connection.get(HUB).status == 200
    servers.login_answers = [httpx.Response(503)] * 2
    with connection(servers, tries=2) as open_connection, pytest.raises(PeerSilent, match="token end point"):
        open_connection.get(HUB)


@pytest.mark.parametrize(("answer", "error"), [
    (httpx.Response(401, json={"error": "invalid_client"}), NotLetIn),
    (httpx.Response(400, json={"error": "unauthorized_client"}), NotLetIn),
    (httpx.Response(400, content=b"?"), NotLetIn),
    (httpx.Response(500), PeerOdd),
    (httpx.Response(302, headers={"Location": "https://elsewhere.example/"}), PeerOdd),
    (httpx.Response(200, content=b"<html>"), PeerOdd),
    (httpx.Response(200, json={"access_token": "t", "token_type": "mac"}), PeerOdd),
    (httpx.Response(200, json={"access_token": "a\r\nb: c", "token_type": "bearer"}), PeerOdd),
    (httpx.Response(200, json={"access_token": "", "token_type": "bearer"}), PeerOdd),
    (httpx.Response(200, content=bytes(70_000)), PeerOdd),
])  # fmt: skip
def test_no_token_is_given(answer: httpx.Response, error: type[StillwatchError]) -> None:
    servers = Servers()
    servers.login_answers = [answer]
    with connection(servers) as open_connection, pytest.raises(error) as raised:
        open_connection.get(HUB)
    assert raised.value.place == LOGIN and raised.value.cure and SECRET not in str(raised.value)
    assert [request.url for request in servers.asked] == [LOGIN]


def test_neither_key_nor_token_is_in_a_log_or_a_representation(caplog: pytest.LogCaptureFixture) -> None:
    servers = Servers()
    with caplog.at_level(logging.DEBUG, logger="httpx"), connection(servers) as open_connection:
        open_connection.get(HUB)
        shown = [repr(open_connection.peer), repr(vars(open_connection)), caplog.text]
    assert caplog.text and not any(word in text for text in shown for word in (SECRET, "token-1"))


@pytest.mark.parametrize("make", [
    lambda: Peer.at(HUB, "a", SECRET, token_url="http://login.example/token"),
    lambda: Peer.at(HUB, "a", SECRET, token_url="login.example"),
    lambda: Peer.at(HUB, "", SECRET, token_url=LOGIN),
    lambda: Peer.at(HUB, "a", "", token_url=LOGIN),
])  # fmt: skip
def test_what_cannot_ask_for_a_token(make: Callable[[], Peer]) -> None:
    with pytest.raises(UsageError):
        make()
