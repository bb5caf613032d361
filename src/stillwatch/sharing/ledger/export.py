"""An export: entries of a ledger with what an outsider needs to check them, in JSON Lines (docs/ledger.md).

Rules: the first line is the head (size, root, checkpoint, a proof from an earlier checkpoint if one was asked for); each further
line is an entry with its inclusion proof. So entries can be shown to somebody without showing the others. Every line is canonical
JSON (RFC 8785), so an entry stands in it as it was hashed; hashes are base64, as in a checkpoint. A head with entries inside it is
a proof in one line.

>>> Head(size=0, root="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", entries=0).schema
'stillwatch.ledger-export/1'
"""

import base64
from collections.abc import Iterator

import msgspec

from stillwatch.sharing.ledger.entry import Entry
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.signatures.canonical import canonical

SCHEMA = "stillwatch.ledger-export/1"


class Proven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry and the proof that it is in the log."""

    entry: Entry
    proof: list[str]


class Consistency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The proof that the first ``size`` entries of the log are still its beginning."""

    size: int
    proof: list[str]


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The first line of an export.

    ``entries`` counts those that follow, in lines or in ``proven``; ``complete`` says that they are all of the log; ``checkpoint``
    is the signed note of size and root, if the log has a key.
    """

    schema: str = SCHEMA
    size: int
    root: str
    checkpoint: str | None = None
    consistency: Consistency | None = None
    complete: bool = False
    entries: int
    proven: list[Proven] = []


def encoded(digest: bytes) -> str:
    """A hash as it is written in an export."""
    return base64.b64encode(digest).decode()


def export(ledger: Ledger, since: int = 0, kind: str | None = None, earlier: int | None = None) -> Iterator[bytes]:
    """The lines of an export of a ledger as it is now: of the entries from ``since`` on, of one kind if that is given.

    ``earlier`` is the size of a checkpoint that the reader holds. Raises UsageError if the ledger has fewer entries than that.
    """
    size = ledger.size

    def chosen() -> Iterator[Entry]:
        return (entry for entry in ledger.entries(since, kind) if entry.index < size)

    entries = sum(1 for _ in chosen())
    yield line(_head(ledger, size, earlier, entries=entries, complete=entries == size))
    for entry in chosen():
        yield line(_proven(ledger, entry, size))


def prove(ledger: Ledger, index: int | None, size: int | None = None, earlier: int | None = None) -> Head:
    """A head that proves one entry of the log at a size (now's if not given), or that it begins as it was at an earlier size.

    Raises UsageError if the ledger has fewer entries.
    """
    total = ledger.size if size is None else size
    head = _head(ledger, total, earlier, entries=0 if index is None else 1, complete=False)
    if index is None:
        return head
    ledger.inclusion(index, total)
    return msgspec.structs.replace(head, proven=[_proven(ledger, next(ledger.entries(index)), total)])


def line(content: Head | Proven) -> bytes:
    """A line of an export, its end included."""
    return canonical(msgspec.to_builtins(content)) + b"\n"


def _head(ledger: Ledger, size: int, earlier: int | None, *, entries: int, complete: bool) -> Head:
    return Head(
        size=size,
        root=encoded(ledger.root(size)),
        checkpoint=ledger.checkpoint(size) if ledger.signs else None,
        consistency=None if earlier is None else Consistency(earlier, [encoded(h) for h in ledger.consistency(earlier, size)]),
        entries=entries,
        complete=complete,
    )


def _proven(ledger: Ledger, entry: Entry, size: int) -> Proven:
    return Proven(entry, [encoded(digest) for digest in ledger.inclusion(entry.index, size)])
