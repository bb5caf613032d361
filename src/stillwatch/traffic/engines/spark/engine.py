"""The Spark engine: expressions compile to Spark's SQL, kernels run inside the workers, small results come back.

Rows stay on the cluster: the requests where they are stored, the derived rows kept by Spark (in memory, else on the workers'
disks). Tables of one scan have names of their own in the session, and are dropped when it ends.

>>> with SparkEngine.opened(SparkSettings("local[2]")) as engine:
...     taken = engine.take_in(Asked(("requests.parquet",), Path("scratch"), datetime.now(UTC)))
...     engine.fetch(engine.derived(taken.requests).count().as_table())
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Self

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch import __version__
from stillwatch.errors import NoReadableInput
from stillwatch.traffic import admission, measures
from stillwatch.traffic.engines.delivery import Delivery, Publication, into_folder
from stillwatch.traffic.engines.engine import Asked, Place, Progress, Rows, Taken
from stillwatch.traffic.engines.spark import bits
from stillwatch.traffic.engines.spark.failure import failures
from stillwatch.traffic.engines.spark.history import SparkHistory
from stillwatch.traffic.engines.spark.kernel import derived_in_worker, derived_schema
from stillwatch.traffic.engines.spark.places import is_url
from stillwatch.traffic.engines.spark.session import session
from stillwatch.traffic.engines.spark.settings import SparkSettings
from stillwatch.traffic.engines.spark.storage import into_storage
from stillwatch.traffic.engines.spark.stored import PLACED, Stored, stored
from stillwatch.traffic.engines.spark.tables import Tables
from stillwatch.traffic.engines.spark.warehouse import into_tables
from stillwatch.traffic.engines.standing import Standing, check_same
from stillwatch.traffic.intake import EARLIEST
from stillwatch.traffic.rejects import Rejects


class SparkEngine:
    """A scan on a Spark session (a ``pyspark.sql.SparkSession``, classic or behind Spark Connect)."""

    name = "spark"

    def __init__(self, spark: Any) -> None:
        self._tables = Tables(spark)
        self._stored: Stored | None = None
        self._standing: Standing = {}

    @classmethod
    @contextmanager
    def opened(cls, settings: SparkSettings) -> Iterator[Self]:
        """The engine for a block, on a session for the block. Raises what ``session`` raises."""
        with session(settings) as spark:
            engine = cls(spark)
            try:
                yield engine
            finally:
                engine._tables.forget()

    def take_in(self, asked: Asked, progress: Progress | None = None) -> Taken:
        """Find files, URLs and tables; reject on the cluster what the intake would."""
        latest = asked.now.astimezone(UTC) + timedelta(days=1)
        with failures():
            self._stored = stored(self._tables.session, asked, progress)
            self._standing = self._stored.standing()
            rows = self._tables.view("stored", self._stored.frame, bits.ibis_schema(PLACED))
        counted = self.fetch(admission.counts(rows, EARLIEST, latest)).to_pylist()[0]
        with Rejects(asked.rejected) as rejects:
            if counted["refused"]:
                _reject(rejects, self.fetch(admission.refused(rows, EARLIEST, latest)))
            passed = admission.admitted(rows, EARLIEST, latest)
            repeated = self.keep("repeated", admission.repeated_ids(passed))
            if self._any(repeated):
                _reject(rejects, self.fetch(admission.further_copies(passed, repeated)))
                passed = admission.without_repeats(passed, repeated)
        taken = counted["rows"] - rejects.count
        if not taken:
            cure = "see the input contract in docs/reference/input.md"
            raise NoReadableInput("no request could be read", place=", ".join(asked.requests), cure=cure)
        name = self._tables.view("requests", self._tables.frame(passed), passed.schema()).get_name()
        return Taken((name,), self._stored.rejected + rejects.count, (*self._stored.notes, *_notes(rejects)))

    def derived(self, requests: Sequence[Place], progress: Progress | None = None) -> Rows:
        """Run the ``derive`` kernel in the workers and keep its rows there."""
        schema = derived_schema()
        with failures():
            asked = self._tables.session.table(str(requests[0]))
            frame = asked.mapInArrow(derived_in_worker(__version__), bits.columns(schema))
            rows = self._tables.kept("derived", frame, bits.ibis_schema(schema))
            done = frame.count()
        if progress:
            progress(done)
        return rows

    def history(self, place: Place) -> SparkHistory:
        """What earlier scans left at ``place``: a folder that every worker reaches, or a URL of the cluster's storage."""
        with failures():
            return SparkHistory(self._tables, place)

    def delivery(self, out: Place) -> Delivery:
        """What moves files into a folder of this machine, or into the cluster's storage if ``out`` is a URL."""
        return into_storage(self._tables.session, str(out)) if is_url(out) else partial(into_folder, folder=Path(out))

    def publication(self, name: str, kinds: tuple[str, ...]) -> Publication:
        """What puts tables into Spark's catalog."""
        return into_tables(self._tables.session, name, kinds)

    def hits(self, rows: Rows) -> Rows:
        """All hits, unfolded where they are asked for."""
        return measures.prompt_hits(rows)

    def keep(self, name: str, expression: ir.Table) -> Rows:
        """Let Spark keep the result of an expression once it has been evaluated."""
        return self._tables.kept(name, self._tables.frame(expression), expression.schema())

    def fetch(self, expression: ir.Table) -> pa.Table:
        """The rows of a (small) table expression, in memory."""
        return self._tables.fetch(expression)

    def given(self, rows: pa.Table) -> Rows:
        """A small table of the caller's as a table expression."""
        with failures():
            taken = (bits.signed(rows),) if len(rows) else ([], bits.columns(rows.schema))
            return self._tables.view("given", self._tables.session.createDataFrame(*taken), ibis.Schema.from_pyarrow(rows.schema))

    def requests(self, requests: Sequence[Place], columns: Sequence[str]) -> Rows:
        """The requests themselves."""
        return ibis.table(bits.ibis_schema(PLACED), name=str(requests[0])).select(*columns)

    def check_unchanged(self) -> None:
        """Compare the files with how they stood when they were taken in."""
        if self._stored:
            with failures():
                check_same(self._standing, self._stored.standing())

    def _any(self, rows: Rows) -> bool:
        return bool(self.fetch(rows.limit(1)).num_rows)


def _reject(rejects: Rejects, rows: pa.Table) -> None:
    """Write rejected rows, each with its place."""
    if "ts" in rows.column_names:
        rows = rows.set_column(rows.column_names.index("ts"), "ts", pc.cast(rows["ts"], pa.string()))
    for row in rows.sort_by([("source", "ascending"), ("line", "ascending")]).to_pylist():
        reason = row.get("reason", "repeats a request_id that was read before")
        if reason == admission.CLOCK:
            reason = f"{reason}: {row['ts']}"
        rejects.add((row["source"] or "").removeprefix("file:"), row["line"], reason, row["request_id"])


def _notes(rejects: Rejects) -> Iterator[str]:
    if rejects.count:
        reasons = "; ".join(f"{reason} ({count})" for reason, count in rejects.reasons.most_common(3))
        yield f"{rejects.count} rows could not be read: {reasons}"
