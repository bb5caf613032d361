"""Answers on their way out: in parts, as fast as the client takes them, so that no client that stalls can fill the memory.

Rules: the bytes of large answers that wait for their clients are counted over the whole process; what would go beyond is 503, and
may be asked for again. A client that takes nothing for STALL_SECONDS, or more slowly than SLOWEST_BYTES_A_SECOND beyond that, is
dropped.
"""

from collections.abc import Iterator

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stillwatch.hub.taxii.problem import Problem
from stillwatch.hub.web.request import SLOWEST_BYTES_A_SECOND, STALL_SECONDS

PART_BYTES = 16 * 1024
WHOLE_BYTES = 64 * 1024
"""What is no larger is sent at once: the way out holds as much in any case."""

MOST_HELD = 128 * 2**20
"""The most bytes of large answers that one process holds at once."""


class Outgoing:
    """An ASGI application around another; ``most_held`` are bytes."""

    def __init__(self, inner: ASGIApp, most_held: int = MOST_HELD, stall_seconds: float = STALL_SECONDS) -> None:
        self._inner = inner
        self._free = most_held
        self._stall_seconds = stall_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        begun: list[Message] = []

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.append(message)
                return
            size = len(message.get("body", b""))
            if begun and size > self._free:
                begun.clear()
                await _TOO_MUCH.response()(scope, receive, send)
                return
            self._free -= size
            try:
                while begun:
                    await send(begun.pop())
                with anyio.fail_after(self._stall_seconds + size / SLOWEST_BYTES_A_SECOND):
                    for part in _parts(message):
                        await send(part)
            except TimeoutError:
                whole.cancel()
                await anyio.sleep(0)
            finally:
                self._free += size

        with anyio.CancelScope() as whole:
            await self._inner(scope, receive, send_on)


def _parts(message: Message) -> Iterator[Message]:
    """A message of a body as several that are sent one after the other."""
    body = message.get("body", b"")
    if len(body) <= WHOLE_BYTES:
        yield message
        return
    for start in range(0, len(body) - PART_BYTES, PART_BYTES):
        yield {"type": message["type"], "body": body[start : start + PART_BYTES], "more_body": True}
    rest = body[-(len(body) % PART_BYTES or PART_BYTES) :]
    yield {**message, "body": rest}


_TOO_MUCH = Problem(503, "too much is being fetched at once; try again", {"Retry-After": "2"})
