"""The digest of a part of a local history: what is kept of its rows so that later scans need not count them again.

Beside its derived rows and stored samples a part has, as Parquet, ``partials.sums`` and ``partials.counted``; of the samples that
several accounts share the ``uses``, the ``totals`` of texts and the ``hits``. What a digest says holds *after all earlier parts*:

1. Texts count that no earlier part has.
2. Of samples known to be shared, the hits of the part itself are added.
3. Of samples that became shared only with this part, all hits of earlier parts are added, too; they are found by looking through
   the stored samples of earlier parts for those that are new in this one.

So the digests of all parts add up to what one count over all rows gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend

from stillwatch.traffic import measures, partials
from stillwatch.traffic.buffers import Hashes
from stillwatch.traffic.engines.sieve import HITS, sieved
from stillwatch.traffic.engines.stored_samples import StoredSamples
from stillwatch.traffic.sought import Sought

ROWS, SAMPLES = "rows.parquet", "samples.arrow"
SUMS, COUNTS, USES, TOTALS, SHARED_HITS = "sums.parquet", "counts.parquet", "uses.parquet", "totals.parquet", "hits.parquet"
MOST_SAMPLES = 1 << 23
"""A part with more samples than this is not looked for among those of earlier ones: everything is counted anew."""


@dataclass(frozen=True)
class Digester:
    """Makes the digest of the part in the folder ``fresh``, which has its rows and samples, after ``earlier`` parts (folders)."""

    connection: Backend
    fresh: Path
    earlier: Sequence[Path]
    threads: int

    def onward(self) -> None:
        """The digest of the fresh part alone."""
        self._write_sums(self.earlier)
        self._write_hits(*self._hits_onward())

    def anew(self) -> None:
        """One digest of all parts together."""
        self._write_sums(())
        drawn, file = StoredSamples([part / SAMPLES for part in (*self.earlier, self.fresh)]), self.fresh / "sieved.parquet"
        sieved(drawn, file, threads=self.threads)
        hits = self.connection.read_parquet(file, table_name="sieved")
        used = self.connection.create_table("digested_uses", measures.uses(hits))
        shared = self.connection.create_table("digested_shared", measures.shared_samples(used))
        self._write_shared(hits.semi_join(shared, "sample"), used.semi_join(shared, "sample"), measures.sample_totals(hits, shared))
        file.unlink()

    def _rows(self, parts: Sequence[Path]) -> ir.Table:
        return self.connection.read_parquet([part / ROWS for part in parts])

    def _write_sums(self, earlier: Sequence[Path]) -> None:
        """Sums and counted values of the fresh part, or with nothing ``earlier`` of all parts."""
        rows = self._rows([self.fresh] if earlier else [*self.earlier, self.fresh])
        new = rows.select("account", "system", "text").distinct()
        if earlier:
            new = self.connection.create_table("fresh_texts", new)
            met = self._rows(earlier).select("account", "text").semi_join(new, "text").distinct()
            new = new.anti_join(self.connection.create_table("met", met), ["account", "text"])
        new = self.connection.create_table("new_texts", new)
        self.connection.to_parquet(partials.sums(rows, new), self.fresh / SUMS)
        self.connection.to_parquet(partials.counted(rows, new), self.fresh / COUNTS)

    def _hits_onward(self) -> tuple[pa.Table, pa.Table]:
        """The hits that the fresh part adds, and those of them whose texts are to be counted."""
        uses = self.connection.read_parquet([part / USES for part in self.earlier])
        known = Sought(np.sort(uses.select("sample").distinct().to_pyarrow()["sample"].to_numpy()))
        mine = _hits(StoredSamples([self.fresh / SAMPLES]))
        of_known = np.zeros(len(mine), bool)
        of_known[known.found(mine["sample"].to_numpy())[0]] = True
        others = mine.filter(pa.array(~of_known))
        became = self._became_shared(others)
        met = self.connection.table("met").select("text").distinct().to_pyarrow()["text"].to_numpy()
        new = ~np.isin(mine["text"].to_numpy(), met)
        return (
            pa.concat_tables([mine.filter(pa.array(of_known)), became]),
            pa.concat_tables([mine.filter(pa.array(of_known & new)), became]),
        )

    def _became_shared(self, fresh: pa.Table) -> pa.Table:
        """All hits, fresh and earlier, of those samples among the ``fresh`` hits that are shared now."""
        samples, number = np.unique(fresh["sample"].to_numpy(), return_inverse=True)
        stored, sought = StoredSamples([part / SAMPLES for part in self.earlier]), Sought(samples)
        least = np.full(len(samples), np.iinfo(np.uint64).max, np.uint64)
        greatest, times = np.zeros(len(samples), np.uint64), np.zeros(len(samples), np.int64)
        own = fresh["account"].to_numpy(), fresh["text"].to_numpy(), number.reshape(-1)
        for account, _, place in chain([own], stored.hits(sought)):
            np.minimum.at(least, place, account)
            np.maximum.at(greatest, place, account)
            np.add.at(times, place, 1)
        shared = samples[(least != greatest) & (times >= measures.MIN_SHARED_REQUESTS)]
        of_fresh = fresh.filter(pa.array(np.isin(fresh["sample"].to_numpy(), shared)))
        if not len(shared):
            return of_fresh
        found = (_table(account, text, shared[place]) for account, text, place in stored.hits(Sought(shared)) if len(place))
        return pa.concat_tables([of_fresh, *found])

    def _write_hits(self, hits: pa.Table, to_count: pa.Table) -> None:
        self.connection.con.register("onward_hits", hits)
        self.connection.con.register("onward_texts", to_count)
        found, texts = self.connection.table("onward_hits"), self.connection.table("onward_texts")
        self._write_shared(found, measures.uses(found), measures.sample_totals(texts, texts))
        self.connection.con.unregister("onward_hits")
        self.connection.con.unregister("onward_texts")

    def _write_shared(self, hits: ir.Table, uses: ir.Table, totals: ir.Table) -> None:
        for name, table in ((SHARED_HITS, hits), (USES, uses), (TOTALS, totals)):
            self.connection.to_parquet(table, self.fresh / name, compression="zstd")


def _hits(stored: StoredSamples) -> pa.Table:
    """One row per row and sample."""
    found = []
    for batch in stored.batches():
        lists = batch.column("prompt_samples")
        row = np.repeat(np.arange(len(lists)), np.diff(lists.offsets.to_numpy()))
        values = lists.flatten().to_numpy()
        found.append(_table(batch.column("account").to_numpy()[row], batch.column("text").to_numpy()[row], values))
    return pa.concat_tables([HITS.empty_table(), *found])


def _table(account: Hashes, text: Hashes, sample: Hashes) -> pa.Table:
    return pa.table([account, text, sample], schema=HITS)


def added(connection: Backend, parts: Sequence[Path], target: Path) -> None:
    """Write into the folder ``target`` the digest of several neighbouring parts together."""

    def all_of(name: str) -> ir.Table:
        return connection.read_parquet([part / name for part in parts])

    for name, table in (
        (SUMS, partials.added_sums(all_of(SUMS))),
        (COUNTS, partials.added_counts(all_of(COUNTS))),
        (USES, added_uses(all_of(USES))),
        (TOTALS, added_totals(all_of(TOTALS))),
        (SHARED_HITS, all_of(SHARED_HITS)),
    ):
        connection.to_parquet(table, target / name, compression="zstd")


def added_uses(parts: ir.Table) -> ir.Table:
    """The uses of several parts as one."""
    return parts.group_by(["sample", "account"]).agg(requests=parts.requests.sum().cast("int64"))


def added_totals(parts: ir.Table) -> ir.Table:
    """The totals of several parts as one."""
    return parts.group_by("sample").agg(distinct_texts=parts.distinct_texts.sum().cast("int64"))
