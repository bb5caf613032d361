"""The ledger: an append-only log that can prove what is in it and that nothing was changed.

Rules: entries are appended and read, never changed or removed; each append is on the disk when it returns, and costs O(log n).
Several processes may append to one file. A ledger with a key signs checkpoints; whoever keeps one can hold the ledger to it later.

>>> from datetime import UTC, datetime
>>> ledger = Ledger.open(getfixture("tmp_path") / "ledger.sqlite")
>>> ledger.append("release", "bundle--1", {"objects": 3}, "analyst-1", datetime(2026, 1, 1, tzinfo=UTC)).index
0
>>> ledger.size, ledger.verify()
(1, [])
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.sharing.ledger import tree
from stillwatch.sharing.ledger.audit import audit
from stillwatch.sharing.ledger.checkpoint import Checkpoint, sign_checkpoint
from stillwatch.sharing.ledger.entry import Draft, Entry
from stillwatch.sharing.ledger.finding import Finding
from stillwatch.sharing.ledger.merkle import leaf_hash
from stillwatch.sharing.ledger.note import Signer
from stillwatch.sharing.ledger.row import NoEntry, Row, from_row, to_row
from stillwatch.sharing.ledger.store import PATIENCE_SECONDS, Store

_PAGE = 500


class Ledger:
    """An open ledger. It may be used by several threads, and as a context manager that closes it."""

    def __init__(self, store: Store, key: Signer | None = None) -> None:
        self._store = store
        self._key = key

    @classmethod
    def open(cls, path: Path, key: Signer | None = None, patience_seconds: float = PATIENCE_SECONDS) -> "Ledger":
        """The ledger in this file, begun if the file does not exist; ``patience_seconds`` is how long to wait for other writers.

        Raises NoReadableInput if the file is something else, OutputNotWritten if a ledger cannot be begun there.
        """
        return cls(Store.create(path, patience_seconds), key)

    @classmethod
    def read(cls, path: Path, key: Signer | None = None) -> "Ledger":
        """The ledger in this file, to be read only. Raises NoReadableInput if there is none."""
        return cls(Store.open(path), key)

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def append(self, kind: str, subject: str, details: Mapping[str, Any], actor: str, now: datetime) -> Entry:
        """Record one event: ``actor`` did what ``kind`` says to ``subject``, at ``now`` (with its zone).

        Raises EntryRefused for what is no entry, OutputNotWritten if it could not be recorded.
        """
        (entry,) = self.append_many([Draft(kind, subject, details, actor)], now)
        return entry

    def append_many(self, drafts: Iterable[Draft], now: datetime) -> list[Entry]:
        """Record several events at once, all or none of them. Raises as ``append`` does."""
        waiting = list(drafts)
        with self._store.writing():
            entries = [draft.at(index, now) for index, draft in enumerate(waiting, start=self._store.size())]
            for entry in entries:
                self._store.insert(to_row(entry), tree.completed(entry.index, leaf_hash(entry.leaf()), self._store.subtree))
        return entries

    def entries(self, since: int = 0, kind: str | None = None) -> Iterator[Entry]:
        """The entries from index ``since`` on, in order, of one kind if that is given. Raises NoReadableInput at a damaged one."""
        while True:
            with self._store.reading():
                page = self._store.rows(since, _PAGE, kind)
            for row in page:
                yield self._entry(row)
            if len(page) < _PAGE:
                return
            since = page[-1][0] + 1

    @property
    def signs(self) -> bool:
        """Whether it was opened with a key."""
        return self._key is not None

    @property
    def size(self) -> int:
        """The number of entries."""
        with self._store.reading():
            return self._store.size()

    def root(self, size: int | None = None) -> bytes:
        """The root over the first ``size`` entries, over all if not given. Raises UsageError if there are fewer."""
        with self._store.reading():
            return tree.root(self._up_to(size), self._store.subtree)

    def checkpoint(self, size: int | None = None) -> str:
        """The signed note of a size (now's if not given) and the root over it, as stored.

        Raises UsageError if the ledger was opened without a key, or has fewer entries. It vouches for what is stored: ``verify``
        first where somebody else could write to the file.
        """
        if self._key is None:
            raise self._misuse("a checkpoint is signed, and no key was given", "open the ledger with the key of the log")
        total = self.size if size is None else size
        return sign_checkpoint(total, self.root(total), self._key)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The proof that entry ``index`` is among the first ``size``, for ``included``. Raises UsageError if it is not."""
        with self._store.reading():
            total = self._up_to(size)
            if not 0 <= index < total:
                raise self._misuse(f"there is no entry {index} among the first {total}", "entries are counted from 0")
            return tree.inclusion_proof(index, total, self._store.subtree)

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """The proof that the first ``old`` entries begin the first ``new``, for ``consistent``.

        Raises UsageError if there are fewer than ``new``, or ``old`` is more.
        """
        with self._store.reading():
            total = self._up_to(new)
            if not 0 <= old <= total:
                raise self._misuse(f"the first {old} entries do not begin the first {total}", "name the smaller size first")
            return tree.consistency_proof(old, total, self._store.subtree)

    def verify(self, checkpoint: Checkpoint | None = None) -> list[Finding]:
        """What is wrong with the ledger, itself and against an opened checkpoint; nothing if it is sound. Costs O(n).

        Raises NoReadableInput if the file cannot be read at all.
        """
        return audit(self._store, checkpoint)

    def _up_to(self, size: int | None) -> int:
        total = self._store.size()
        if size is None:
            return total
        if not 0 <= size <= total:
            raise self._misuse(f"the ledger has no state of {size} entries; it has {total}", f"name a size from 0 to {total}")
        return size

    def _misuse(self, what: str, cure: str) -> UsageError:
        return UsageError(what, place=str(self._store.path), cure=cure)

    def _entry(self, row: Row) -> Entry:
        try:
            return from_row(row)
        except NoEntry as error:
            cure = "run `stillwatch ledger verify` on it, and go back to a copy"
            raise NoReadableInput(error.what, place=str(self._store.path), cure=cure) from error
