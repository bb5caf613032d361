"""Access tokens: a client's key is shown to a token end point only, and what it gives in return to the peer (OAuth 2.0 client
credentials, RFC 6749, 4.4; bearer tokens, RFC 6750).

Rules: a token is fetched when it is first needed, kept in memory, renewed SPARE_SECONDS before its end or once when the peer
refuses it, and written nowhere: neither it nor the key is in a log, an error or a representation.

>>> ClientCredentials(httpx.Client(), "https://login.example/token", "synthetic-provider-a", "swk_synthetic")
ClientCredentials('https://login.example/token')
"""

import re
import time
from collections.abc import Callable, Generator
from urllib.parse import quote_plus

import httpx
import msgspec

from stillwatch.sharing.exchange.failures import NotLetIn, PeerOdd
from stillwatch.sharing.exchange.patience import AGAIN

SPARE_SECONDS = 30.0
_MOST_BYTES = 64 * 1024
_ACCEPT = {"Accept": "application/json"}
_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*", re.ASCII)


class _Given(msgspec.Struct):
    access_token: str
    token_type: str
    expires_in: float | None = None


class _Refused(msgspec.Struct):
    error: str = ""


class ClientCredentials(httpx.Auth):
    """Shows a peer tokens that the end point at ``url`` gives, where the client is known as ``client`` with ``secret``.

    ``way`` is how the end point is reached; ``clock`` gives seconds that only grow. Raises NotLetIn if the end point refuses the
    client, PeerOdd if it answers otherwise, and httpx.TransportError for what may pass.
    """

    def __init__(self, way: httpx.Client, url: str, client: str, secret: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._way = way
        self._url = url
        self._known_as = httpx.BasicAuth(quote_plus(client), quote_plus(secret))
        self._clock = clock
        self._token = ""
        self._until = float("-inf")

    def __repr__(self) -> str:
        return f"ClientCredentials({self._url!r})"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The requests that it takes to have one answered."""
        fetched = self._clock() >= self._until
        if fetched:
            self._fetch()
        response = yield self._shown_in(request)
        if response.status_code == 401 and not fetched:
            self._fetch()
            yield self._shown_in(request)

    def _fetch(self) -> None:
        """Get a token and keep it."""
        begun = self._clock()
        asked = {"grant_type": "client_credentials"}
        with self._way.stream("POST", self._url, data=asked, headers=_ACCEPT, auth=self._known_as) as response:
            answer = b"".join(_bounded(response, self._url))
        given = self._given(response.status_code, answer)
        self._token = given.access_token
        self._until = float("inf") if given.expires_in is None else begun + given.expires_in - SPARE_SECONDS

    def _given(self, status: int, answer: bytes) -> _Given:
        """The token in an answer."""
        if status in AGAIN:
            raise httpx.TransportError(f"the token end point answers with status {status}")
        if status in (400, 401, 403):
            cure = "name the client and the file of its key, and see that it may ask for tokens"
            raise NotLetIn(f"no access token is given: {_error(answer) or f'status {status}'}", place=self._url, cure=cure)
        try:
            given = msgspec.json.decode(answer, type=_Given)
        except msgspec.DecodeError as error:
            raise _odd(self._url, f"it gives no access token (status {status})") from error
        if status != 200 or given.token_type.lower() != "bearer" or not _TOKEN.fullmatch(given.access_token):
            raise _odd(self._url, f"what it gives is no bearer token (status {status})")
        return given

    def _shown_in(self, request: httpx.Request) -> httpx.Request:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _bounded(response: httpx.Response, url: str) -> Generator[bytes]:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise _odd(url, "it sends a content coding that was not asked for")
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > _MOST_BYTES:
            raise _odd(url, f"its answer is larger than {_MOST_BYTES} bytes")
        yield part


def _error(answer: bytes) -> str:
    """The error code of RFC 6749, 5.2, fit to be printed."""
    try:
        return msgspec.json.decode(answer, type=_Refused).error.encode("ascii", "backslashreplace").decode()[:60]
    except msgspec.DecodeError:
        return ""


def _odd(url: str, what: str) -> PeerOdd:
    return PeerOdd(what, place=url, cure="name the token end point of an OAuth 2.0 authorisation server")
