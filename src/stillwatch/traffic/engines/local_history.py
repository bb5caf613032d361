"""The history of the local engine: a folder with Parquet files of derived rows and ``state.json``, the ledger that names them."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import ibis.expr.types as ir
import msgspec
from ibis.backends.duckdb import Backend

from stillwatch.errors import OutputNotWritten
from stillwatch.traffic.engines.history import Ledger, Part, check_next, merged_from, no_state, read_ledger
from stillwatch.traffic.engines.local_failure import failures

_LEDGER = "state.json"
_ROWS = "rows-"


class LocalHistory:
    """A ``History`` in ``folder``, which need not exist yet. ``scratch`` is the engine's own folder, ``whole`` gives rows
    all their columns, and ``stands_in`` is told in which files the rows are that come together.

    Raises UsageError if the folder holds something else.
    """

    def __init__(
        self,
        folder: Path,
        connection: Backend,
        scratch: Path,
        whole: Callable[[ir.Table], ir.Table],
        stands_in: Callable[[ir.Table, Sequence[Path]], None],
    ) -> None:
        self._folder = folder
        self._connection = connection
        self._fresh = scratch / "fresh.parquet"
        self._whole = whole
        self._stands_in = stands_in
        self._before = self._read()

    @property
    def note(self) -> bytes:
        """What the last scan left beside its rows."""
        return bytes(self._before.note)

    @property
    def parts(self) -> list[Path]:
        """The files with earlier rows, as they were when this was opened."""
        return [self._folder / part.name for part in self._before.parts]

    def together(self, rows: ir.Table) -> ir.Table:
        """Earlier rows with the new ones of ``rows``."""
        earlier = self._connection.read_parquet(self.parts, table_name="earlier") if self.parts else None
        whole = self._whole(rows)
        new = whole if earlier is None else whole.anti_join(earlier.select("request"), "request").select(*earlier.columns)
        with failures():
            self._connection.to_parquet(new, self._fresh, compression="zstd")
        fresh = self._connection.read_parquet(self._fresh, table_name="fresh")
        together = fresh if earlier is None else earlier.union(fresh)
        self._stands_in(together, [*self.parts, self._fresh])
        return together

    def commit(self, note: bytes) -> None:
        """Write a new part, then the ledger; then files that it does not name go."""
        with _told(self._folder), failures():
            check_next(self._before, self._read())
            self._folder.mkdir(parents=True, exist_ok=True)
            kept = self._before.parts
            if self._count:
                place = merged_from(kept, self._count)
                kept = (*kept[:place], self._written(kept[place:]))
            self._replace(Ledger("local", self._before.number + 1, kept, msgspec.Raw(note)))
            for file in self._folder.glob(f"{_ROWS}*"):
                if file.name not in {part.name for part in kept}:
                    file.unlink()

    @cached_property
    def _count(self) -> int:
        return int(self._connection.table("fresh").count().to_pyarrow().as_py())

    def _written(self, small: tuple[Part, ...]) -> Part:
        """The fresh rows and those of ``small`` parts as one new part."""
        name = f"{_ROWS}{uuid.uuid4().hex[:12]}.parquet"
        if small:
            files = [self._folder / part.name for part in small]
            both = self._connection.read_parquet([*files, self._fresh], table_name="small")
            self._connection.to_parquet(both, self._folder / name, compression="zstd")
        else:
            shutil.copyfile(self._fresh, self._folder / name)
        _settle(self._folder / name)
        return Part(name, self._count + sum(part.rows for part in small))

    def _read(self) -> Ledger:
        try:
            return read_ledger((self._folder / _LEDGER).read_bytes(), "local", str(self._folder))
        except (FileNotFoundError, NotADirectoryError):
            strange = [file.name for file in self._folder.glob("*") if not file.name.startswith((_ROWS, "."))]
            if strange:
                raise no_state(str(self._folder), f"it has no {_LEDGER}, but {sorted(strange)[0]}") from None
            return Ledger("local")
        except OSError as error:
            raise no_state(str(self._folder), error.strerror or str(error)) from error

    def _replace(self, ledger: Ledger) -> None:
        waiting = self._folder / f".{_LEDGER}.{uuid.uuid4().hex[:8]}"
        waiting.write_bytes(msgspec.json.encode(ledger))
        _settle(waiting)
        os.replace(waiting, self._folder / _LEDGER)


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
