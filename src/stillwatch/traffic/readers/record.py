"""What every reader of a log format works with: a parsed record, where it stood, and how to read its fields safely.

Rules: a reader is a function ``(record, place) -> list[Row]``; it raises Unreadable with a reason that a person can act
on, and nothing else, whatever the record holds. A Row has canonical column names; what is absent is left out.

>>> time_of({"created": 1791763200}).isoformat()
'2026-10-12T00:00:00+00:00'
"""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, TypeAlias

import msgspec

Row: TypeAlias = dict[str, Any]
Record: TypeAlias = Mapping[str, Any]

_NAMESPACE = uuid.UUID("5f2a7a1e-3f0f-5b5c-9f62-4b1a8f0f8d11")
TIME_FIELDS = (
    "ts",
    "timestamp",
    "@timestamp",
    "time",
    "created_at",
    "createdAt",
    "created",
    "startTime",
    "start_time",
    "request_time",
)


class Unreadable(Exception):
    """This record is no request, for the reason given."""


@dataclass(frozen=True)
class Place:
    """Where a record stood: ``file`` as shown to people, ``line`` from 1, and the file's own modification time."""

    file: str
    line: int
    modified: datetime


def mapping(value: object) -> Record:
    """``value`` if it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    """``value`` if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: object) -> str | None:
    """``value`` as text if it is a non-empty string or a number, else None."""
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def whole(value: object) -> int | None:
    """``value`` as an integer of 64 bits, else None; text and ``3.0`` count, ``3.5`` does not."""
    if type(value) is int:
        return value if -(2**63) <= value < 2**63 else None
    number = real(value)
    return int(number) if number is not None and abs(number) < 2**63 and number.is_integer() else None


def flag(value: object) -> bool | None:
    """``value`` as true or false, if it is one or is written as one."""
    if isinstance(value, bool):
        return value
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).strip().lower())


def real(value: object) -> float | None:
    """``value`` as a finite number, else None; numbers in strings count."""
    if type(value) is float:
        return value if value - value == 0 else None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if number - number == 0 else None


def first(record: Record, *names: str) -> Any:
    """The first of these fields that is there and not null."""
    return next((record[name] for name in names if record.get(name) is not None), None)


def _in_utc(moment: datetime) -> datetime | None:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def time(value: object) -> datetime | None:
    """A time from ISO 8601 text or a number of seconds, milli-, micro- or nanoseconds since 1970; UTC if no zone is given."""
    if isinstance(value, datetime):
        return _in_utc(value)
    number = real(value)
    if number is not None:
        for unit in (1e9, 1e6, 1e3):
            if abs(number) >= 1e8 * unit:
                number /= unit
                break
        try:
            return datetime.fromtimestamp(number, UTC)
        except (OverflowError, ValueError, OSError):
            return None
    if not isinstance(value, str):
        return None
    try:
        return _in_utc(datetime.fromisoformat(value.strip()))
    except ValueError:
        return None


def time_of(record: Record) -> datetime | None:
    """The record's time, in whichever of the usual fields it stands."""
    return next((found for name in TIME_FIELDS if (found := time(record.get(name)))), None)


def derived_id(record: Record, place: Place) -> str:
    """A request id for a record that has none: the same for the same record on the same line of a file of the same name.

    So a scan of the same logs from elsewhere gives the same ids, and a copy of a file gives nothing new.
    """
    content = hashlib.sha256(msgspec.json.encode(record)).hexdigest()
    return str(uuid.uuid5(_NAMESPACE, f"{PurePath(place.file).name}\x1f{place.line}\x1f{content}"))


def digest(value: str) -> str:
    """The digest under which a reasoning block is kept: the first 16 bytes of its SHA-256, in hex."""
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()[:32]


def tidy(row: Row) -> Row:
    """The row without what is not known."""
    return {name: value for name, value in row.items() if value is not None}
