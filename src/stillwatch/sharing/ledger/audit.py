"""The audit of a ledger file: does every stored byte fit every other, and all of them an earlier checkpoint?

The steps of ``audit``:

1. the file is an undamaged database with a ledger's tables and no others, and nothing stands where no row is;
2. the entries are numbered from 0 without a gap, and each is what its leaf hash says (RFC 9162, section 2.1.1);
3. each hash of a subtree is that of its two halves, and there are exactly as many hashes as the entries demand;
4. the root at the checkpoint's size is the checkpoint's, so nothing before it was exchanged and nothing was cut off.

Steps 1 to 3 find every change that was not followed through to the root. One that was (or a cut at the end that took the hashes
along) shows only against a checkpoint kept elsewhere.
"""

from collections.abc import Iterator

from stillwatch.errors import NoReadableInput
from stillwatch.sharing.ledger import tree
from stillwatch.sharing.ledger.checkpoint import Checkpoint
from stillwatch.sharing.ledger.failures import SQLITE_FAILURES
from stillwatch.sharing.ledger.finding import Fault, Finding
from stillwatch.sharing.ledger.merkle import leaf_hash, node_hash
from stillwatch.sharing.ledger.row import NoEntry, from_row
from stillwatch.sharing.ledger.store import Store
from stillwatch.sharing.signatures.canonical import NotCanonical


def audit(store: Store, checkpoint: Checkpoint | None = None) -> list[Finding]:
    """All findings, none if the ledger is sound. Raises NoReadableInput if the file cannot be read at all."""
    found: list[Finding] = []
    with store.reading():
        try:
            for finding in _findings(store, checkpoint):
                found.append(finding)  # noqa: PERF402 - what was found before the file breaks off is kept
        except (*SQLITE_FAILURES, NoReadableInput) as error:
            found.append(Finding(Fault.DAMAGED_FILE, f"the file cannot be read further: {error}"))
    return found


def _findings(store: Store, checkpoint: Checkpoint | None) -> Iterator[Finding]:
    for fault in store.structure_faults():
        yield Finding(Fault.DAMAGED_FILE, fault)
    yield from _entries(store)
    yield from _hashes(store)
    if checkpoint is not None:
        yield from _against(store, checkpoint)


def _entries(store: Store) -> Iterator[Finding]:
    """Step 2."""
    expected = 0
    for row in store.all_rows():
        try:
            entry = from_row(row)
            digest = leaf_hash(entry.leaf())
        except (NoEntry, NotCanonical):
            yield Finding(Fault.ALTERED_ENTRY, f"entry {row[0]} is not what was recorded")
            expected = row[0] + 1 if isinstance(row[0], int) else expected + 1
            continue
        if entry.index > expected:
            yield Finding(Fault.MISSING_ENTRY, f"of entries {expected} to {entry.index - 1} there is nothing")
        if entry.index < 0:
            yield Finding(Fault.FOREIGN_ENTRY, f"entry {entry.index} is none: the first is 0")
        elif store.stored_hash(0, entry.index) != digest:
            yield Finding(Fault.ALTERED_ENTRY, f"entry {entry.index} and its hash do not fit")
        expected = max(entry.index + 1, 0)


def _hashes(store: Store) -> Iterator[Finding]:
    """Step 3."""
    stored, demanded = store.hashes_stored(), tree.count(store.size())
    if stored > demanded:
        yield Finding(Fault.CUT_OFF, f"there are hashes of entries that are gone: {stored} where the entries have {demanded}")
    elif stored < demanded:
        yield Finding(Fault.ALTERED_HASH, f"there are {stored} hashes where the entries have {demanded}")
    for (place, digest), (expected, (level, position)) in zip(store.all_hashes(), enumerate(tree.in_order()), strict=False):
        if place != expected:
            yield Finding(Fault.ALTERED_HASH, f"hash {expected} is missing")
            return
        if level and digest != _above(store, level, position):
            yield Finding(Fault.ALTERED_HASH, f"the hash of subtree {level}/{position} is not that of its halves")


def _above(store: Store, level: int, position: int) -> bytes | None:
    """The hash over the two halves of a subtree, as these are stored."""
    left, right = (store.stored_hash(level - 1, 2 * position + half) for half in (0, 1))
    return node_hash(left, right) if isinstance(left, bytes) and isinstance(right, bytes) else None


def _against(store: Store, checkpoint: Checkpoint) -> Iterator[Finding]:
    """Step 4."""
    size = store.size()
    if size < checkpoint.size:
        yield Finding(Fault.CUT_OFF, f"the ledger holds {size} entries where the checkpoint has {checkpoint.size}")
    elif tree.root(checkpoint.size, store.subtree) != checkpoint.root:
        yield Finding(Fault.OTHER_HISTORY, f"the first {checkpoint.size} entries are not those of the checkpoint")
