"""Canonical JSON: one sequence of bytes for one JSON value, whoever writes it (RFC 8785).

Rules: the value is what a JSON parser returns (dict, list, str, int, float, bool, None). Refused is what two implementations
could read differently: NaN and infinities, integers beyond 2**53 - 1, whole floats that others print as such integers,
strings with unpaired surrogates, and values nested deeper than DEEPEST.

>>> canonical({"b": 1.0, "a": "é"}).decode()
'{"a":"é","b":1}'
"""

from typing import Any

import msgspec
import rfc8785

from stillwatch.errors import StillwatchError

DEEPEST = 100
"""Levels of objects and lists in a value; far more than any shared object needs, far less than any parser's own bound."""

_LARGEST_INTEGER = 2**53 - 1
_FIRST_WITH_EXPONENT = 1e21
"""From here on ECMAScript prints a whole number with an exponent, so no parser takes it for an integer."""


class NotCanonical(StillwatchError):
    """A value has no canonical form that every reader would compute alike."""


def canonical(value: object) -> bytes:
    """The RFC 8785 form of a parsed JSON value, in UTF-8. Raises NotCanonical for what has none."""
    try:
        return _encoder.encode(_ready(value, DEEPEST))
    except (ValueError, TypeError) as error:
        raise _refusal(str(error)) from error


_encoder = msgspec.json.Encoder(order="sorted")
"""Writes as RFC 8785 says, but for numbers with a fraction and for names beyond ASCII, which it would sort by code point."""


def _ready(value: Any, levels: int) -> Any:
    """The value with everything written beforehand that the encoder would write otherwise. Raises NotCanonical, ValueError,
    TypeError."""
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict | list | tuple) and not levels:
        raise _refusal(f"nested more than {DEEPEST} levels deep")
    if isinstance(value, dict):
        if not "".join(value).isascii():
            return _in_order(value, levels - 1)
        return {name: item if type(item) is str else _ready(item, levels - 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [item if type(item) is str else _ready(item, levels - 1) for item in value]
    if isinstance(value, int | float) and abs(value) <= _LARGEST_INTEGER and value == int(value):
        return int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _FIRST_WITH_EXPONENT:
        raise _refusal(f"{value:.0f} reads as an integer beyond 2**53 - 1")
    return msgspec.Raw(rfc8785.dumps(value))


def _in_order(value: dict[str, Any], levels: int) -> msgspec.Raw:
    """An object written with its names sorted by UTF-16 code units (RFC 8785, section 3.2.3)."""
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    members = (_encoder.encode(name) + b":" + _encoder.encode(_ready(value[name], levels)) for name in names)
    return msgspec.Raw(b"{" + b",".join(members) + b"}")


def _refusal(reason: str) -> NotCanonical:
    return NotCanonical(
        f"no canonical JSON form (RFC 8785): {reason[:200]}",
        cure="write such numbers as strings, and keep the value flat and in plain JSON types",
    )
