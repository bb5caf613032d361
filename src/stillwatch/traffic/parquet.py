"""Canonical Parquet as it arrives: which files can be scanned as they are, and the rows of those that cannot.

A file goes through untouched if its footer, its types and its required columns are sound; only those columns are read for
that. Otherwise its rows are handed on one by one, as records, to be mended or rejected like those of a text file.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as pt

from stillwatch.traffic.records import Broken, Found
from stillwatch.traffic.schema import REQUESTS, REQUIRED, TIMESTAMP

NO_FOOTER = "the file has no Parquet footer (it was cut off, or is no Parquet): without it no row can be located"


def is_parquet(path: Path) -> bool:
    """Whether the file begins as Parquet does."""
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def sound(path: Path, earliest: datetime, latest: datetime) -> bool:
    """Whether every row has its required columns, of fitting type, with a time in [earliest, latest].

    Raises ArrowInvalid or OSError if the footer cannot be read.
    """
    with pq.ParquetFile(path, memory_map=True) as file:
        schema = file.schema_arrow
        if not set(REQUIRED) <= set(schema.names) or not all(fits(field) for field in schema):
            return False
        try:
            return all(_clean(batch, earliest, latest) for batch in file.iter_batches(columns=list(REQUIRED)))
        except (pa.ArrowInvalid, OSError):
            return False


def records(path: Path) -> Iterator[Found]:
    """Every row as a record with its number from 1; a row group that cannot be read gives one Broken."""
    with pq.ParquetFile(path) as file:
        known = [name for name in REQUESTS.names if name in file.schema_arrow.names]
        start = 1
        for group in range(file.num_row_groups):
            size = file.metadata.row_group(group).num_rows
            number = start
            try:
                for batch in file.iter_batches(row_groups=[group], columns=known, batch_size=4096):
                    for row in batch.to_pylist():
                        yield number, row
                        number += 1
            except (pa.ArrowInvalid, OSError) as error:
                yield number, Broken(f"rows {number} to {start + size - 1} cannot be read: {error}")
            start += size


def _clean(batch: pa.RecordBatch, earliest: datetime, latest: datetime) -> bool:
    if any(column.null_count for column in batch.columns):
        return False
    times = pc.min_max(batch.column("ts").cast(TIMESTAMP, safe=False))
    return not batch.num_rows or (times["min"].as_py() >= earliest and times["max"].as_py() <= latest)


def fits(field: pa.Field) -> bool:
    """Whether a column can be cast to its canonical type without looking at its values."""
    if field.name not in REQUESTS.names:
        return True
    wanted, kind = REQUESTS.field(field.name).type, field.type
    if pt.is_dictionary(kind):
        kind = kind.value_type
    if pt.is_null(kind):
        return True
    if pt.is_string(wanted):
        return bool(pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind))
    if pt.is_timestamp(wanted):
        return bool(pt.is_timestamp(kind))
    if pt.is_list(wanted):
        return bool((pt.is_list(kind) or pt.is_large_list(kind)) and pt.is_string(kind.value_type))
    if pt.is_integer(wanted):
        return bool(pt.is_integer(kind))
    return bool(kind == wanted or (pt.is_floating(wanted) and (pt.is_floating(kind) or pt.is_integer(kind))))
