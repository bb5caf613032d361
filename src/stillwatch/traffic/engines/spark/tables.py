"""The tables of one scan in a Spark session: expressions as Spark's frames, under names of the scan's own, dropped at its end."""

import uuid
import warnings
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from stillwatch.errors import EngineFailed
from stillwatch.traffic.engines.spark import bits
from stillwatch.traffic.engines.spark.failure import failures


class Tables:
    """``session`` is a ``pyspark.sql.SparkSession``, classic or behind Spark Connect."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self._prefix = f"stillwatch_{uuid.uuid4().hex[:8]}"
        self._views: list[str] = []
        self._kept: list[Any] = []

    def frame(self, expression: ir.Table) -> Any:
        """A table expression as a frame of Spark's, not evaluated yet."""
        with failures(), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            assert ibis.pyspark, "its options must be known before anything compiles"
            return self.session.sql(ibis.to_sql(expression, dialect="pyspark"))

    def view(self, name: str, frame: Any, schema: ibis.Schema) -> ir.Table:
        """A frame of Spark's as a table expression."""
        full = f"{self._prefix}_{name}_{len(self._views)}"
        frame.createOrReplaceTempView(full)
        self._views.append(full)
        return ibis.table(schema, name=full)

    def kept(self, name: str, frame: Any, schema: ibis.Schema) -> ir.Table:
        """A frame as a table expression that Spark keeps once it has been evaluated."""
        self._kept.append(frame.persist())
        return self.view(name, frame, schema)

    def fetch(self, expression: ir.Table) -> pa.Table:
        """The rows of a (small) table expression, in memory."""
        with failures():
            return bits.unsigned(self.frame(expression).toArrow(), expression.schema())

    def count(self, rows: ir.Table) -> int:
        """How many rows there are."""
        return int(self.fetch(rows.agg(rows=rows.count()))["rows"][0].as_py())

    def forget(self) -> None:
        """Drop what the scan left in the session; a session that is gone has nothing left."""
        try:
            with failures():
                for frame in self._kept:
                    frame.unpersist()
                for name in self._views:
                    self.session.catalog.dropTempView(name)
        except EngineFailed:
            return
