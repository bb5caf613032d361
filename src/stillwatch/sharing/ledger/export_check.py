"""The check of an export, by somebody who has the export, the log's public key, and perhaps a checkpoint from before; no ledger.

The steps of ``check``:

1. the first line is a head; its checkpoint is signed by the key and says the head's size and root;
2. every entry's inclusion proof leads to that root (RFC 9162, section 2.1.3.2), and the entries come in order;
3. there are as many as the head says, and all of the log's if it says that;
4. the earlier checkpoint's root leads to that root too (section 2.1.4.2).

An export that is not complete can leave out entries; what is in it is proven all the same.

>>> check([b'{"entries":0,"root":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","size":0}'], []).findings
[]
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from stillwatch.errors import NoReadableInput
from stillwatch.sharing.ledger.checkpoint import Checkpoint, open_checkpoint
from stillwatch.sharing.ledger.export import SCHEMA, Head, Proven, encoded
from stillwatch.sharing.ledger.finding import Fault, Finding
from stillwatch.sharing.ledger.merkle import consistent, included, leaf_hash
from stillwatch.sharing.ledger.note import NoteRefused, Verifier
from stillwatch.sharing.signatures.canonical import NotCanonical

_HASH_BYTES = 32


@dataclass(frozen=True)
class Checked:
    """What an export says of itself, whether a known key signed that, and what does not fit."""

    head: Head
    signed: bool
    findings: list[Finding]


def check(lines: Iterable[bytes], verifiers: Sequence[Verifier], earlier: Checkpoint | None = None) -> Checked:
    """Check an export. Raises NoReadableInput if the first line is no head; whatever else is wrong becomes a finding.

    Without ``verifiers`` nobody vouches for the root: compare it with one that the log's keeper published.
    """
    numbered = iter(lines)
    head, root = _head(next(numbered, b""))
    findings = [*_signature(head, root, verifiers), *_entries(head, root, numbered)]
    if earlier is not None:
        findings += _history(head, root, earlier)
    return Checked(head, bool(verifiers) and not any(finding.fault == Fault.UNSIGNED for finding in findings), findings)


def _head(first: bytes) -> tuple[Head, bytes]:
    try:
        head = msgspec.json.decode(first, type=Head)
        root = _digest(head.root)
    except (ValueError, RecursionError) as error:
        raise NoReadableInput(
            f"the first line is no head of an export: {error}", cure="give a file that `stillwatch ledger export` wrote"
        ) from error
    if head.schema != SCHEMA:
        raise NoReadableInput(f"the export is of schema {head.schema!r}", cure="use the stillwatch that wrote it, or a newer one")
    return head, root


def _digest(text: str) -> bytes:
    """The 32 bytes of a hash. Raises ValueError for anything else, another spelling in base64 included."""
    digest = base64.b64decode(text, validate=True)
    if len(digest) != _HASH_BYTES or encoded(digest) != text:
        raise ValueError("a hash has 32 bytes, in base64")
    return digest


def _signature(head: Head, root: bytes, verifiers: Sequence[Verifier]) -> Iterator[Finding]:
    """Step 1."""
    if not verifiers:
        return
    if head.checkpoint is None:
        yield Finding(Fault.UNSIGNED, "the export has no signed checkpoint")
        return
    try:
        signed = open_checkpoint(head.checkpoint, verifiers)
    except NoteRefused as error:
        yield Finding(Fault.UNSIGNED, error.what)
        return
    if (signed.size, signed.root) != (head.size, root):
        yield Finding(Fault.UNSIGNED, "the signed checkpoint says another size or root than the export")


def _entries(head: Head, root: bytes, lines: Iterator[bytes]) -> Iterator[Finding]:
    """Steps 2 and 3."""
    last, found = -1, 0
    for number, proven in _proven(head, lines):
        found += 1
        if proven is None or not _is_proven(proven, head, root):
            yield Finding(Fault.NOT_PROVEN, f"line {number}: no entry with its proof")
            continue
        if proven.entry.index <= last:
            yield Finding(Fault.NOT_PROVEN, f"line {number}: entry {proven.entry.index} stands after entry {last}")
        last = proven.entry.index
    if found != head.entries:
        yield Finding(Fault.CUT_OFF, f"the export holds {found} entries where its head says {head.entries}")
    elif head.complete and found != head.size:
        yield Finding(Fault.CUT_OFF, f"the export says that it is complete, and holds {found} of {head.size} entries")


def _proven(head: Head, lines: Iterator[bytes]) -> Iterator[tuple[int, Proven | None]]:
    yield from ((1, proven) for proven in head.proven)
    for number, line in enumerate(lines, start=2):
        try:
            yield number, msgspec.json.decode(line, type=Proven)
        except (ValueError, RecursionError):
            yield number, None


def _is_proven(proven: Proven, head: Head, root: bytes) -> bool:
    try:
        leaf, proof = leaf_hash(proven.entry.leaf()), [_digest(text) for text in proven.proof]
    except (NotCanonical, ValueError):
        return False
    return included(leaf, index=proven.entry.index, size=head.size, proof=proof, root=root)


def _history(head: Head, root: bytes, earlier: Checkpoint) -> Iterator[Finding]:
    """Step 4."""
    if earlier.size > head.size:
        yield Finding(Fault.CUT_OFF, f"the export is of {head.size} entries where the checkpoint has {earlier.size}")
        return
    proof = head.consistency.proof if head.consistency and head.consistency.size == earlier.size else []
    try:
        digests = [_digest(text) for text in proof]
    except ValueError:
        digests = []
    if consistent(old_size=earlier.size, new_size=head.size, old_root=earlier.root, new_root=root, proof=digests):
        return
    if not proof and 0 < earlier.size < head.size:
        yield Finding(
            Fault.NOT_PROVEN, f"the export has no proof from the checkpoint of {earlier.size} entries: export again with it"
        )
    else:
        yield Finding(Fault.OTHER_HISTORY, f"the first {earlier.size} entries are not those of the checkpoint")
