"""Request logs read in batches by commands that look back into them."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import UsageError
from stillwatch.traffic.intake import Intake, take_in
from stillwatch.traffic.readers.detect import READERS

_ROWS = 65_536


@contextmanager
def taken_in(requests: Sequence[str], log_format: str, account_from: str | None, now: datetime) -> Iterator[Intake]:
    """The logs as canonical Parquet, in a folder that goes when the block ends.

    Raises UsageError for an unknown format, NoReadableInput if no request can be read.
    """
    if log_format not in ("auto", *READERS):
        raise UsageError(f"no such format: {log_format}", place="--format", cure=f"name one of auto, {', '.join(READERS)}")
    with tempfile.TemporaryDirectory(prefix=".stillwatch-") as folder:
        staging = Path(folder) / "staging"
        staging.mkdir()
        yield take_in(
            requests,
            staging=staging,
            rejected=Path(folder) / "rejected.jsonl",
            now=now,
            log_format=log_format,
            account_from=account_from,
        )


def batches(intake: Intake, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The requests, batch by batch, with those of the columns that each file has."""
    for path in intake.parquet:
        with pq.ParquetFile(path) as file:
            present = [name for name in columns if name in file.schema_arrow.names]
            yield from file.iter_batches(batch_size=_ROWS, columns=present)
