"""What is asked for as one Spark frame: Parquet files that every worker reaches, storage URLs and tables, unread so far.

A Parquet file goes in as it is if Spark reads the types that it has; any other file is turned into Parquet by the readers
of this process first. The frame has the columns of ``derive.READ`` in their canonical types, and ``source`` and ``line``.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as pt

from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.traffic import parquet, sources
from stillwatch.traffic.derive import READ
from stillwatch.traffic.engines.engine import Asked, Progress
from stillwatch.traffic.engines.spark.bits import spark_type
from stillwatch.traffic.engines.spark.places import is_url, literal, url
from stillwatch.traffic.engines.standing import Standing, standing
from stillwatch.traffic.schema import REQUESTS, REQUIRED

PLACED = pa.schema([*(REQUESTS.field(name) for name in READ), pa.field("source", pa.string()), pa.field("line", pa.int64())])
"""The columns of the frame."""
_READABLE = {
    pa.string(): "string",
    pa.large_string(): "string",
    pa.string_view(): "string",
    pa.bool_(): "boolean",
    pa.int8(): "tinyint",
    pa.int16(): "smallint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.float32(): "float",
    pa.float64(): "double",
}


@dataclass(frozen=True)
class Stored:
    """The frame, what the local readers rejected and noted on the way, and how its files stand (a function: asked twice)."""

    frame: Any
    rejected: int
    notes: tuple[str, ...]
    standing: Callable[[], Standing]


def stored(session: Any, asked: Asked, progress: Progress | None) -> Stored:
    """Everything that is asked for. Raises NoReadableInput if a name names nothing, or nothing has the required columns."""
    ready, others, elsewhere = _sorted(asked)
    rejected, notes = 0, tuple[str, ...]()
    staged: list[Path] = []
    if others:
        try:
            intake = asked.by_local_readers([str(path) for path in others], progress)
        except NoReadableInput:
            if not ready and not elsewhere:
                raise
            rejected = len(asked.rejected.read_bytes().splitlines())
        else:
            staged, rejected, notes = list(intake.parquet), intake.rejected_rows, intake.notes
    frames = [_files(session, files, kinds) for kinds, files in _alike([*ready, *staged])]
    frames += [_placed(_elsewhere(session, name), name) for name in elsewhere]
    return Stored(
        reduce(lambda one, other: one.unionByName(other), frames),
        rejected,
        notes,
        lambda: {**standing(ready), **_standing_elsewhere(session, elsewhere)},
    )


def _sorted(asked: Asked) -> tuple[list[Path], list[Path], list[str]]:
    """Files that Spark reads, files for the local readers, and names of the engine's own storage."""
    as_they_are = asked.account_from is None and asked.log_format in ("auto", "stillwatch")
    ready: list[Path] = []
    others: list[Path] = []
    elsewhere: list[str] = []
    for name in asked.requests:
        if is_url(name) or _is_table_name(name):
            elsewhere.append(name)
            continue
        for path in sources.find([name]):
            (ready if as_they_are and _kinds(path) is not None else others).append(path)
    if elsewhere and not as_they_are:
        cure = "make a view that has the columns of docs/reference/input.md, and scan that"
        raise UsageError("--format and --account-from are for files", place=elsewhere[0], cure=cure)
    return list(dict.fromkeys(ready)), list(dict.fromkeys(others)), elsewhere


def _is_table_name(name: str) -> bool:
    return not Path(name).exists() and re.fullmatch(r"`?\w+`?(\.`?\w+`?){0,2}", name) is not None


def _kinds(path: Path) -> tuple[tuple[str, str], ...] | None:
    """The columns of READ in a Parquet file and Spark's types for them; None if Spark cannot read it as it is."""
    try:
        schema = pq.read_schema(path) if parquet.is_parquet(path) else None
    except (pa.ArrowInvalid, OSError):
        return None
    if schema is None or not set(REQUIRED) <= set(schema.names):
        return None
    found = []
    for field in schema:
        if field.name in READ and not pt.is_null(field.type):
            kind = _kind(field.type)
            if kind is None or not parquet.fits(field):
                return None
            found.append((field.name, kind))
    return tuple(sorted(found)) if set(REQUIRED) <= {name for name, _ in found} else None


def _kind(kind: pa.DataType) -> str | None:
    if pt.is_dictionary(kind):
        return _kind(kind.value_type)
    if pt.is_timestamp(kind):
        return None if kind.unit == "ns" else "timestamp" if kind.tz else "timestamp_ntz"
    if pt.is_list(kind) or pt.is_large_list(kind):
        inner = _kind(kind.value_type)
        return f"array<{inner}>" if inner else None
    return _READABLE.get(kind)


def _alike(files: Sequence[Path]) -> Iterator[tuple[tuple[tuple[str, str], ...], list[Path]]]:
    """The files by the columns and types that they have, for each folder may hold several generations of logs."""
    groups: dict[tuple[tuple[str, str], ...], list[Path]] = {}
    for path in files:
        groups.setdefault(_kinds(path) or (), []).append(path)
    yield from groups.items()


def _files(session: Any, files: Sequence[Path], kinds: tuple[tuple[str, str], ...]) -> Any:
    declared = ", ".join(f"`{name}` {kind}" for name, kind in kinds)
    places = [literal(url(path)) for path in files]
    return _placed(session.read.schema(declared).option("recursiveFileLookup", "true").parquet(*places), str(files[0]))


def _elsewhere(session: Any, name: str) -> Any:
    """The frame of a storage URL (a folder of Parquet) or of a table."""
    if is_url(name):
        return session.read.option("mergeSchema", "true").option("recursiveFileLookup", "true").parquet(name)
    if not session.catalog.tableExists(name):
        cure = "name a file, a folder, a glob, a storage URL or a table of Spark's catalog"
        raise NoReadableInput("no such file, folder or table", place=name, cure=cure)
    return session.table(name)


def _placed(frame: Any, name: str) -> Any:
    """The columns of PLACED, from whatever of them the frame has."""
    from pyspark.sql import functions as f

    there = dict(frame.dtypes)
    missing = [column for column in REQUIRED if column not in there]
    wrong = [column for column in READ if column in there and not _castable(there[column], REQUESTS.field(column).type)]
    if missing or wrong:
        what = f"no column {missing[0]}" if missing else f"the column {wrong[0]} has the type {there[wrong[0]]}"
        cure = "make a view that has the columns and types of docs/reference/input.md, and scan that"
        raise NoReadableInput(what, place=name, cure=cure)
    columns = [
        (f.col(column) if column in there else f.lit(None)).cast(spark_type(REQUESTS.field(column).type)).alias(column)
        for column in READ
    ]
    file = f.url_decode(f.replace(f.col("_metadata.file_path"), f.lit("+"), f.lit("%2B")))
    return frame.select(
        *columns,
        (file if _has(frame, "file_path") else f.lit(None).cast("string")).alias("source"),
        (f.col("_metadata.row_index") + 1 if _has(frame, "row_index") else f.lit(None)).cast("bigint").alias("line"),
    )


def _castable(kind: str, wanted: pa.DataType) -> bool:
    """Whether Spark's type is, or widens to, the canonical one."""
    if pt.is_timestamp(wanted):
        return kind in ("timestamp", "timestamp_ntz")
    whole = kind in ("tinyint", "smallint", "int", "bigint")
    if pt.is_integer(wanted):
        return whole
    if pt.is_floating(wanted):
        return whole or kind in ("float", "double") or kind.startswith("decimal")
    return kind == spark_type(wanted)


def _has(frame: Any, field: str) -> bool:
    """Whether rows know their file (tables that are no files do not)."""
    from pyspark.errors import AnalysisException

    try:
        return bool(frame.select(f"_metadata.{field}").columns)
    except AnalysisException:
        return False


def _standing_elsewhere(session: Any, names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """How the files behind URLs and tables stand, listed anew; a table without files of its own gives none."""
    files = []
    for name in names:
        if is_url(name):
            session.catalog.refreshByPath(name)
        else:
            session.catalog.refreshTable(name)
        files += _elsewhere(session, name).inputFiles()
    if not files:
        return {}
    listed = session.read.format("binaryFile").load([literal(unquote(file)) for file in files])
    rows = listed.selectExpr("path", "length", "unix_micros(modificationTime) AS changed").collect()
    return {row["path"]: (row["length"], row["changed"]) for row in rows}
