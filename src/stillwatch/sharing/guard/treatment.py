"""How a field is to be treated, as a profile writes it, read as a policy.

A word: ``flag``, ``time``, ``day``, ``next-day``, ``power-of-ten``, ``tenth``, ``whole``, ``reference``, ``dropped``. Or a table:
``{ text = 200 }`` (with ``or-shape`` and ``known``), ``{ json = 9000 }``, ``{ shape = "id" }``, ``{ base64-of = "scaffold" }``,
``{ one-of = [...] }``, ``{ between = [0, 100] }``, ``{ power-of-ten = 100 }`` (the most),
``{ token = ["email"] }``, ``{ reference = ["identity"] }``.

>>> treatment({"between": [0, 100]}, Names({}, frozenset())).form
'a whole number from 0 to 100'
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stillwatch.sharing.guard.coarse import Day, PowerOfTen, Rounded
from stillwatch.sharing.guard.compound import Dropped
from stillwatch.sharing.guard.free_text import FreeText, JsonText
from stillwatch.sharing.guard.gates import Between, Encoded, Flag, Moment, OneOf, Reference, Shape, Token
from stillwatch.sharing.guard.policy import Policy


class NotATreatment(ValueError):
    """What a profile says of a field is no treatment; the message says why."""


@dataclass(frozen=True)
class Names:
    """What treatments refer to by name: the profile's shapes, and its types of objects."""

    shapes: Mapping[str, re.Pattern[str]]
    types: frozenset[str]

    def shape(self, name: Any) -> re.Pattern[str]:
        """The shape with this name. Raises NotATreatment."""
        if not isinstance(name, str) or name not in self.shapes:
            raise NotATreatment(f"no shape named {name!r}; the profile's are {', '.join(sorted(self.shapes)) or 'none'}")
        return self.shapes[name]


def treatment(written: Any, names: Names) -> Policy:
    """The policy for what a profile says of a field. Raises NotATreatment."""
    if isinstance(written, str):
        if written == "reference":
            return Reference(names.types)
        if written not in _WORDS:
            raise NotATreatment(f"no treatment {written!r}; there are {', '.join(sorted([*_WORDS, 'reference']))}")
        return _WORDS[written]
    if not isinstance(written, dict):
        raise NotATreatment("neither a word nor a table")
    main = [key for key in written if key in _TABLES]
    if len(main) != 1:
        raise NotATreatment(f"a table needs exactly one of {', '.join(sorted(_TABLES))}")
    extra = written.keys() - {main[0]} - ({"or-shape", "known"} if main == ["text"] else set())
    if extra:
        raise NotATreatment(f"unknown key {min(extra)!r}")
    return _TABLES[main[0]](written, names)


def _text(written: dict[str, Any], names: Names) -> Policy:
    forms = tuple((name, names.shape(name)) for name in _strings(written.get("or-shape", [])))
    return FreeText(_whole(written["text"]), forms, frozenset(_strings(written.get("known", []))))


def _between(written: dict[str, Any], names: Names) -> Policy:
    bounds = written["between"]
    if not isinstance(bounds, list) or len(bounds) != 2:
        raise NotATreatment("between needs two whole numbers")
    return Between(_whole(bounds[0]), _whole(bounds[1]))


def _strings(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise NotATreatment("needs a list of texts")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotATreatment("needs a whole number")
    return value


_WORDS: Mapping[str, Policy] = {
    "flag": Flag(),
    "time": Moment(),
    "day": Day(),
    "next-day": Day(up=True),
    "power-of-ten": PowerOfTen(),
    "tenth": Rounded(1),
    "whole": Rounded(0),
    "dropped": Dropped(),
}

_TABLES: Mapping[str, Callable[[dict[str, Any], Names], Policy]] = {
    "text": _text,
    "json": lambda written, names: JsonText(_whole(written["json"])),
    "between": _between,
    "shape": lambda written, names: Shape(written["shape"], names.shape(written["shape"])),
    "base64-of": lambda written, names: Encoded(written["base64-of"], names.shape(written["base64-of"])),
    "one-of": lambda written, names: OneOf(frozenset(_strings(written["one-of"]))),
    "power-of-ten": lambda written, names: PowerOfTen(_whole(written["power-of-ten"])),
    "token": lambda written, names: Token(frozenset(_strings(written["token"]))),
    "reference": lambda written, names: Reference(frozenset(_strings(written["reference"]))),
}
