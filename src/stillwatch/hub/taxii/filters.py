"""Filters: what a client asks for in the query of a URL (TAXII 2.1, section 3.4), read strictly and never guessed at.

Rules: values in one ``match`` are alternatives, several ``match`` fields must all hold, each field may stand once. What an end
point does not support, or cannot be read, is an error (400) that names the parameter; other names are other people's and are
passed over. A page is never larger than the server's own bound, whatever ``limit`` says.

>>> asked = read_filter("limit=5&match[version]=first,last", OBJECTS)
>>> asked.limit, asked.version.first, asked.version.last
(5, True, True)
"""

import base64
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from stillwatch.hub import timestamps

OBJECTS = frozenset({"id", "spec_version", "type", "version"})
"""The fields that the end points for objects and for manifests match."""

OBJECT = frozenset({"spec_version", "version"})
"""The fields for one object, and for deleting it."""

VERSIONS = frozenset({"spec_version"})
"""The field for the versions of one object."""

DEFAULT_PAGE, LARGEST_PAGE = 100, 1000
_MOST_VALUES = 500
_LONGEST_VALUE = 400
_SPEC_VERSION = re.compile(r"\d{1,3}\.\d{1,3}", re.ASCII)
_LIMIT = re.compile(r"\d{1,20}", re.ASCII)
_CURSOR = struct.Struct(">Bq")
_CURSOR_FORM = 1


class FilterError(ValueError):
    """A query that cannot be understood; the text says which parameter and why."""


@dataclass(frozen=True)
class VersionMatch:
    """Which versions of an object: the newest, the oldest, every one, those of certain times."""

    last: bool = True
    first: bool = False
    every: bool = False
    keys: tuple[str, ...] = ()


NEWEST = VersionMatch()
EVERY = VersionMatch(last=False, every=True)


@dataclass(frozen=True)
class Filter:
    """What is asked for; None means that it does not matter. Times are microseconds since 1970, both exclusive."""

    added_after: int | None = None
    after_cursor: int | None = None
    limit: int = DEFAULT_PAGE
    ids: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    spec_versions: tuple[str, ...] | None = None
    version: VersionMatch = NEWEST

    @property
    def after(self) -> int | None:
        """From where on: the later of the client's time and where its last page ended."""
        bounds = [bound for bound in (self.added_after, self.after_cursor) if bound is not None]
        return max(bounds, default=None)


def read_filter(query: str, fields: frozenset[str], unsaid: VersionMatch = NEWEST) -> Filter:
    """The filter in a query string, for an end point that matches these fields; ``unsaid``: the versions if none are asked for.

    Raises FilterError.
    """
    values = _values(query, fields)
    return Filter(
        added_after=_time("added_after", values["added_after"]) if "added_after" in values else None,
        after_cursor=read_cursor(values["next"]) if "next" in values else None,
        limit=_limit(values.get("limit")),
        ids=_listed(values, "match[id]"),
        types=_listed(values, "match[type]"),
        spec_versions=_spec_versions(_listed(values, "match[spec_version]")),
        version=_version(_listed(values, "match[version]"), unsaid),
    )


def cursor(date_added: int) -> str:
    """The value of ``next`` for going on after this time."""
    return base64.urlsafe_b64encode(_CURSOR.pack(_CURSOR_FORM, date_added)).decode()


def read_cursor(text: str) -> int:
    """The time in a value of ``next`` that this server gave. Raises FilterError for any other text."""
    try:
        form, date_added = _CURSOR.unpack(base64.b64decode(text.encode("ascii"), b"-_", validate=True))
    except (ValueError, struct.error):
        form, date_added = 0, 0
    if form != _CURSOR_FORM or cursor(date_added) != text:
        raise FilterError("next: this server gave no such value; begin again without it")
    return int(date_added)


def _values(query: str, fields: frozenset[str]) -> dict[str, str]:
    """The parameters that are ours, each standing once."""
    known = {"added_after", "limit", "next"} | {f"match[{field}]" for field in fields}
    found: dict[str, str] = {}
    for name, value in _pairs(query):
        if name.startswith("match[") and name not in known:
            raise FilterError(f"{name[:60]}: this end point cannot match that field; it can match {', '.join(sorted(fields))}")
        if name not in known:
            continue
        if name in found:
            raise FilterError(f"{name}: it may stand once only; write alternatives with commas")
        if "\0" in value:
            raise FilterError(f"{name}: a NUL character is in it")
        found[name] = value
    return found


def _pairs(query: str) -> Sequence[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError as error:
        raise FilterError("the query is not UTF-8, or has too many parameters") from error


def _time(name: str, text: str) -> int:
    try:
        return timestamps.read(text.replace(" ", "+"))
    except ValueError as error:
        raise FilterError(f"{name}: {error}") from error


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_PAGE
    if not _LIMIT.fullmatch(text) or int(text) == 0:
        raise FilterError(f"limit: {text[:40]!r} is no whole number above 0")
    return min(int(text), LARGEST_PAGE)


def _listed(values: Mapping[str, str], name: str) -> tuple[str, ...] | None:
    if name not in values:
        return None
    listed = tuple(dict.fromkeys(values[name].split(",")))
    if not all(listed) or len(listed) > _MOST_VALUES or any(len(value) > _LONGEST_VALUE for value in listed):
        raise FilterError(f"{name}: give 1 to {_MOST_VALUES} values, with commas and without blanks between them")
    return listed


def _spec_versions(listed: tuple[str, ...] | None) -> tuple[str, ...] | None:
    for value in listed or ():
        if not _SPEC_VERSION.fullmatch(value):
            raise FilterError(f"match[spec_version]: {value[:40]!r} is no version such as 2.1")
    return listed


def _version(listed: tuple[str, ...] | None, unsaid: VersionMatch) -> VersionMatch:
    if listed is None:
        return unsaid
    if "all" in listed and len(listed) > 1:
        raise FilterError("match[version]: all stands alone")
    times = [value for value in listed if value not in ("all", "first", "last")]
    try:
        keys = tuple(timestamps.version_key(value.replace(" ", "+")) for value in times)
    except ValueError as error:
        raise FilterError(f"match[version]: {error}; else all, first or last") from error
    return VersionMatch("last" in listed, "first" in listed, "all" in listed, keys)
