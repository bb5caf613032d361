"""The gateway as ASGI middleware, for services on Starlette, FastAPI or any other ASGI framework.

    gateway = Gateway(load_settings(Path("stillwatch-gateway")))
    app.add_middleware(StillwatchMiddleware, gate=gateway.gate, identify=lambda scope: Identity(scope["state"]["account"]))

Only POST requests are judged. Steps: the body is read as far as the settings allow; its facts are judged; a refusal is answered
here; else the request goes on, limited if the ruling says so, and its answer comes back measured. Whatever goes wrong here never
stops a request.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from stillwatch.gateway.adapters.asgi_answer import MeasuredSend
from stillwatch.gateway.adapters.asgi_request import Message, ReadAhead, Receive, Scope, Send, headers_of
from stillwatch.gateway.adapters.body import Read, decoded
from stillwatch.gateway.adapters.client_address import client_address
from stillwatch.gateway.adapters.identity import Identity
from stillwatch.gateway.adapters.identity import identify as identify_by
from stillwatch.gateway.answers.request_limits import limited
from stillwatch.gateway.gate import Gate
from stillwatch.gateway.ruling import TOO_MANY, Ruling, refusal

App = Callable[[Scope, Receive, Send], Awaitable[None]]
_FINGERPRINTS = ("x-ja4", "ja4", "cf-ja4")


class StillwatchMiddleware:
    """The middleware. ``identify`` tells who asks, from the scope (after authentication); without it the settings do."""

    def __init__(self, app: App, gate: Gate, identify: Callable[[Scope], Identity] | None = None) -> None:
        self._app, self._gate, self._identify = app, gate, identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope.get("method") != "POST":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        ahead = ReadAhead(receive, self._gate.settings.body_bytes)
        await ahead.read()
        requests = self._facts(scope, ahead.body)
        ruling = self._gate.judge_all(requests)
        row = requests[0][1]
        if ruling.refused:
            await _refuse(ruling, send)
            self._gate.finish(ruling, row, status=ruling.status, latency_ms=_since(began))
            return
        seen = _Status(send)
        altered = False
        try:
            altered = await self._pass_on(ruling, scope, ahead, seen)
        finally:
            self._gate.finish(ruling, row, altered=altered, status=seen.status, latency_ms=_since(began))

    async def _pass_on(self, ruling: Ruling, scope: Scope, ahead: ReadAhead, send: Send) -> bool:
        """Let the application answer; whether the answer was altered."""
        if not ruling.measures.alters or not await asyncio.to_thread(self._gate.granted, ruling):
            await self._app(scope, ahead.receive, send)
            return False
        body = decoded(ahead.body) if ahead.body else None
        if body is not None:
            changed = msgspec.json.encode(limited(body, ruling.measures))
            ahead.replace(changed)
            scope = {**scope, "headers": _headers(scope, len(changed))}
        answer = MeasuredSend(send, ruling.measures, self._gate.mark(ruling), self._gate.unreadable)
        await self._app(scope, ahead.receive, answer)
        return answer.altered

    def _facts(self, scope: Scope, body: bytes | None) -> list[Read]:
        """The facts of a request; never raises."""
        headers = headers_of(scope)
        known = self._known(scope, headers)
        requests = self._gate.read(body or b"", str(scope.get("path", "")), headers, known)
        settings = self._gate.settings
        if self._identify is None and settings.account_from in ("org", "end_user"):
            known["account_id"] = identify_by(settings.account_from, headers, requests[0][1]).account_id
            requests = self._gate.read(body or b"", str(scope.get("path", "")), headers, known)
        return requests

    def _known(self, scope: Scope, headers: dict[str, str]) -> dict[str, Any]:
        """What is known of a request without its body. Headers that a client may write are believed only as far as the settings
        say."""
        settings = self._gate.settings
        identity = self._identity(scope, headers)
        peer = scope.get("client")
        trusted = settings.trusted_hops > 0
        return {
            "request_id": (headers.get("x-request-id") if trusted else None) or f"gw-{uuid.uuid4()}",
            "account_id": identity.account_id,
            "org_id": identity.org_id,
            "plan": identity.plan,
            "ip": client_address(peer[0] if peer else None, [headers.get("x-forwarded-for", "")], settings.trusted_hops),
            "user_agent": headers.get("user-agent"),
            "client_fingerprint": next((headers[name] for name in _FINGERPRINTS if trusted and headers.get(name)), None),
        }

    def _identity(self, scope: Scope, headers: dict[str, str]) -> Identity:
        try:
            return self._identify(scope) if self._identify else identify_by(self._gate.settings.account_from, headers)
        except Exception as error:
            self._gate.unidentified(repr(error))
            return Identity("")


class _Status:
    """Passes messages on and remembers the status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


def _headers(scope: Scope, length: int) -> list[tuple[bytes, bytes]]:
    """The request's headers for a changed body whose answer must be readable."""
    changed = (b"content-length", b"accept-encoding", b"transfer-encoding")
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in changed]
    return [*kept, (b"content-length", str(length).encode())]


async def _refuse(ruling: Ruling, send: Send) -> None:
    body = msgspec.json.encode(refusal(ruling))
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if ruling.status == TOO_MANY:
        headers.append((b"retry-after", str(ruling.retry_after).encode()))
    await send({"type": "http.response.start", "status": ruling.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 3)
