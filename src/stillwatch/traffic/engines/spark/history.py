"""The history of the Spark engine: folders of Parquet under one place of the cluster's storage, written and read by the workers.

The ledger stands in two folders in turn, as one line of one file, which appears whole: while one is written the other counts, and
of two the later one. Rows are written under a new name before. Spark cannot remove folders everywhere, so what was written anew
elsewhere is emptied.
"""

import uuid
from functools import cached_property
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import msgspec

from stillwatch.traffic.engines.history import Ledger, Part, check_next, merged_from, no_state, read_ledger
from stillwatch.traffic.engines.spark import bits
from stillwatch.traffic.engines.spark.failure import failures
from stillwatch.traffic.engines.spark.kernel import derived_schema
from stillwatch.traffic.engines.spark.places import is_url, literal, url
from stillwatch.traffic.engines.spark.tables import Tables
from stillwatch.traffic.figures import Figures, FromRows, Keeping

_LEDGERS = ("ledger-a", "ledger-b")


class SparkHistory:
    """A ``History`` at ``place`` (a folder that every worker reaches, or a URL), which need not exist yet.

    Raises UsageError if something else is there.
    """

    def __init__(self, tables: Tables, place: Path | str) -> None:
        if not is_url(place) and (Path(place) / "state.json").exists():
            raise no_state(str(place), "it is one of the local engine")
        self._tables = tables
        self._place = url(place)
        self._fresh: ir.Table | None = None
        self._before = self._read()

    @property
    def note(self) -> bytes:
        """What the last scan left beside its rows."""
        return bytes(self._before.note)

    def together(self, rows: ir.Table) -> ir.Table:
        """Earlier rows with the new ones of ``rows``."""
        earlier = self._rows(self._before.parts)
        new = rows if earlier is None else rows.anti_join(earlier.select("request"), "request")
        self._fresh = self._tables.kept("fresh", self._tables.frame(new), new.schema())
        return self._fresh if earlier is None else earlier.union(self._fresh)

    def figures(self, engine: Keeping, rows: ir.Table) -> Figures:
        """Counted from all rows."""
        return FromRows(engine, rows)

    def commit(self, note: bytes) -> None:
        """Write a new part, then the ledger; then the parts that it does not name any more are emptied."""
        with failures():
            check_next(self._before, self._read())
            place = merged_from(self._before.parts, self._count) if self._count else len(self._before.parts)
            kept, small = self._before.parts[:place], self._before.parts[place:]
            if self._count:
                kept = (*kept, self._written(small))
            self._replace(Ledger.of("spark", self._before.number + 1, kept, note))
            for part in small:
                self._tables.session.createDataFrame([], bits.columns(derived_schema())).write.mode("overwrite").parquet(
                    f"{self._place}/{part.name}"
                )

    @cached_property
    def _count(self) -> int:
        return self._tables.count(self._fresh) if self._fresh is not None else 0

    def _rows(self, parts: tuple[Part, ...]) -> ir.Table | None:
        if not parts:
            return None
        declared = bits.columns(derived_schema())
        with failures():
            frame = self._tables.session.read.schema(declared).parquet(*(literal(f"{self._place}/{part.name}") for part in parts))
            return self._tables.view("earlier", frame, bits.ibis_schema(derived_schema()))

    def _written(self, small: tuple[Part, ...]) -> Part:
        """The fresh rows and those of ``small`` parts as one new part."""
        assert self._fresh is not None, "rows come together before they are committed"
        name = f"rows-{uuid.uuid4().hex[:12]}"
        older = self._rows(small)
        rows = self._fresh if older is None else older.union(self._fresh)
        self._tables.frame(rows).write.option("compression", "zstd").parquet(f"{self._place}/{name}")
        return Part(name, self._count + sum(part.rows for part in small))

    def _read(self) -> Ledger:
        found = [text for name in _LEDGERS if (text := self._text(f"{self._place}/{name}"))]
        ledgers = [read_ledger(text.encode(), "spark", self._place) for text in found]
        return max(ledgers, key=lambda ledger: ledger.number, default=Ledger.of("spark"))

    def _text(self, folder: str) -> str:
        """The text of the files in a folder; empty if there are none."""
        from pyspark.errors import AnalysisException

        try:
            with_lines: list[Any] = self._tables.session.read.text(literal(folder), wholetext=True).collect()
        except AnalysisException as error:
            if error.getCondition() == "PATH_NOT_FOUND":
                return ""
            raise
        return "".join(row[0] for row in with_lines)

    def _replace(self, ledger: Ledger) -> None:
        line = [(msgspec.json.encode(ledger).decode(),)]
        frame = self._tables.session.createDataFrame(line, "value string").coalesce(1)
        frame.write.mode("overwrite").text(f"{self._place}/{_LEDGERS[ledger.number % 2]}")
