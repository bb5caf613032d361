"""The optional tables beside the requests: ``accounts`` and ``events``, from Parquet, JSON Lines or CSV.

Columns that are not listed in the contract are dropped; values that cannot be converted are null.
"""

from collections.abc import Iterable
from functools import reduce
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as pt

from stillwatch.errors import UsageError
from stillwatch.traffic.parquet import NO_FOOTER, is_parquet
from stillwatch.traffic.readers.record import Record, text, time
from stillwatch.traffic.records import Broken, records
from stillwatch.traffic.schema import ACCOUNTS, EVENTS


def load_accounts(path: Path) -> pa.Table:
    """The accounts table, one row per account (of repeated ones the last). Raises UsageError if it is none."""
    table = _load(path, ACCOUNTS, ("account_id",))
    last = {account: number for number, account in enumerate(table["account_id"].to_pylist())}
    return table.take(pa.array(sorted(last.values()), pa.int64()))


def load_events(path: Path) -> pa.Table:
    """The events table. Raises UsageError if it is none."""
    return _load(path, EVENTS, ("ts", "kind"))


def _load(path: Path, schema: pa.Schema, required: tuple[str, ...]) -> pa.Table:
    try:
        found = (
            _of_parquet(pq.read_table(path), schema) if is_parquet(path) else _converted((row for _, row in records(path)), schema)
        )
    except pa.ArrowInvalid as error:
        raise UsageError(NO_FOOTER, place=str(path), cure="export the table again") from error
    except OSError as error:
        raise UsageError(f"cannot be opened: {error.strerror or error}", place=str(path), cure="check the path") from error
    whole = found.filter(reduce(pc.and_, [pc.is_valid(found[name]) for name in required]))
    if not len(whole):
        raise UsageError(
            f"this is no such table: no row has {' and '.join(required)}",
            place=str(path),
            cure="see docs/reference/input.md for its columns",
        )
    return whole


def _of_parquet(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of ``schema``, whole where their types fit, else value by value."""
    table = table.select([name for name in dict.fromkeys(table.column_names) if name in schema.names])
    if not all(_fits(field.type, schema.field(field.name).type) for field in table.schema):
        return _converted(table.to_pylist(), schema)
    columns = {name: table[name].cast(schema.field(name).type, safe=False) for name in table.column_names}
    nothing = {field.name: pa.nulls(len(table), field.type) for field in schema if field.name not in columns}
    filled = {name: pc.if_else(pc.equal(column, ""), None, column) for name, column in columns.items() if pt.is_string(column.type)}
    return pa.table({**columns, **nothing, **filled}).select(schema.names)


def _fits(kind: pa.DataType, wanted: pa.DataType) -> bool:
    same = pt.is_timestamp if pt.is_timestamp(wanted) else pt.is_string
    return bool(same(kind) or pt.is_null(kind))


def _converted(found: Iterable[Record | Broken], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([_row(record, schema) for record in found if not isinstance(record, Broken)], schema=schema)


def _row(record: Record, schema: pa.Schema) -> dict[str, Any]:
    return {field.name: (time if pt.is_timestamp(field.type) else text)(record.get(field.name)) for field in schema}
