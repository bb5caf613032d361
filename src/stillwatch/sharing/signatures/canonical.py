"""Canonical JSON: one sequence of bytes for one JSON value, whoever writes it (RFC 8785).

Rules: the value is what a JSON parser returns (dict, list, str, int, float, bool, None). Refused is what two implementations
could read differently: NaN and infinities, integers beyond 2**53 - 1, whole floats that others print as such integers,
strings with unpaired surrogates, and values nested deeper than DEEPEST.

>>> canonical({"b": 1.0, "a": "é"}).decode()
'{"a":"é","b":1}'
"""

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
    _check_depth_and_numbers(value)
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]
    except (ValueError, RecursionError) as error:
        raise _refusal(str(error)) from error


def _check_depth_and_numbers(value: object) -> None:
    level = [value]
    for _ in range(DEEPEST + 1):
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list | tuple):
                below.extend(item)
            elif isinstance(item, float) and item.is_integer() and _LARGEST_INTEGER < abs(item) < _FIRST_WITH_EXPONENT:
                raise _refusal(f"{item:.0f} reads as an integer beyond 2**53 - 1")
        if not below:
            return
        level = below
    raise _refusal(f"nested more than {DEEPEST} levels deep")


def _refusal(reason: str) -> NotCanonical:
    return NotCanonical(
        f"no canonical JSON form (RFC 8785): {reason[:200]}",
        cure="write such numbers as strings, and keep the value flat and in plain JSON types",
    )
