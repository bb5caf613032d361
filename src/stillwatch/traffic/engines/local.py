"""The local engine: DuckDB, embedded, with bounded memory that spills to its scratch folder.

Kernels run in threads of this process, in order, over the files that the intake let through.

>>> with LocalEngine(Path("scratch")) as engine:
...     rows = engine.derived([Path("requests.parquet")])
...     engine.fetch(rows.count())
"""

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import EngineFailed, UsageError
from stillwatch.traffic import measures
from stillwatch.traffic.derive import READ, RECURRENT, derive
from stillwatch.traffic.engines.delivery import Delivery, Publication, into_folder
from stillwatch.traffic.engines.engine import Asked, Place, Progress, Rows, Taken
from stillwatch.traffic.engines.in_order import in_order
from stillwatch.traffic.engines.local_failure import failures
from stillwatch.traffic.engines.local_history import LocalHistory
from stillwatch.traffic.engines.sieve import DRAWN, SAMPLES, DrawnNow, sieved
from stillwatch.traffic.engines.standing import Standing, check_same, standing
from stillwatch.traffic.schema import REQUIRED

BATCH_ROWS = 65_536
_ROWS, _HITS = "derived.parquet", "hits.parquet"
_PLAIN: dict[str, Any] = {"compression": "none", "use_dictionary": False, "write_statistics": False}
"""How derived rows are written: keys are random numbers, on which compression is time lost."""
_USELESS = "join_filter_pushdown"
"""The least and the greatest key of a join say nothing where keys are random, and looking for them costs time."""


class _Writer:
    """Derived rows as they come out of the kernel, on their way to two files: the samples of prompts, and all the rest."""

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self.rows = self.samples = 0
        self._rest = [name for name in schema.names if name != "prompt_samples"]
        self._drawn = pa.schema([schema.field(name) for name in DRAWN])
        self._parquet = pq.ParquetWriter(folder / _ROWS, pa.schema([schema.field(name) for name in self._rest]), **_PLAIN)
        self._arrow = pa.ipc.new_file(folder / SAMPLES, self._drawn)

    def write(self, batch: pa.RecordBatch) -> None:
        """Append a batch of derived rows."""
        self._parquet.write_batch(batch.select(self._rest))
        self._arrow.write_batch(batch.select(self._drawn.names))
        self.rows += batch.num_rows
        self.samples += len(batch.column("prompt_samples").values)

    def close(self) -> None:
        """Finish both files."""
        self._parquet.close()
        self._arrow.close()


class LocalEngine:
    """DuckDB in this process.

    ``scratch`` is a folder for derived rows and spilled data, which the caller makes and removes; ``memory_mb`` bounds
    the engine's own buffers; ``threads`` defaults to the processors that this process may use.
    """

    name = "local"

    def __init__(self, scratch: Path, *, memory_mb: int = 1_500, threads: int | None = None) -> None:
        self._scratch = scratch
        self._threads = threads or len(os.sched_getaffinity(0))
        self._connection = ibis.duckdb.connect(
            threads=self._threads,
            memory_limit=f"{memory_mb}MB",
            temp_directory=str(scratch / "spill"),
            preserve_insertion_order=False,
        )
        self._connection.raw_sql("SET TimeZone = 'UTC'")
        self._connection.raw_sql(f"SET disabled_optimizers = '{_USELESS}'")
        self._standing: Standing = {}
        self._derived: Rows | None = None
        self._drawn: DrawnNow | None = None
        self._known_hits: list[tuple[Rows, Rows]] = []
        self._sieved: Rows | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.disconnect()

    def take_in(self, asked: Asked, progress: Progress | None = None) -> Taken:
        """Take in by the readers of this process; what they passed through untouched must stay as it is until the end."""
        intake = asked.by_local_readers(asked.requests, progress)
        self._standing = standing(path for path in intake.parquet if asked.workshop not in path.parents)
        return Taken(intake.parquet, intake.rejected_rows, intake.notes)

    def check_unchanged(self) -> None:
        """Compare the files that are read more than once with what they were."""
        check_same(self._standing, standing(map(Path, self._standing)))

    def derived(self, requests: Sequence[Place], progress: Progress | None = None) -> ir.Table:
        """Run the ``derive`` kernel over canonical Parquet files; the derived rows, but for their samples, as a table on disk.

        The samples of prompts go to a file of their own, from which ``hits`` and the history take them.
        """
        writer: _Writer | None = None
        try:
            for batch in in_order(derive, _batches(requests), self._threads):
                writer = writer or _Writer(self._scratch, batch.schema)
                writer.write(batch)
                if progress:
                    progress(writer.rows)
        finally:
            if writer:
                writer.close()
        self._derived = self._connection.read_parquet(self._scratch / _ROWS, table_name="derived")
        self._drawn = DrawnNow(self._scratch / SAMPLES, writer.samples if writer else 0)
        return self._derived

    def hits(self, rows: Rows) -> Rows:
        """The hits that pass the ``Crowd``'s sieve, as a table on disk, made once for ``rows`` that this engine derived; those that
        a history has of ``rows`` that came together."""
        known = next((hits for table, hits in self._known_hits if table is rows), None)
        if known is not None:
            return known
        if rows is not self._sieved:
            if self._drawn is None or rows is not self._derived:
                return measures.prompt_hits(rows)
            sieved(self._drawn, self._scratch / _HITS, threads=self._threads)
            self._sieved = rows
        return self._connection.read_parquet(self._scratch / _HITS, table_name="hits")

    def history(self, place: Place) -> LocalHistory:
        """What earlier scans left in the folder ``place``."""
        if "://" in str(place):
            raise UsageError("the local engine keeps no state in other storage", place="--state", cure="name a folder")
        return LocalHistory(Path(place), self._connection, self._scratch / "fresh", self._drawn_now, self._know, self._threads)

    def _drawn_now(self) -> DrawnNow:
        assert self._drawn, "rows are derived before they come together with earlier ones"
        return self._drawn

    def _know(self, rows: Rows, hits: Rows) -> None:
        """Note the ``hits`` of ``rows`` that came together."""
        self._known_hits.append((rows, hits))

    def delivery(self, out: Place) -> Delivery:
        """What moves files into the folder ``out``, which is on the file system where they were made."""
        if "://" in str(out):
            raise UsageError(
                "the local engine writes into folders only", place=str(out), cure="name a folder, or add --engine spark"
            )
        return partial(into_folder, folder=Path(out))

    def publication(self, name: str, kinds: tuple[str, ...]) -> Publication:
        """None: this engine has no catalog."""
        raise UsageError("only Spark has tables to write to", place="--out-table", cure="add --engine spark")

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        """Evaluate a table expression once and keep the result under ``name``."""
        with failures():
            return self._connection.create_table(name, expression)

    def fetch(self, expression: ir.Table) -> pa.Table:
        """The rows of a (small) table expression, in memory."""
        with failures():
            return expression.to_pyarrow()

    def given(self, rows: pa.Table) -> Rows:
        """A small table of the caller's as a table expression."""
        return ibis.memtable(rows)

    def requests(self, requests: Sequence[Place], columns: Sequence[str]) -> ir.Table:
        """The canonical requests themselves, with ``columns`` of them (null where a file has none)."""
        tables = []
        for number, path in enumerate(requests):
            with failures():
                table = self._connection.read_parquet(path, table_name=f"requests_{number}")
            missing = {name: ibis.null("string") for name in columns if name not in table.columns}
            tables.append(table.mutate(**missing).select(*columns))
        return ibis.union(*tables) if len(tables) > 1 else tables[0]


def _batches(paths: Sequence[Place]) -> Iterator[pa.RecordBatch]:
    """The columns of READ that each file has, file by file (their types may differ)."""
    for path in paths:
        try:
            known = pq.read_schema(path, memory_map=True).names
            present = [name for name in READ if name in known]
            assert set(REQUIRED) <= set(present), "the intake lets no file through without the required columns"
            recurrent = [name for name in RECURRENT if name in known]
            with pq.ParquetFile(path, memory_map=True, read_dictionary=recurrent) as file:
                yield from file.iter_batches(BATCH_ROWS, columns=present, use_threads=False)
        except (pa.ArrowInvalid, OSError) as error:
            cure = "export the file again or leave it out; no result was written"
            raise EngineFailed(f"a part of the file cannot be read: {error}", place=str(path), cure=cure) from error
