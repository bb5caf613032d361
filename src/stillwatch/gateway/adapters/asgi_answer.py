"""An answer on its way through an ASGI server, with a grade's measures.

JSON is held until it is whole and then changed; server-sent events are changed one by one; anything else passes. Where an answer
cannot be read (compressed, too long, damaged) the grade's ``on_failure`` says whether it passes as it is (``open``) or ends in an
error (``closed``).
"""

from collections.abc import Callable

import msgspec

from stillwatch.gateway.adapters.asgi_request import Message, Send
from stillwatch.gateway.adapters.body import decoded
from stillwatch.gateway.answers.answer_measures import measured
from stillwatch.gateway.answers.answer_stream import AnswerStream
from stillwatch.gateway.answers.marker import Mark
from stillwatch.gateway.answers.sse import EventSplitter, EventTooLong, measured_event
from stillwatch.gateway.policy import Measures
from stillwatch.gateway.ruling import UNSERVED

LONGEST_ANSWER = 32 << 20
LONGEST_EVENT = 4 << 20
_JSON, _EVENTS, _OTHER = "json", "events", "other"


class MeasuredSend:
    """The ``send`` that an application gets in place of the server's; ``unreadable`` is told of answers that could not be
    changed."""

    def __init__(self, send: Send, measures: Measures, mark: Mark | None, unreadable: Callable[[str], None]) -> None:
        self._send, self._measures, self._mark, self._unreadable = send, measures, mark, unreadable
        self._start: Message = {}
        self._form = _OTHER
        self._held: list[bytes] = []
        self._size = 0
        self._ended = False
        self._events = EventSplitter(LONGEST_EVENT)
        self._stream = AnswerStream(measures, mark)
        self.altered = False

    async def __call__(self, message: Message) -> None:
        """Take one message of the application."""
        if self._ended:
            return
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif message["type"] == "http.response.body" and self._form == _JSON:
            await self._json(message)
        elif message["type"] == "http.response.body" and self._form == _EVENTS:
            await self._event(message)
        else:
            await self._send(message)

    async def _begin(self, message: Message) -> None:
        headers = {name.lower(): value.lower() for name, value in message.get("headers", ())}
        kind = headers.get(b"content-type", b"")
        self._form = _EVENTS if b"event-stream" in kind else _JSON if b"json" in kind else _OTHER
        self._start = message
        if self._form != _OTHER and headers.get(b"content-encoding", b"identity") != b"identity":
            await self._cannot("it is compressed")
        elif self._form == _EVENTS:
            self.altered = True
            await self._send({**message, "headers": _without_length(message)})
        elif self._form == _OTHER:
            await self._send(message)

    async def _json(self, message: Message) -> None:
        self._held.append(message.get("body", b""))
        self._size += len(self._held[-1])
        if self._size > LONGEST_ANSWER:
            await self._cannot("it is too long")
        elif not message.get("more_body", False):
            answer = decoded(b"".join(self._held))
            if answer is None:
                await self._cannot("it is no JSON object")
                return
            self.altered = True
            await self._whole(msgspec.json.encode(measured(answer, self._measures, self._mark)))

    async def _event(self, message: Message) -> None:
        more = message.get("more_body", False)
        try:
            found = self._events.feed(message.get("body", b"")) + ([] if more else self._events.end())
        except EventTooLong:
            self._unreadable("an event of the stream is too long")
            self._ended = True
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        data = b"".join(measured_event(raw, self._stream) for raw in found)
        if data or not more:
            await self._send({"type": "http.response.body", "body": data, "more_body": more})

    async def _cannot(self, because: str) -> None:
        """Pass on what cannot be changed, or refuse to."""
        self._unreadable(because)
        self._form = _OTHER
        if self._measures.on_failure == "closed":
            self._ended = True
            self._start = {"type": "http.response.start", "status": 502, "headers": [(b"content-type", b"application/json")]}
            await self._whole(msgspec.json.encode(UNSERVED))
            return
        await self._send(self._start)
        if self._held:
            ended = self._size <= LONGEST_ANSWER
            await self._send({"type": "http.response.body", "body": b"".join(self._held), "more_body": not ended})
            self._ended = ended

    async def _whole(self, body: bytes) -> None:
        headers = [*_without_length(self._start), (b"content-length", str(len(body)).encode())]
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})
        self._ended = True


def _without_length(message: Message) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in message.get("headers", ()) if name.lower() != b"content-length"]
