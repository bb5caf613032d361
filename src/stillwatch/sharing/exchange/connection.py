"""A connection to a peer: one request and its answer, tried again as long as that may help.

Rules: the key goes to the peer's origin only, or to its token end point, and no redirection is followed. Bodies are taken as they
are (a content coding that was not asked for is refused, so no bomb) and up to a bound. Each request here may be sent twice without
harm: reading changes nothing, and a server takes an object that it has once (TAXII 2.1, section 5.5).
"""

import random
import ssl
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import msgspec

from stillwatch import __version__
from stillwatch.errors import StillwatchError, UsageError
from stillwatch.sharing.exchange.access_token import ClientCredentials
from stillwatch.sharing.exchange.failures import NotLetIn, NotTaken, NotThere, NotUnderstood, PeerOdd, PeerSilent
from stillwatch.sharing.exchange.patience import AGAIN, Patience
from stillwatch.sharing.exchange.peer import Peer, origin

TAXII = "application/taxii+json;version=2.1"
JSON = "application/json"
MOST_BYTES = 96 * 2**20
"""The largest answer that is read."""

_SECONDS = 30.0
_SAID = 300
_Made = TypeVar("_Made")


@dataclass(frozen=True)
class Answer:
    """What came back: headers by name in lower case, and the body."""

    url: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def read(self, kind: type[_Made]) -> _Made:
        """The body as a value of this type. Raises PeerOdd if it is none."""
        try:
            return msgspec.json.decode(self.body, type=kind)
        except msgspec.DecodeError as error:
            raise odd(self.url, f"what it says cannot be read ({_plain(str(error))})") from error

    @property
    def complaint(self) -> str:
        """What the server says is wrong, if it says so as TAXII does."""
        try:
            said = msgspec.json.decode(self.body, type=dict[str, Any])
        except msgspec.DecodeError:
            return f"status {self.status}"
        words = said.get("description") or said.get("title") or said.get("error")
        return _plain(str(words)) if words else f"status {self.status}"


class Connection:
    """An open connection. ``sleep`` and ``draw`` are there for tests; ``transport`` is httpx's."""

    def __init__(
        self,
        peer: Peer,
        patience: Patience | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.peer = peer
        self.patience = patience or Patience()
        self._sleep, self._draw = sleep, draw
        self._client = httpx.Client(
            timeout=_SECONDS,
            verify=_trust(peer),
            transport=transport,
            follow_redirects=False,
            headers={"User-Agent": f"stillwatch/{__version__}", "Accept-Encoding": "identity"},
        )
        self._auth = _known_as(peer, self._client)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def get(self, url: str, query: Mapping[str, str] | None = None, *, accept: str = TAXII, once: bool = False) -> Answer:
        """Ask for what is at ``url``; ``once``: do not ask again if the answer is lost. Raises as ``send`` does."""
        return self.send("GET", url, {"Accept": accept}, query=query, once=once)

    def post(self, url: str, body: bytes, *, kind: str = TAXII, accept: str = TAXII) -> Answer:
        """Send a body to ``url``. Raises as ``send`` does."""
        return self.send("POST", url, {"Accept": accept, "Content-Type": kind}, body=body)

    def send(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        once: bool = False,
    ) -> Answer:
        """Send a request until it is answered.

        Raises PeerSilent, NotLetIn (401, 403), NotThere (404), NotTaken (409, 413, 422), PeerOdd for any other answer but success.
        """
        self._refuse_strangers(url)
        pauses = iter(()) if once else self.patience.pauses(self._draw)
        while True:
            asked, reason = None, ""
            try:
                answer = self._once(method, url, headers, query, body)
                if answer.status not in AGAIN or self.patience.is_beyond(answer.headers.get("retry-after")):
                    return _judged(answer)
                asked, reason = answer.headers.get("retry-after"), answer.complaint
            except httpx.TransportError as error:
                reason = _plain(str(error)) or type(error).__name__
            pause = next(pauses, None)
            if pause is None:
                raise silent(self.peer, reason, 1 if once else self.patience.tries)
            self._sleep(max(pause, self.patience.heeded(asked)))

    @contextmanager
    def lines(self, url: str, accept: str, seconds: float, query: Mapping[str, str]) -> Iterator[Iterator[str]]:
        """The lines of an answer as they come; it may pause for ``seconds``. Raises as ``send`` does, and tries once."""
        self._refuse_strangers(url)
        try:
            timeout = httpx.Timeout(_SECONDS, read=seconds)
            with self._client.stream(
                "GET", url, params=dict(query), headers={"Accept": accept}, timeout=timeout, auth=self._auth
            ) as response:
                if response.status_code != 200:
                    _judged(self._answer(response))
                    raise odd(url, f"it answers a stream with status {response.status_code}")
                yield response.iter_lines()
        except httpx.TransportError as error:
            raise silent(self.peer, _plain(str(error)) or type(error).__name__, 1) from error

    def _once(self, method: str, url: str, headers: dict[str, str], query: Mapping[str, str] | None, body: bytes | None) -> Answer:
        asked = dict(query) if query else None
        with self._client.stream(method, url, params=asked, headers=headers, content=body, auth=self._auth) as response:
            return self._answer(response)

    def _answer(self, response: httpx.Response) -> Answer:
        url = str(response.request.url)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise odd(url, "it sends a content coding that was not asked for")
        parts, size = list[bytes](), 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES:
                raise odd(url, f"its answer is larger than {MOST_BYTES} bytes")
        return Answer(url, response.status_code, dict(response.headers.items()), b"".join(parts))

    def _refuse_strangers(self, url: str) -> None:
        if origin(url) != self.peer.origin:
            cure = "name that address yourself if you trust it"
            raise UsageError(f"it points to another server, {_plain(origin(url))}", place=self.peer.url, cure=cure)


def silent(peer: Peer, reason: str, tries: int) -> PeerSilent:
    """Nobody answers: the error for it."""
    times = f" ({tries} tries)" if tries > 1 else ""
    cure = "see that the server runs and the address is right; the same command goes on where this one stopped"
    return PeerSilent(f"it does not answer: {reason}{times}", place=peer.url, cure=cure)


def odd(url: str, what: str) -> PeerOdd:
    """No answer of TAXII 2.1: the error for it."""
    return PeerOdd(what, place=url, cure="name the discovery, an API root or a collection of a TAXII 2.1 server")


def _judged(answer: Answer) -> Answer:
    """The answer, if it is a success."""
    status, said = answer.status, answer.complaint
    if 200 <= status < 300:
        return answer
    raise _failure(answer.url, status, said)


def _failure(url: str, status: int, said: str) -> StillwatchError:
    if status == 400:
        return NotUnderstood(f"it does not understand this: {said}", place=url, cure="see that it is a TAXII 2.1 server")
    if status == 401:
        return NotLetIn(f"it does not know who asks: {said}", place=url, cure="name the member and the file of its key")
    if status == 403:
        return NotLetIn(f"it does not allow this: {said}", place=url, cure="ask its operator, or name another collection")
    if status == 404:
        return NotThere(f"there is no such thing there: {said}", place=url, cure="name an address that the server has")
    if status == 429:
        return NotLetIn(f"there is no more for now: {said}", place=url, cure="run the same command again later; it goes on")
    if status in (409, 413, 422):
        return NotTaken(f"it does not take this: {said}", place=url, cure="see the reason")
    if 300 <= status < 400:
        return odd(url, f"it sends on to another address (status {status}), which is not followed")
    return odd(url, f"it answers with status {status}: {said}")


def _trust(peer: Peer) -> ssl.SSLContext:
    """Who may vouch for the server, and what the client shows."""
    try:
        context = ssl.create_default_context(cafile=str(peer.authority) if peer.authority else None)
        if peer.certificate:
            context.load_cert_chain(peer.certificate)
    except (OSError, ssl.SSLError) as error:
        place = str(peer.certificate or peer.authority)
        raise UsageError(f"no certificate can be read ({error})", place=place, cure="name PEM files") from error
    return context


def _known_as(peer: Peer, way: httpx.Client) -> httpx.Auth | None:
    """How the member is known there; a key without a member's name is a bearer."""
    if peer.token_url:
        return ClientCredentials(way, peer.token_url, peer.member, peer.key)
    if peer.member:
        return httpx.BasicAuth(peer.member, peer.key)
    return _Bearer(peer.key) if peer.key else None


class _Bearer(httpx.Auth):
    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._key}"
        yield request


def _plain(text: str) -> str:
    """What a server said, fit to be printed."""
    return text.encode("ascii", "backslashreplace").decode()[:_SAID]
