"""Materials: the pairs of a plan, in its order, and whatever is wrong with them.

Rules: faults are collected, not raised, because a result that is refused must say why in the report; only what cannot be read is an
error. A pair that the rules leave out still needs its record: the rules come after serving too.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stillwatch.errors import UsageError
from stillwatch.forensics.documents import read_lines
from stillwatch.forensics.plan.draft import Draft
from stillwatch.forensics.plan.frozen import Plan, file_digest, in_order
from stillwatch.forensics.plan.registration import SERVING, Entry, Standing
from stillwatch.forensics.twins.pairs import Pair, keep, read_pairs
from stillwatch.forensics.twins.serving import ServingRecord
from stillwatch.forensics.twins.verification import verify


class Materials(msgspec.Struct, frozen=True):
    """``pairs`` in the declared order, none if there are ``faults``: they forbid a number, so the suspect is not even asked.

    ``recorded`` is whether serving records stand behind the pairs.
    """

    pairs: list[Pair]
    faults: list[str]
    recorded: bool


def gather(plan: Plan, standing: Standing, entries: Iterable[Entry]) -> Materials:
    """Read what the plan names and hold it against the plan's digests and the ledger. Raises NoReadableInput or UsageError."""
    draft = plan.draft
    pairs = [pair for pair in read_pairs(Path(draft.twins)) if not draft.accounts or pair.account in draft.accounts]
    faults = [] if standing.registered else ["the plan's digest is not in the ledger, so this is not the plan that was frozen"]
    if file_digest(draft.twins) != plan.twins_digest:
        faults.append("the file of twins is not the one that was planned with")
    if draft.records:
        if file_digest(draft.records) != plan.records_digest:
            faults.append("the file of serving records is not the one that was planned with")
        entered = {str(entry.details.get("digest")) for entry in entries if entry.kind == SERVING}
        faults += verify(pairs, _records(draft), _public_key(draft.record_key), entered.__contains__)
    kept = [] if faults else in_order(keep(pairs).pairs, seed=draft.seed)
    return Materials(kept, faults, bool(draft.records))


def _records(draft: Draft) -> list[ServingRecord]:
    records = read_lines(Path(draft.records), ServingRecord, "serving records")
    return [record for record in records if not draft.accounts or record.account in draft.accounts]


def _public_key(digits: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(digits))
    except ValueError as error:
        raise UsageError(
            "no Ed25519 public key", place="record_key", cure="give the 64 hex digits that `examine record` prints"
        ) from error
