"""The canonical form: records that have the columns of the data contract already (JSON Lines or CSV).

Values of the wrong type are converted if they can be without loss of meaning (``"3"`` for 3); an optional value that cannot
is left out, a required one makes the row unreadable.
"""

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from stillwatch.traffic.readers.record import Place, Record, Row, Unreadable, items, real, text, tidy, time, whole
from stillwatch.traffic.schema import REQUESTS, REQUIRED


def rows(record: Record, place: Place) -> list[Row]:
    """The request in one canonical record."""
    row = tidy({field.name: _converted(field.type, record.get(field.name)) for field in REQUESTS})
    missing = [name for name in REQUIRED if row.get(name) is None and not (name == "account_id" and record.get(name) == "")]
    if missing:
        unusable = [name for name in missing if record.get(name) not in (None, "")]
        what = f"{unusable[0]} cannot be read: {record[unusable[0]]!r:.60}" if unusable else f"{missing[0]} is missing"
        raise Unreadable(what)
    return [row]


def _flag(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).strip().lower())


def _texts(value: object) -> list[str] | None:
    return [part for part in items(value) if isinstance(part, str)] or None


_CONVERT: dict[pa.DataType, Callable[[object], Any]] = {
    pa.string(): text,
    pa.int64(): whole,
    pa.float64(): real,
    pa.bool_(): _flag,
    pa.list_(pa.string()): _texts,
}


def _converted(kind: pa.DataType, value: object) -> Any:
    return None if value is None else _CONVERT.get(kind, time)(value)
