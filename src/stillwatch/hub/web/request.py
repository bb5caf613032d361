"""Reading requests: bounded in bytes and in time, so that no client can fill the memory or hold a place for ever."""

import ipaddress
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import anyio
from starlette.requests import ClientDisconnect, Request

from stillwatch.hub.taxii.problem import Problem

STALL_SECONDS = 30.0
"""How long a client may say nothing in the middle of a body."""

SLOWEST_BYTES_A_SECOND = 4096
"""A body that comes more slowly than this, beyond STALL_SECONDS, is given up."""

BODIES_BYTES = 256 * 2**20
"""The most bytes of bodies that one process holds at once."""


class BodyReader:
    """Reads the bodies of all requests of a process, and knows how much it holds."""

    def __init__(self, most_held: int = BODIES_BYTES, stall_seconds: float = STALL_SECONDS) -> None:
        self._free = most_held
        self._stall_seconds = stall_seconds

    @asynccontextmanager
    async def body(self, request: Request, most: int) -> AsyncIterator[bytes]:
        """The body, while the block runs.

        Raises Problem 413 beyond ``most`` bytes, 415 for a content coding, 408 for a client that stalls, 503 if too many bodies are
        held already.
        """
        if (coding := request.headers.get("content-encoding", "identity").strip().lower()) not in ("identity", ""):
            raise Problem(
                415, f"the content coding {coding[:40]!r} is not taken; send it as it is", {"Accept-Encoding": "identity"}
            )
        announced = _announced(request)
        if announced > most:
            raise _too_large(most)
        parts = list[bytes]()
        try:
            with self._in_time(announced or most):
                async for part in self._parts(request, most):
                    parts.append(part)
            yield b"".join(parts)
        finally:
            self._free += sum(map(len, parts))

    async def _parts(self, request: Request, most: int) -> AsyncIterator[bytes]:
        size, stream = 0, request.stream()
        while True:
            with self._in_time(0):
                part = await anext(stream, None)
            if part is None:
                return
            size += len(part)
            if size > most:
                raise _too_large(most)
            if len(part) > self._free:
                raise Problem(503, "too much is being sent at once; try again", {"Retry-After": "2", "Connection": "close"})
            self._free -= len(part)
            yield part

    @contextmanager
    def _in_time(self, size: int) -> Iterator[None]:
        """The time that a client has for ``size`` bytes, or for the next one. Raises Problem 408, or 400 if it has gone."""
        try:
            with anyio.fail_after(self._stall_seconds + size / SLOWEST_BYTES_A_SECOND):
                yield
        except TimeoutError as error:
            raise Problem(408, "the body came too slowly", {"Connection": "close"}) from error
        except ClientDisconnect as error:
            raise Problem(400, "the client went away") from error


def is_encrypted(request: Request) -> bool:
    """Whether nobody can listen on the way: TLS, or a connection that stays on the machine and was not forwarded in clear."""
    if request.url.scheme == "https":
        return True
    forwarded = request.headers.get("x-forwarded-proto", "https").strip().lower()
    return _is_loopback(request.client.host if request.client else "") and forwarded == "https"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == ""


def _announced(request: Request) -> int:
    """The length that the client announces; 0 if it announces none."""
    announced = request.headers.get("content-length", "0")
    if not announced.isascii() or not announced.isdigit():
        raise Problem(400, "Content-Length is no number")
    return int(announced[:20])


def _too_large(most: int) -> Problem:
    return Problem(413, f"the body is larger than {most} bytes (max_content_length); send it in parts", {"Connection": "close"})
