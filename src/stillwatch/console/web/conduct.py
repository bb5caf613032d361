"""Conduct towards browsers: which hosts are answered, and the headers that every answer carries.

Rules: a request for another host name is refused (DNS rebinding). The content security policy allows scripts, styles and images
of this origin only, nothing inline, no frame around it, and forms to this origin. Pages are not kept by any cache.
"""

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_ENCRYPTED = {"strict-transport-security": "max-age=31536000"}


class Conduct:
    """The middleware around all routes."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], *, encrypted: bool) -> None:
        self._app = app
        self._hosts = frozenset(host.casefold() for host in hosts)
        self._headers = {**_ALWAYS, **(_ENCRYPTED if encrypted else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse a foreign host."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("cache-control", "no-store")
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        known = _host(Headers(scope=scope).get("host", "")) in self._hosts
        app = self._app if known else PlainTextResponse("there is no console under this name; see --public-url", 421)
        await app(scope, receive, with_headers)


def _host(text: str) -> str:
    """The name in a Host header, without the port."""
    name, colon, port = text.rpartition(":")
    return (name if colon and port.isdigit() else text).casefold()
