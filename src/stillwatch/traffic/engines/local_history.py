"""The history of the local engine: a folder with a folder for each part, and ``state.json``, the ledger that names them.

A part has its derived rows and its ``digest``, so that a scan counts what is new and adds it to what was counted before.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import ibis.expr.types as ir
import msgspec
import numpy as np
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend

from stillwatch.errors import OutputNotWritten
from stillwatch.traffic import partials
from stillwatch.traffic.engines import digest
from stillwatch.traffic.engines.history import Ledger, Part, check_next, merged_from, no_state, read_ledger
from stillwatch.traffic.engines.local_failure import failures
from stillwatch.traffic.engines.sieve import DrawnNow
from stillwatch.traffic.engines.stored_samples import StoredSamples, gathered, sifted, store
from stillwatch.traffic.figures import Figures, FromRows, Keeping

_LEDGER = "state.json"
_ROWS = "rows-"
_ANEW = 0.25
"""From this share of earlier rows on, what is new is counted together with all that was there."""


class LocalHistory:
    """A ``History`` in ``folder``, which need not exist yet. ``fresh`` is a folder for what is new, which does not exist,
    ``drawn`` gives the samples of the rows that come together with earlier ones, and ``stands_for`` is told which table has the
    hits of all of them.

    Raises UsageError if the folder holds something else.
    """

    def __init__(
        self,
        folder: Path,
        connection: Backend,
        fresh: Path,
        drawn: Callable[[], DrawnNow],
        stands_for: Callable[[ir.Table, ir.Table], None],
        threads: int,
    ) -> None:
        self._folder = folder
        self._connection = connection
        self._fresh = fresh
        self._drawn = drawn
        self._stands_for = stands_for
        self._threads = threads
        self._before = self._read()
        self._anew = False

    @property
    def note(self) -> bytes:
        """What the last scan left beside its rows."""
        return bytes(self._before.note)

    @property
    def parts(self) -> list[Path]:
        """The folders of earlier parts, as they were when this was opened."""
        return [self._folder / part.name for part in self._before.parts]

    def together(self, rows: ir.Table) -> ir.Table:
        """Earlier rows with the new ones of ``rows``."""
        with failures():
            self._set_aside(rows)
            if self._count:
                self._digest()
            if not self._digests:
                return rows
            together = self._connection.read_parquet([part / digest.ROWS for part in self._all], table_name="together")
            self._stands_for(together, self._of_all(digest.SHARED_HITS))
        return together

    def figures(self, engine: Keeping, rows: ir.Table) -> Figures:
        """Figures of all that came together, from the digests of all parts."""
        return _FromDigests(engine, rows, self._of_all) if self._digests else FromRows(engine, rows)

    def commit(self, note: bytes) -> None:
        """Write a new part, then the ledger; then parts that it does not name go."""
        with _told(self._folder), failures():
            check_next(self._before, self._read())
            self._folder.mkdir(parents=True, exist_ok=True)
            kept = self._before.parts
            if self._count:
                place = 0 if self._anew else merged_from(kept, self._count)
                kept = (*kept[:place], self._written(kept[place:]))
            self._replace(Ledger.of("local", self._before.number + 1, kept, note))
            for part in self._folder.glob(f"{_ROWS}*"):
                if part.name not in {part.name for part in kept}:
                    shutil.rmtree(part) if part.is_dir() else part.unlink()

    @cached_property
    def _count(self) -> int:
        """How many rows are new."""
        return int(pq.read_metadata(self._fresh / digest.ROWS).num_rows)

    @property
    def _all(self) -> list[Path]:
        """All parts with rows, or the empty one if none has any."""
        return [*self.parts, self._fresh] if self._count or not self.parts else self.parts

    @property
    def _digests(self) -> list[Path]:
        """The parts whose digests add up to all there is."""
        return [self._fresh] if self._anew else [part for part in self._all if (part / digest.SUMS).exists()]

    def _of_all(self, name: str) -> ir.Table:
        return self._connection.read_parquet([part / name for part in self._digests])

    def _set_aside(self, rows: ir.Table) -> None:
        """Write what is new to the fresh folder."""
        self._fresh.mkdir()
        seen = np.empty(0, np.uint64)
        if self.parts:
            earlier = self._connection.read_parquet([part / digest.ROWS for part in self.parts])
            known = earlier.select("request").semi_join(rows, "request").distinct()
            seen = np.sort(known.to_pyarrow()["request"].to_numpy())
            rows = rows.anti_join(known, "request") if len(seen) else rows
        self._connection.to_parquet(rows, self._fresh / digest.ROWS, compression="zstd")
        drawn = self._drawn().whole()
        new = sifted(drawn, lambda request: ~np.isin(request, seen)) if len(seen) else drawn
        store(new, self._fresh / digest.SAMPLES)

    def _digest(self) -> None:
        making = digest.Digester(self._connection, self._fresh, self.parts, self._threads)
        before = sum(part.rows for part in self._before.parts)
        self._anew = self._count > _ANEW * before or StoredSamples([self._fresh / digest.SAMPLES]).samples > digest.MOST_SAMPLES
        (making.anew if self._anew else making.onward)()

    def _written(self, small: tuple[Part, ...]) -> Part:
        """The fresh rows and those of ``small`` parts as one new part."""
        name = f"{_ROWS}{uuid.uuid4().hex[:12]}"
        target = self._folder / name
        if small:
            target.mkdir()
            parts = [*(self._folder / part.name for part in small), self._fresh]
            rows = self._connection.read_parquet([part / digest.ROWS for part in parts])
            self._connection.to_parquet(rows, target / digest.ROWS, compression="zstd")
            store(gathered(StoredSamples([part / digest.SAMPLES for part in parts]).batches()), target / digest.SAMPLES)
            digest.added(self._connection, [self._fresh] if self._anew else parts, target)
        else:
            shutil.copytree(self._fresh, target)
        for file in target.iterdir():
            _settle(file)
        return Part(name, self._count + sum(part.rows for part in small))

    def _read(self) -> Ledger:
        try:
            return read_ledger((self._folder / _LEDGER).read_bytes(), "local", str(self._folder))
        except (FileNotFoundError, NotADirectoryError):
            strange = [file.name for file in self._folder.glob("*") if not file.name.startswith((_ROWS, "."))]
            if strange:
                raise no_state(str(self._folder), f"it has no {_LEDGER}, but {sorted(strange)[0]}") from None
            return Ledger.of("local")
        except OSError as error:
            raise no_state(str(self._folder), error.strerror or str(error)) from error

    def _replace(self, ledger: Ledger) -> None:
        waiting = self._folder / f".{_LEDGER}.{uuid.uuid4().hex[:8]}"
        waiting.write_bytes(msgspec.json.encode(ledger))
        _settle(waiting)
        os.replace(waiting, self._folder / _LEDGER)


@dataclass(frozen=True)
class _FromDigests:
    """``Figures`` of ``rows`` from digests: ``of_all`` gives the rows of one sort that all digests have."""

    engine: Keeping
    rows: ir.Table
    of_all: Callable[[str], ir.Table]

    def accounts(self) -> ir.Table:
        """Added up."""
        return partials.account_measures(partials.added_sums(self.of_all(digest.SUMS)), self._counts)

    def values(self, attribute: str) -> ir.Table:
        """Added up."""
        return partials.values(self._counts, attribute)

    def samples(self) -> tuple[ir.Table, ir.Table]:
        """Added up."""
        return digest.added_uses(self.of_all(digest.USES)), digest.added_totals(self.of_all(digest.TOTALS))

    def system_hits(self) -> ir.Table:
        """Added up."""
        return partials.system_hits(self.rows, self._counts)

    @cached_property
    def _counts(self) -> ir.Table:
        return self.engine.keep("counts", partials.added_counts(self.of_all(digest.COUNTS)))


def _settle(file: Path) -> None:
    """Wait until a file is on the disk."""
    with file.open("rb") as written:
        os.fsync(written.fileno())


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"the state could not be written ({error.strerror or error}); it is as it was before"
        raise OutputNotWritten(what, place=str(folder), cure="free some space or choose another folder with --state") from error
