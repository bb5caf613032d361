"""JSON values that do not stand one to a line: an array over many lines, an object printed with indents, several of them.

Rules: values come out one after the other as the text comes in, so an array of any length needs the memory of its largest
element; brackets and commas between them are passed over. A value that cannot be read costs its first line, and reading goes
on at the next. The last value of a text that ends too early is not given.

>>> list(values(iter([b'[{"n": 1},', b' {"n": 2}]'])))
[(1, {'n': 1}), (1, {'n': 2})]
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from stillwatch.traffic.sources import LINE_LIMIT

_BETWEEN = re.compile(r"[\s,\[\]]*")
_DECODER = json.JSONDecoder(parse_constant=lambda name: None)


class NotJson(Exception):
    """A place where no JSON value stands; ``text`` is its first line."""

    def __init__(self, what: str, text: str) -> None:
        super().__init__(what)
        self.text = text


def lenient(text: str) -> Any:
    """A JSON value, with what only some writers write: ``NaN`` becomes null, half a surrogate pair ``?``.

    Raises ValueError or RecursionError.
    """
    return _whole_characters(_DECODER.decode(text), text)


def values(pieces: Iterator[bytes]) -> Iterator[tuple[int, Any]]:
    """The line (from 1) and value of each JSON value in a text; a NotJson in place of one that cannot be read.

    Raises what ``pieces`` raises, after every whole value before it.
    """
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    reading = _Reading()
    for piece in pieces:
        reading.text += decode(piece)
        if len(reading.text) >= reading.needs:
            yield from reading.values(last=False)
    reading.text += decode(b"", True)
    yield from reading.values(last=True)


class _Reading:
    """Text that was not used up yet, the line it begins on, and how long it must be before another try is worth it."""

    def __init__(self) -> None:
        self.text = ""
        self.line = 1
        self.needs = 0

    def values(self, *, last: bool) -> Iterator[tuple[int, Any]]:
        """All values that the text holds now; the rest stays."""
        at = counted = 0
        while True:
            at = _end_of_gap(self.text, at)
            self.line += self.text.count("\n", counted, at)
            counted = at
            if at == len(self.text):
                break
            try:
                found, end = _DECODER.raw_decode(self.text, at)
                found = _whole_characters(found, self.text[at:end])
            except (ValueError, RecursionError) as error:
                if not last and len(self.text) - at < LINE_LIMIT:
                    break
                end = self.text.find("\n", at) + 1 or len(self.text)
                found = NotJson(str(error), self.text[at : min(end, at + 2000)].rstrip())
            yield self.line, found
            self.line += self.text.count("\n", at, end)
            at = counted = end
        self.text = self.text[at:]
        self.needs = 2 * len(self.text)


def _end_of_gap(text: str, at: int) -> int:
    gap = _BETWEEN.match(text, at)
    return gap.end() if gap else at


def _whole_characters(value: Any, text: str) -> Any:
    """The value without the halves of surrogate pairs that ``text`` may have escaped."""
    if "\\ud" not in text and "\\uD" not in text:
        return value
    return msgspec.json.decode(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
