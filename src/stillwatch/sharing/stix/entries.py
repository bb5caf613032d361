"""A bundle's text taken apart into its entries, one at a time, whatever is in it.

Rules: an entry that breaks a rule of its own (a name twice in one object, a number that is none, nesting without end, too large) is
handed out as refused, and reading goes on behind it; a text that is no JSON, or no bundle, is refused as a whole (NotABundle),
because nobody can say where it should end. The text of an entry is handed out as it came, not written anew.

>>> [entry.value for entry in entries('{"type": "bundle", "id": "bundle--1", "objects": [{"a": 1}, 2]}', Limits())]
[{'a': 1}, 2]
"""

import json
import math
import re
from collections.abc import Generator, Iterator
from typing import Any

import msgspec

from stillwatch.sharing.stix.limits import Limits

_BLANK = frozenset(" \t\n\r")
_BLANKS = re.compile(r"[ \t\n\r]*")
_TOKENS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)
_SCALAR = re.compile(r"[^,\]}\s]*")
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
_WINDOW = 8192
_TOO_MANY = -1
_decode, _encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode


class NotABundle(Exception):
    """The text as a whole is none; the message says where and why."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """An entry of a bundle: its place (from 0), its text, its JSON value, and why it is refused, if it is for its text alone."""

    position: int
    text: str
    value: Any
    fault: str = ""


class _Fault(Exception):
    """An entry breaks a rule of its own."""


def entries(text: str, limits: Limits) -> Iterator[Entry]:
    """The entries of a bundle (or of a TAXII envelope, which has ``objects`` only), in order.

    Raises NotABundle, perhaps after some entries: only when the last was handed out is it certain that the text is a bundle. Of a
    text with more than ``limits.objects`` entries the rest is not looked at.
    """
    head: dict[str, Any] = {}
    at = _expect(text, _skip(text, 0), "{")
    while True:
        name, at = _name(text, at)
        if name in head:
            raise NotABundle(f"the name {name[:40]!r} stands twice in the bundle")
        if name == "objects":
            at = yield from _listed(text, at, limits)
            if at == _TOO_MANY:
                return
            head[name] = True
        else:
            head[name], at = _value(text, at)
        if text[at : at + 1] == "}":
            break
        at = _expect(text, at, ",")
    if _skip(text, at + 1) != len(text):
        raise NotABundle(f"something follows the bundle, at character {at + 1}")
    _check(head)


def _check(head: dict[str, Any]) -> None:
    kind, named = head.get("type"), head.get("id")
    if kind is None and head.get("objects"):
        return
    if kind != "bundle":
        raise NotABundle(f"its type is {str(kind)[:40]!r} and not bundle")
    if not isinstance(named, str) or not named.startswith("bundle--"):
        raise NotABundle("it has no bundle's id")


def _listed(text: str, at: int, limits: Limits) -> Generator[Entry, None, int]:
    """The entries of the list that begins at ``at``; the place behind it is the value of ``yield from``."""
    at = _expect(text, at, "[")
    position = 0
    while text[at : at + 1] != "]":
        if position:
            at = _expect(text, at, ",")
        if position == limits.objects:
            yield Entry(position, "", None, f"more than {limits.objects} entries: this and all that follow were not read")
            return _TOO_MANY
        value, end, fault = _on_its_line(text, at, limits) or _read(text, at, limits)
        yield Entry(position, text[at:end], value, fault)
        at = _skip(text, end)
        position += 1
    return _skip(text, at + 1)


def _on_its_line(text: str, at: int, limits: Limits) -> tuple[Any, int, str] | None:
    """The entry that takes up a line, as ``share`` writes bundles, if it is spelled as we would spell what we read of it.

    Then each name stands once in it, its numbers are finite and its characters whole. It is read faster than ``_read`` reads any.
    """
    end = text.find("\n", at, at + min(_WINDOW, limits.object_bytes))
    line = text[at : max(at, end)].removesuffix(",")
    if not line.startswith("{") or line.count("{") + line.count("[") > limits.depth:
        return None
    written = line.encode()
    try:
        value = _decode(written)
        return (value, at + len(line), "") if _encode(value) == written else None
    except ValueError:
        return None


def _read(text: str, at: int, limits: Limits) -> tuple[Any, int, str]:
    """The value of the entry at ``at``, the place behind it, and its fault."""
    try:
        value, end = _bounded(text, at, limits.object_bytes)
        return value, end, _fault(value, text[at:end], limits)
    except _Fault as fault:
        return None, _end(text, at), str(fault)
    except RecursionError:
        return None, _end(text, at), f"nested more than {limits.depth} levels deep"
    except json.JSONDecodeError as error:
        raise NotABundle(f"no JSON at character {error.pos}: {error.msg}") from error
    except ValueError:  # an integer of thousands of digits
        return None, _end(text, at), "a number without bounds"


def _bounded(text: str, at: int, most: int) -> tuple[Any, int]:
    """The value at ``at`` and the place behind it, of a text that is looked at in windows, so that a huge one is not built."""
    window = _WINDOW
    while True:
        part = text[at : at + min(window, most)]
        try:
            value, length = _DECODER.raw_decode(part)
        except json.JSONDecodeError as error:
            if at + len(part) == len(text):
                raise json.JSONDecodeError(error.msg, text, at + error.pos) from error
            if window >= most:
                raise _Fault(f"larger than {most} characters") from error
            window *= 8
        else:
            return value, at + length


def _fault(value: Any, text: str, limits: Limits) -> str:
    if not isinstance(value, dict):
        return "not a JSON object"
    if text.count("{") + text.count("[") > limits.depth and _depth(value) > limits.depth:
        return f"nested more than {limits.depth} levels deep"
    if "\\u" in text and _HALF_CHARACTER.search(text) and not _has_whole_characters(value):
        return "a text holds half a character (an unpaired surrogate)"
    return ""


def _depth(value: Any) -> int:
    levels, level = 0, [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        levels += 1
        level = [item for outer in level for item in (outer.values() if isinstance(outer, dict) else outer)]
    return levels


def _has_whole_characters(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Fault(f"the name {twice[:40]!r} stands twice")
    return made


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _Fault(f"the number {text[:20]} is beyond all bounds")
    return value


def _no_number(word: str) -> None:
    raise _Fault(f"{word} is no JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_float=_finite, parse_constant=_no_number)


def _value(text: str, at: int) -> tuple[Any, int]:
    """The value of a member of the bundle itself, and the place behind it."""
    try:
        value, end = _bounded(text, at, _WINDOW)
    except (_Fault, RecursionError, ValueError) as error:
        raise NotABundle(f"what stands at character {at} in the bundle itself cannot be read: {error}") from error
    return value, _skip(text, end)


def _name(text: str, at: int) -> tuple[str, int]:
    name, at = _value(text, at)
    if not isinstance(name, str):
        raise NotABundle(f"a name is missing at character {at}")
    return name, _expect(text, at, ":")


def _expect(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise NotABundle(f"{sign!r} is missing at character {at}")
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    if text[at : at + 1] in _BLANK:
        return _BLANKS.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too
    return at


def _end(text: str, at: int) -> int:
    """The place behind the value at ``at``, found by its brackets alone."""
    if text[at] not in "[{":
        return _SCALAR.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too
    open_brackets = 0
    for token in _TOKENS.finditer(text, at):
        if token[0] in "[{":
            open_brackets += 1
        elif token[0] in "]}":
            open_brackets -= 1
            if not open_brackets:
                return token.end()
    raise NotABundle(f"what begins at character {at} has no end")
