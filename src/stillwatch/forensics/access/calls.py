"""Calls to a server: asked of the cache first, then within the budget, then again after a pause if the server is not ready.

Rules
- Retried: no connection, time-out, 408, 409, 429 and 5xx, with pauses that double, or as long as ``Retry-After`` asks (bounded).
- A refused key or a wrong address (401, 403, 404) ends the run: no number of retries mends it.
- After ``GIVE_UP`` failures in a row the server is left alone: what is still to be asked fails at once and can be asked later.
- The key goes into the header and nowhere else: it is masked in whatever the server says.

>>> print(masked("Incorrect key sk-synthetic-1", "sk-synthetic-1"))
Incorrect key [key]
"""

import hashlib
import threading
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import msgspec

from stillwatch.errors import StillwatchError
from stillwatch.forensics.access.budget import Budget, Price, Usage
from stillwatch.forensics.access.cache import Cache
from stillwatch.forensics.access.endpoint import Endpoint

ATTEMPTS = 5
GIVE_UP = 10
_LONGEST_PAUSE_SECONDS = 60.0
_AGAIN = frozenset({408, 409, 429})
_HOPELESS = frozenset({401, 403, 404})
_LONGEST_REASON = 200


class CallFailed(Exception):
    """One call gave nothing; ``str`` says why in a clause, ``status`` is the HTTP status, 0 if there was none."""

    def __init__(self, reason: str, status: int = 0, retry_after: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after = retry_after

    @property
    def may_pass(self) -> bool:
        """Whether asking again later may help."""
        return self.status < 400 or self.status in _AGAIN or self.status >= 500


class AccessDenied(StillwatchError):
    """The server refuses the key or knows no such address or model."""


class Calls:
    """Calls to one end point. ``pause`` waits so many seconds; ``transport`` is httpx's, for servers within the process."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        key: str,
        cache: Cache,
        budget: Budget,
        pause: Callable[[float], None],
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._key = key
        self._cache = cache
        self._budget = budget
        self._pause = pause
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(timeout=endpoint.timeout_seconds, headers=headers, transport=transport)
        self._failures = 0
        self._lock = threading.Lock()

    def post(self, path: str, payload: Mapping[str, Any], *, draw: int, most_output: int) -> Any:
        """The decoded JSON that the server answers. Raises CallFailed, AccessDenied or BudgetSpent."""
        key = _key_of(self._endpoint.url, path, payload, draw)
        kept = self._cache.get(key)
        if kept is None:
            kept = self._ask(path, payload, most_output)
            self._cache.put(key, kept)
        return msgspec.json.decode(kept)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self, path: str, payload: Mapping[str, Any], most_output: int) -> bytes:
        body = msgspec.json.encode(payload)
        if self._failures >= GIVE_UP:
            raise CallFailed(f"left alone after {GIVE_UP} failures in a row")
        price = Price(self._endpoint.price_input, self._endpoint.price_output)
        try:
            with self._budget.reserved(price, sent_bytes=len(body), most_output=most_output) as usage:
                answered = self._persist(path, body, usage)
        except CallFailed as failure:
            if failure.may_pass:
                self._count(self._failures + 1)
            raise
        self._count(0)
        return answered

    def _persist(self, path: str, body: bytes, usage: Usage) -> bytes:
        """Ask until the server answers, at most ``ATTEMPTS`` times."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(path, body, usage)
            except CallFailed as failure:
                if attempt == ATTEMPTS or not failure.may_pass:
                    usage.input_tokens = usage.output_tokens = 0
                    raise
                self._pause(_pause_seconds(attempt, failure.retry_after))
        raise AssertionError("unreachable")

    def _once(self, path: str, body: bytes, usage: Usage) -> bytes:
        url = f"{self._endpoint.url.rstrip('/')}/{path}"
        try:
            response = self._client.post(url, content=body, headers={"Content-Type": "application/json"})
        except httpx.TransportError as error:
            raise CallFailed(f"no answer ({type(error).__name__})") from error
        if response.is_success:
            return _checked(response, usage)
        if response.status_code in _HOPELESS:
            raise self._denied(self._reason(response))
        raise CallFailed(self._reason(response), response.status_code, response.headers.get("Retry-After", ""))

    def _reason(self, response: httpx.Response) -> str:
        said = masked(response.text, self._key)[:_LONGEST_REASON]
        return f"HTTP {response.status_code}: {' '.join(said.split())}"

    def _denied(self, reason: str) -> AccessDenied:
        named = f"the key in {self._endpoint.key_env}" if self._endpoint.key_env else "key_env (no key was sent)"
        return AccessDenied(reason, place=f"{self._endpoint.model} at {self._endpoint.url}", cure=f"check url, model and {named}")

    def _count(self, failures: int) -> None:
        with self._lock:
            self._failures = failures


def masked(text: str, key: str) -> str:
    """The text without the key."""
    return text.replace(key, "[key]") if key else text


def _key_of(url: str, path: str, payload: Mapping[str, Any], draw: int) -> str:
    return hashlib.sha256(msgspec.json.encode([url, path, payload, draw], order="sorted")).hexdigest()


def _checked(response: httpx.Response, usage: Usage) -> bytes:
    """The body, if it is a JSON object; the server's count of tokens goes into ``usage``."""
    try:
        counted = msgspec.json.decode(response.content, type=_Counted).usage
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CallFailed("the server answers no JSON object of the expected form") from error
    if counted is not None:
        usage.input_tokens, usage.output_tokens = counted.prompt_tokens or 0, counted.completion_tokens or 0
    return response.content


def _pause_seconds(attempt: int, retry_after: str) -> float:
    asked = float(retry_after) if retry_after.isdecimal() else float(2 ** (attempt - 1))
    return min(asked, _LONGEST_PAUSE_SECONDS)


class _TokenCount(msgspec.Struct):
    prompt_tokens: int | None = 0
    completion_tokens: int | None = 0


class _Counted(msgspec.Struct):
    usage: _TokenCount | None = None
