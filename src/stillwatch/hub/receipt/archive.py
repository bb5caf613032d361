"""Archives: objects with the times at which they were added elsewhere, taken in with those times.

Read are JSON Lines, each ``{"object": {…}, "date_added": "…"}``, and what a TAXII server gives out: an envelope or bundle, beside
its ``objects`` perhaps a ``manifest`` that says when each version was added. What has no time is added now. A time that another
object of the collection has is moved on by a microsecond, because times tell objects apart; a time that has not come yet is
refused.

>>> [dated.date_added for dated in read_archive(b'{"objects":[{"id":"x"}],"manifest":[]}', "synthetic.json")]
[None]
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from stillwatch.errors import NoReadableInput
from stillwatch.hub.timestamps import read

BATCH = 500
_CURE = 'give JSON Lines with "object" and "date_added", or an envelope with "objects"'


@dataclass(frozen=True)
class Dated:
    """An object's bytes and when it was added, in microseconds; None for now."""

    body: bytes
    date_added: int | None


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    object: msgspec.Raw
    date_added: str | None = None


class _Record(msgspec.Struct):
    id: str
    date_added: str
    version: str = ""


class _Content(msgspec.Struct):
    objects: list[msgspec.Raw]
    manifest: list[_Record] | None = None


def read_archive(content: bytes, place: str) -> Iterator[Dated]:
    """The objects of an archive. Raises NoReadableInput with the line where it cannot be read, or if it is empty."""
    if not content.strip():
        raise NoReadableInput("the archive is empty", place=place, cure=_CURE)
    try:
        whole = msgspec.json.decode(content, type=_Content)
    except msgspec.DecodeError:
        yield from _lines(content.splitlines(), place)
        return
    dates = {(record.id, record.version): record.date_added for record in whole.manifest or ()}
    for raw in whole.objects:
        text = _date_of(raw, dates)
        yield Dated(bytes(raw), _time(text, place) if text else None)


def batches(dated: Iterable[Dated]) -> Iterator[tuple[bytes, list[int | None]]]:
    """Envelopes of at most BATCH objects, with their dates in order."""
    held: list[Dated] = []
    for one in dated:
        held.append(one)
        if len(held) == BATCH:
            yield _batch(held)
            held = []
    if held:
        yield _batch(held)


def _batch(held: list[Dated]) -> tuple[bytes, list[int | None]]:
    return b'{"objects":[' + b",".join(one.body for one in held) + b"]}", [one.date_added for one in held]


def _lines(lines: Iterable[bytes], place: str) -> Iterator[Dated]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = msgspec.json.decode(line, type=_Line)
        except msgspec.DecodeError as error:
            raise NoReadableInput(f"this cannot be read: {error}", place=f"{place}:{number}", cure=_CURE) from error
        yield Dated(bytes(found.object), _time(found.date_added, f"{place}:{number}") if found.date_added else None)


def _date_of(raw: msgspec.Raw, dates: dict[tuple[str, str], str]) -> str | None:
    """When the manifest says that an object was added: by its version, or by the only one that there is."""
    if not dates:
        return None
    value: Any = msgspec.json.decode(raw)
    name, version = (value.get("id"), value.get("modified", value.get("created"))) if isinstance(value, dict) else (None, None)
    exact = dates.get((str(name), str(version)))
    return exact or next((date for (other, _), date in dates.items() if other == name), None)


def _time(text: str, place: str) -> int:
    try:
        return read(text)
    except ValueError as error:
        raise NoReadableInput(f"date_added: {error}", place=place, cure="write it as 2026-01-31T12:00:00.000000Z") from error
