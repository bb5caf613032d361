"""A request body read from an ASGI server for as long as is bearable, and handed on as if nobody had.

An endless body is not waited for: after ``limit`` bytes what was read is handed on and the rest follows as it comes.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Scope = MutableMapping[str, Any]


class ReadAhead:
    """A body read ahead: ``body`` is whole, or None if it is longer than ``limit`` or the client went away."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive, self._limit = receive, limit
        self._read: list[Message] = []
        self.body: bytes | None = None

    async def read(self) -> None:
        """Read until the end or the limit."""
        size, more = 0, True
        while more:
            message = await self._receive()
            self._read.append(message)
            if message["type"] != "http.request":
                return
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
            if size > self._limit:
                return
        self.body = b"".join(message.get("body", b"") for message in self._read)

    def replace(self, body: bytes) -> None:
        """Hand on another body in place of the one that was read."""
        self._read = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive(self) -> Message:
        """The next message for the application."""
        return self._read.pop(0) if self._read else await self._receive()


def headers_of(scope: Scope) -> dict[str, str]:
    """The headers by lower-case name; of a repeated one the first, but all values of X-Forwarded-For, joined."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope.get("headers", ()):
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name == "x-forwarded-for" and name in found:
            found[name] = f"{found[name]},{value}"
        found.setdefault(name, value)
    return found
