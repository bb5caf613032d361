"""Intake: from whatever a provider has to canonical Parquet that an engine can scan.

Steps: find the files; canonical Parquet that is sound goes through untouched; every other file is read record by record
into Parquet in the staging folder; rows that repeat a ``request_id`` are taken out. What cannot be read is rejected with its
place and reason, and never stops the run. Staged rows carry ``source_file`` and ``source_line``, so that an analyst can walk
from a request back to the log.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import NoReadableInput
from stillwatch.traffic import parquet, sources
from stillwatch.traffic.keys import keys
from stillwatch.traffic.readers import detect
from stillwatch.traffic.readers.exchange import header_or_field
from stillwatch.traffic.readers.record import Place, Record, Row, Unreadable
from stillwatch.traffic.records import Broken, Found, records
from stillwatch.traffic.rejects import Rejects
from stillwatch.traffic.schema import REQUESTS

Progress = Callable[[int], None]
EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
"""A request from before there were language models to ask has a wrong clock."""
STAGED = pa.schema([*REQUESTS, pa.field("source_file", pa.string()), pa.field("source_line", pa.int64())])
_BATCH_BYTES = 32 << 20
_BATCH_ROWS = 20_000


@dataclass(frozen=True)
class Intake:
    """What was taken in: canonical Parquet files that hold all readable requests, each ``request_id`` once.

    ``notes`` are sentences for the person who runs the scan.
    """

    parquet: tuple[Path, ...]
    rows: int
    rejected_rows: int
    notes: tuple[str, ...]


@dataclass
class _Run:
    staging: Path
    rejects: Rejects
    reader: detect.Reader
    account_from: str | None
    latest: datetime
    progress: Progress | None
    nameless: Counter[str] = field(default_factory=Counter)
    rows: int = 0


def take_in(
    paths: Sequence[str],
    *,
    staging: Path,
    rejected: Path,
    now: datetime,
    log_format: str = "auto",
    account_from: str | None = None,
    progress: Progress | None = None,
) -> Intake:
    """Take in all files that ``paths`` name; rejected rows go to ``rejected``, staged Parquet into ``staging``.

    ``log_format`` is a name in ``detect.READERS`` or ``auto``; ``account_from`` names a field (dotted) or header that
    holds the account; ``progress`` is told the rows read so far. Raises NoReadableInput if not one request could be read.
    """
    reader = detect.rows if log_format == "auto" else detect.READERS[log_format]
    with Rejects(rejected) as rejects:
        run = _Run(staging, rejects, reader, account_from, now + timedelta(days=1), progress)
        taken = [file for path in sources.find(paths) if (file := _take_file(run, path))]
        files, rows = _without_repeats(run, taken)
        if not rows:
            reasons = "; ".join(f"{reason} ({count})" for reason, count in rejects.reasons.most_common(3))
            raise NoReadableInput(
                f"no request could be read: {reasons or 'the files are empty'}",
                place=", ".join(paths),
                cure="see the input contract in docs/reference/input.md, or name the format with --format",
            )
        return Intake(tuple(files), rows, rejects.count, tuple(_notes(run)))


def _take_file(run: _Run, path: Path) -> Path | None:
    """The file as canonical Parquet; None if nothing in it could be read."""
    try:
        if not parquet.is_parquet(path):
            return _stage(run, path, records(path))
        if run.account_from is None and parquet.sound(path, EARLIEST, run.latest):
            return path
        return _stage(run, path, parquet.records(path))
    except pa.ArrowInvalid:
        run.rejects.add(str(path), None, parquet.NO_FOOTER)
    except OSError as error:
        run.rejects.add(str(path), None, f"cannot be opened: {error.strerror or error}")
    return None


def _stage(run: _Run, path: Path, found: Iterator[Found]) -> Path | None:
    """Read records into a new Parquet file in the staging folder."""
    target = run.staging / f"staged-{len(list(run.staging.iterdir())):05d}.parquet"
    modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    writer: pq.ParquetWriter | None = None
    for batch in _batches(_rows(run, path, modified, found)):
        writer = writer or pq.ParquetWriter(target, STAGED, compression="zstd", compression_level=1)
        writer.write_batch(batch)
        run.rows += batch.num_rows
        if run.progress:
            run.progress(run.rows)
    if writer is None:
        return None
    writer.close()
    return target


def _rows(run: _Run, path: Path, modified: datetime, found: Iterator[Found]) -> Iterator[Row]:
    name = str(path)
    for line, record in found:
        if isinstance(record, Broken):
            run.rejects.add(name, line, record.reason, record.row)
            continue
        place = Place(name, line or 0, modified)
        try:
            rows = [_completed(run, row, record, place) for row in run.reader(_with_account(run, record), place)]
        except Unreadable as reason:
            run.rejects.add(name, line, str(reason), record)
            continue
        yield from rows


def _with_account(run: _Run, record: Record) -> Record:
    """The record with its account filled in, so that a canonical record without one is not refused."""
    if run.account_from is not None or "account_id" in record or not detect.looks_canonical(record):
        return record
    return {**record, "account_id": ""}


def _completed(run: _Run, row: Row, record: Record, place: Place) -> Row:
    """The row with an account, a plausible time and its source; raises Unreadable if its clock is wrong."""
    if not EARLIEST <= row["ts"] <= run.latest:
        raise Unreadable(f"its clock is wrong: {row['ts'].isoformat()}")
    if run.account_from is not None:
        row["account_id"] = header_or_field(record, run.account_from)
    if not row.get("account_id"):
        row["account_id"] = Path(place.file).name.split(".")[0]
        run.nameless[place.file] += 1
    return row | {"source_file": place.file, "source_line": place.line}


def _batches(rows: Iterator[Row]) -> Iterator[pa.RecordBatch]:
    """Rows as batches of bounded size."""
    waiting: list[Row] = []
    size = 0
    for row in rows:
        waiting.append(row)
        size += sum(len(row.get(name) or "") for name in ("system_prompt", "prompt", "completion"))
        if len(waiting) >= _BATCH_ROWS or size >= _BATCH_BYTES:
            yield pa.RecordBatch.from_pylist(waiting, schema=STAGED)
            waiting, size = [], 0
    if waiting:
        yield pa.RecordBatch.from_pylist(waiting, schema=STAGED)


def _without_repeats(run: _Run, files: Sequence[Path]) -> tuple[list[Path], int]:
    """The files with every ``request_id`` once (the first stays), and how many rows that leaves."""
    if not files:
        return [], 0
    hashed = [keys(pq.read_table(path, columns=["request_id"])["request_id"].combine_chunks()) for path in files]
    every = np.concatenate(hashed)
    order = np.argsort(every, kind="stable")
    again = np.zeros(len(every), bool)
    again[order[1:]] = every[order[1:]] == every[order[:-1]]
    if not again.any():
        return list(files), len(every)
    parts = np.split(again, np.cumsum([len(part) for part in hashed])[:-1])
    kept = [_filtered(run, path, part) if part.any() else path for path, part in zip(files, parts, strict=True)]
    return kept, int((~again).sum())


def _filtered(run: _Run, path: Path, again: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Path:
    """The file without the marked rows, which are rejected, as a new file in the staging folder."""
    target = run.staging / f"unique-{len(list(run.staging.iterdir())):05d}.parquet"
    start = 0
    with pq.ParquetFile(path) as file, pq.ParquetWriter(target, file.schema_arrow, compression="zstd") as writer:
        for batch in file.iter_batches():
            part = again[start : start + batch.num_rows]
            for row in batch.filter(pa.array(part)).to_pylist():
                number = int(np.flatnonzero(part)[0]) + start + 1
                file_name, line = row.get("source_file", str(path)), row.get("source_line", number)
                run.rejects.add(file_name, line, "repeats a request_id that was read before", row["request_id"])
            writer.write_batch(batch.filter(pa.array(~part)))
            start += batch.num_rows
    return target


def _notes(run: _Run) -> Iterator[str]:
    total = run.nameless.total()
    if total:
        names = ", ".join(Path(name).name for name in list(run.nameless)[:3])
        more = f" and {len(run.nameless) - 3} more files" if len(run.nameless) > 3 else ""
        yield f"{total} requests in {names}{more} name no account: the file's name stands for it (--account-from chooses a field)"
    if run.rejects.count:
        reasons = "; ".join(f"{reason} ({count})" for reason, count in run.rejects.reasons.most_common(3))
        yield f"{run.rejects.count} rows could not be read: {reasons}"
