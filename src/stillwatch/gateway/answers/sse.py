"""Server-sent events (HTML Living Standard, section 9.2) taken apart and put together, as far as streamed answers use them.

>>> events = EventSplitter(1000)
>>> events.feed(b'data: {"a":'), events.feed(b'1}\\n\\ndata: [DONE]\\n\\n')
([], [b'data: {"a":1}', b'data: [DONE]'])
"""

import re

import msgspec

from stillwatch.gateway.answers.answer_stream import AnswerStream, Event

_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")


class EventTooLong(Exception):
    """An event goes on without end."""


class EventSplitter:
    """Bytes in, whole events out; an event has at most ``longest`` bytes."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._waiting = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The events that ``data`` completes, without the blank line after them. Raises EventTooLong."""
        *events, self._waiting = _END.split(self._waiting + data)
        if len(self._waiting) > self._longest:
            raise EventTooLong(f"more than {self._longest} bytes")
        return [event for event in events if event]

    def end(self) -> list[bytes]:
        """What is left when the stream ends."""
        left, self._waiting = self._waiting.strip(b"\r\n"), b""
        return [left] if left else []


def measured_event(raw: bytes, stream: AnswerStream) -> bytes:
    """One raw event after its stream's measures: no, one or several events, each with the blank line after it.

    An event without JSON (a comment, ``[DONE]``) passes as it is.
    """
    lines = raw.splitlines()
    data = b"\n".join(line[5:].removeprefix(b" ") for line in lines if line.startswith(b"data:"))
    try:
        event = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return raw + b"\n\n"
    if not isinstance(event, dict):
        return raw + b"\n\n"
    other = [line for line in lines if not line.startswith((b"data:", b"event:"))]
    named = any(line.startswith(b"event:") for line in lines)
    return b"".join(_encoded(found, other, named) for found in stream.feed(event))


def _encoded(event: Event, other: list[bytes], named: bool) -> bytes:
    name = [b"event: " + str(event.get("type", "")).encode()] if named else []
    return b"\n".join([*name, *other, b"data: " + msgspec.json.encode(event), b"", b""])
