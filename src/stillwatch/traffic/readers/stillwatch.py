"""The canonical form: records that have the columns of the data contract already (JSON Lines or CSV).

Values of the wrong type are converted if they can be without loss of meaning (``"3"`` for 3); an optional value that cannot
is left out, a required one makes the row unreadable.
"""

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from stillwatch.traffic.readers.record import Place, Record, Row, Unreadable, flag, items, real, text, time, whole
from stillwatch.traffic.schema import REQUESTS, REQUIRED


def rows(record: Record, place: Place) -> list[Row]:
    """The request in one canonical record."""
    row: Row = {}
    for name, value in record.items():
        convert = _CONVERT.get(name)
        if convert is not None and value is not None and (found := convert(value)) is not None:
            row[name] = found
    if not row.keys() >= _REQUIRED:
        _refuse(record, row)
    return [row]


def _refuse(record: Record, row: Row) -> None:
    """Raise Unreadable for a required column that is missing; an empty account is the intake's to fill."""
    missing = [name for name in REQUIRED if name not in row and not (name == "account_id" and record.get(name) == "")]
    unusable = [name for name in missing if record.get(name) not in (None, "")]
    if unusable:
        raise Unreadable(f"{unusable[0]} cannot be read: {record[unusable[0]]!r:.60}")
    if missing:
        raise Unreadable(f"{missing[0]} is missing")


def _texts(value: object) -> list[str] | None:
    return [part for part in items(value) if isinstance(part, str)] or None


_BY_TYPE: dict[pa.DataType, Callable[[object], Any]] = {
    pa.string(): text,
    pa.int64(): whole,
    pa.float64(): real,
    pa.bool_(): flag,
    pa.list_(pa.string()): _texts,
}
_CONVERT = {field.name: _BY_TYPE.get(field.type, time) for field in REQUESTS}
_REQUIRED = set(REQUIRED)
