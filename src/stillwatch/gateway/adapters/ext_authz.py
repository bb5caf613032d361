"""The gateway as an external authorisation service: Envoy's ``ext_authz`` over HTTP, and whatever else asks before it passes on a
request (nginx ``auth_request``, forward authentication of other proxies).

The proxy sends method, path, chosen headers and, if told to, the beginning of the body. The answer is 200 to let the request pass,
with headers for the service behind (``x-stillwatch-action``, ``x-stillwatch-measures``), or the refusal itself. The proxy sees the
client, so its X-Forwarded-For is one's own: ``trusted_hops`` is at least 1 here. Answers do not come this way: the service behind
has to strip them.

``GET /-/stillwatch`` tells an operator what is in force.
"""

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from stillwatch.gateway.adapters.asgi_request import ReadAhead, Receive, Scope, Send, headers_of
from stillwatch.gateway.adapters.body import Read
from stillwatch.gateway.adapters.client_address import client_address
from stillwatch.gateway.adapters.identity import identify
from stillwatch.gateway.gate import Gate
from stillwatch.gateway.opening import Gateway
from stillwatch.gateway.policy import Measures
from stillwatch.gateway.ruling import SERVED, TOO_MANY, Ruling, refusal
from stillwatch.gateway.settings import Settings, load_settings

STATUS_PATH = "/-/stillwatch"
_FINGERPRINTS = ("x-ja4", "ja4", "x-ja3-fingerprint")
_Headers = list[tuple[bytes, bytes]]


class ExtAuthz:
    """The service as an ASGI application; ``open_gateway`` is called when the server starts it, in the process that serves."""

    def __init__(self, open_gateway: Callable[[], Gateway]) -> None:
        self._open = open_gateway
        self._gateway: Gateway | None = None

    @property
    def gateway(self) -> Gateway:
        """The gateway, opened when it is first needed."""
        if self._gateway is None:
            self._gateway = self._open()
        return self._gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and scope.get("path") == STATUS_PATH:
            await _answer(send, 200, [], self._status())
        elif scope["type"] == "http":
            await self._judge(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.gateway.gate.snapshot  # noqa: B018 - opens it before the first request
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self.gateway.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _judge(self, scope: Scope, receive: Receive, send: Send) -> None:
        gate = self.gateway.gate
        ahead = ReadAhead(receive, gate.settings.body_bytes)
        await ahead.read()
        requests = _read(gate, scope, ahead.body)
        ruling = gate.judge_all(requests)
        gate.finish(ruling, requests[0][1], status=ruling.status if ruling.refused else None)
        if ruling.refused:
            wait = [(b"retry-after", str(ruling.retry_after).encode())] if ruling.status == TOO_MANY else []
            await _answer(send, ruling.status, wait, refusal(ruling))
            return
        alters = ruling.measures.alters and await asyncio.to_thread(gate.granted, ruling)
        await _answer(send, SERVED, _told(ruling, alters), {})

    def _status(self) -> dict[str, Any]:
        snapshot = self.gateway.gate.snapshot
        about = {"snapshot": snapshot.number, "created": snapshot.about.created, "mode": snapshot.policy.mode} if snapshot else {}
        return {"snapshot": None, **about, "alarms": self.gateway.alarms.counts()}


def _read(gate: Gate, scope: Scope, body: bytes | None) -> list[Read]:
    settings = gate.settings
    headers = headers_of(scope)
    identity = identify(settings.account_from, headers) if not _in_body(settings) else None
    known = {
        "account_id": identity.account_id if identity else "",
        "request_id": headers.get("x-request-id") or f"gw-{uuid.uuid4()}",
        "ip": client_address(None, [headers.get("x-forwarded-for", "")], max(1, settings.trusted_hops)),
        "user_agent": headers.get("user-agent"),
        "client_fingerprint": next((headers[name] for name in _FINGERPRINTS if headers.get(name)), None),
    }
    path = str(scope.get("path", ""))
    requests = gate.read(body or b"", path, headers, known)
    if _in_body(settings):
        known["account_id"] = identify(settings.account_from, headers, requests[0][1]).account_id
        requests = gate.read(body or b"", path, headers, known)
    return requests


def _in_body(settings: Settings) -> bool:
    return settings.account_from in ("org", "end_user")


def _told(ruling: Ruling, alters: bool) -> _Headers:
    """The headers for the service behind the proxy; it has to keep the measures, and to tell nobody."""
    action = [(b"x-stillwatch-action", ruling.decision.action.word.encode() if ruling.enforced else b"allow")]
    return [*action, (b"x-stillwatch-measures", written(ruling.measures).encode())] if alters else action


def written(measures: Measures) -> str:
    """Measures in one line.

    >>> written(Measures(strip=frozenset({"reasoning", "logprobs"}), max_n=1))
    'strip=logprobs,reasoning; max_n=1'
    """
    parts = [f"strip={','.join(sorted(measures.strip))}"] if measures.strip else []
    parts += [f"{name}={value}" for name in ("max_n", "max_top_logprobs") if (value := getattr(measures, name)) is not None]
    return "; ".join([*parts, *(["canary"] if measures.canary else [])])


async def _answer(send: Send, status: int, headers: _Headers, body: Any) -> None:
    data = msgspec.json.encode(body)
    own = [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*own, *headers]})
    await send({"type": "http.response.body", "body": data, "more_body": False})


Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def from_environment() -> Application:
    """The service for the folder that STILLWATCH_GATEWAY names; a server calls this in each of its processes."""
    folder = Path(os.environ.get("STILLWATCH_GATEWAY", "stillwatch-gateway"))
    return ExtAuthz(lambda: Gateway(load_settings(folder)))
