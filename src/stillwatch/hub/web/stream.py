"""The end points of the feed: ``/changes/`` by polling or as server-sent events, ``/changes/receipts/`` for receipts.

A stream says something every HEARTBEAT_SECONDS, so that both ends notice when the other is gone; it ends when the key or its
member no longer holds.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import anyio
import msgspec
from starlette.responses import Response, StreamingResponse

from stillwatch.errors import StillwatchError
from stillwatch.hub.exchange.cursor import CursorRefused, Cursors
from stillwatch.hub.exchange.feed import MOST_AT_ONCE, Event, Heard
from stillwatch.hub.taxii.problem import Problem

MOST_STREAMS, MOST_STREAMS_EACH = 1000, 20
"""Of one process, and of one member there."""

HEARTBEAT_SECONDS = 15.0
LOOK_SECONDS = 0.5

Look = Callable[[int, int], Awaitable[Heard]]
"""Gives the next changes after a place, so many at once; raises Problem when its member may no longer hear."""


@dataclass(frozen=True)
class Asked:
    """From which place on, and how many changes at once."""

    after: int
    limit: int


def asked(cursors: Cursors, after: str | None, limit: str | None) -> Asked:
    """What a query asks for; without a cursor, everything from the beginning. Raises Problem 400."""
    try:
        place = cursors.read(after) if after else 0
    except CursorRefused as error:
        raise Problem(400, f"after: {error}") from error
    if limit is not None and not (limit.isascii() and limit.isdigit() and int(limit[:9]) > 0):
        raise Problem(400, "limit: give a whole number above 0")
    return Asked(place, min(int(limit[:9]), MOST_AT_ONCE) if limit else MOST_AT_ONCE)


def listed(heard: Heard, cursors: Cursors) -> Response:
    """A poll's answer: the changes, and the cursor to go on from."""
    content = {"cursor": cursors.written(heard.place), "changes": heard.events}
    return Response(msgspec.json.encode(content), media_type="application/json")


class _Receipt(msgspec.Struct):
    cursor: str


def confirmed(cursors: Cursors, body: bytes) -> int:
    """The place that a receipt confirms: ``{"cursor": "…"}``. Raises Problem 422."""
    try:
        return cursors.read(msgspec.json.decode(body, type=_Receipt).cursor)
    except (msgspec.DecodeError, CursorRefused) as error:
        raise Problem(422, 'send {"cursor": "…"}, with a cursor of your feed') from error


class Watch:
    """The place of the newest change of all, asked for once every LOOK_SECONDS by all streams of a process together."""

    def __init__(self, ask: Callable[[], Awaitable[int]]) -> None:
        self._ask = ask
        self._known = 0
        self._asked = -LOOK_SECONDS

    async def latest(self) -> int:
        """The place, as it was at most LOOK_SECONDS ago."""
        if time.monotonic() - self._asked >= LOOK_SECONDS:
            self._asked = time.monotonic()
            self._known = await self._ask()
        return self._known


class Listeners:
    """How many streams of a process each member has open, so that nobody takes all places."""

    def __init__(self, most: int = MOST_STREAMS, most_each: int = MOST_STREAMS_EACH) -> None:
        self._most, self._most_each = most, most_each
        self._open: Counter[int] = Counter()

    def require_room(self, member: int) -> None:
        """Raises Problem 429 if the member has as many streams as it may, 503 if all places are taken."""
        if self._open[member] >= self._most_each:
            raise Problem(429, f"you have {self._most_each} streams open already; close one", {"Retry-After": "30"})
        if self._open.total() >= self._most:
            raise Problem(503, "too many listen; ask by polling, or later", {"Retry-After": "30"})

    @contextmanager
    def listening(self, member: int) -> Iterator[None]:
        """Take a place while the block runs."""
        self._open[member] += 1
        try:
            yield
        finally:
            self._open[member] -= 1


class _Answer(msgspec.Struct):
    what: Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]


def answered(body: bytes) -> str:
    """What a member says that it did about an appeal: ``{"what": "…"}``. Raises Problem 422."""
    try:
        return msgspec.json.decode(body, type=_Answer).what
    except msgspec.DecodeError as error:
        raise Problem(422, 'send {"what": "…"}, in 1 to 2000 characters') from error


def streamed(look: Look, watch: Watch, place: Asked, listeners: Listeners, member: int) -> Response:
    """Server-sent events without end. Raises Problem 429, 503."""
    listeners.require_room(member)
    lines = _listened(_lines(look, watch, place), listeners, member)
    return StreamingResponse(lines, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _listened(lines: AsyncIterator[bytes], listeners: Listeners, member: int) -> AsyncIterator[bytes]:
    with listeners.listening(member):
        async for line in lines:
            yield line


async def _lines(look: Look, watch: Watch, place: Asked) -> AsyncIterator[bytes]:
    after, looked_at, said = place.after, -1, time.monotonic()
    yield b": stillwatch hub\n\n"
    while True:
        silent = time.monotonic() - said > HEARTBEAT_SECONDS
        try:
            latest = await watch.latest()
            heard = await look(after, place.limit) if latest != looked_at or silent else Heard(after, [], after)
        except StillwatchError:
            heard, latest = Heard(after, [], after), -1
        except Problem:
            return
        after, events = heard.looked, heard.events
        for event in events:
            yield f"id: {event.cursor}\nevent: {event.kind}\ndata: ".encode() + _one_line(event) + b"\n\n"
        looked_at = -1 if heard.more else latest
        if silent and not events:
            yield b": still here\n\n"
        said = time.monotonic() if events or silent else said
        await anyio.sleep(0 if heard.more else LOOK_SECONDS)


def _one_line(event: Event) -> bytes:
    """An event in one line; outside of texts, JSON may hold line breaks where the object had some."""
    return msgspec.json.encode(event).replace(b"\r", b" ").replace(b"\n", b" ")
