"""The optional tables beside the requests: ``accounts`` and ``events``, from Parquet, JSON Lines or CSV.

Columns that are not listed in the contract are dropped; values that cannot be converted are null.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
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
        found = pq.read_table(path).to_pylist() if is_parquet(path) else [record for _, record in records(path)]
    except pa.ArrowInvalid as error:
        raise UsageError(NO_FOOTER, place=str(path), cure="export the table again") from error
    except OSError as error:
        raise UsageError(f"cannot be opened: {error.strerror or error}", place=str(path), cure="check the path") from error
    rows = [_row(record, schema) for record in found if not isinstance(record, Broken)]
    whole = [row for row in rows if all(row[name] is not None for name in required)]
    if not whole:
        raise UsageError(
            f"this is no such table: no row has {' and '.join(required)}",
            place=str(path),
            cure="see docs/reference/input.md for its columns",
        )
    return pa.Table.from_pylist(whole, schema=schema)


def _row(record: Record, schema: pa.Schema) -> dict[str, Any]:
    return {field.name: (time if pt.is_timestamp(field.type) else text)(record.get(field.name)) for field in schema}
