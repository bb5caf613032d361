"""What every answer has in common: its headers, one line in the log, its numbers in the metrics; and addresses with or without a
slash.
"""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stillwatch.hub import metrics
from stillwatch.hub.web.logs import log

_HEADERS = (b"cache-control", b"no-store"), (b"vary", b"Accept, Authorization"), (b"x-content-type-options", b"nosniff")


class Conduct:
    """An ASGI application around another."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        if not scope["path"].endswith("/"):
            scope["path"] += "/"
        begun = time.perf_counter()

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_HEADERS]}
                _note(scope, message["status"], time.perf_counter() - begun)
            await send(message)

        await self._inner(scope, receive, send_on)


def _note(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "none")
    method = scope["method"] if route != "none" and len(scope["method"]) <= 7 else "other"
    metrics.requests.labels(route, method, str(status)).inc()
    metrics.seconds.labels(route, method).observe(seconds)
    facts = {"method": method, "route": route, "status": status, "milliseconds": round(seconds * 1000, 1)}
    log.info("request", extra={"facts": facts})
