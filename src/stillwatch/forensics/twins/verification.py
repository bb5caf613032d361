"""Verification: do the pairs match the signed records that were kept when the answers were served?

Steps
1. every record in scope has its pair: none was left out after serving (intention to treat);
2. every pair has its record, signed by the provider's key and entered in the ledger;
3. prompt, served answer, account and sampler are those of the record;
4. the revealed coins open the commitment.

One fault is enough to refuse: whoever may leave out the pairs that fail may leave out the pairs that displease.

>>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
>>> verify([], [], Ed25519PrivateKey.generate().public_key(), lambda digest: True)
['there is no pair']
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stillwatch.forensics.twins.coins import opens
from stillwatch.forensics.twins.pairs import Pair
from stillwatch.forensics.twins.serving import ServingRecord, digest, is_genuine


def record_digest(record: ServingRecord) -> str:
    """What the ledger holds of a record: SHA-256 of its JSON with sorted keys, 64 hex digits."""
    return hashlib.sha256(msgspec.json.encode(record, order="sorted")).hexdigest()


def verify(
    pairs: Sequence[Pair],
    records: Sequence[ServingRecord],
    key: Ed25519PublicKey,
    is_in_ledger: Callable[[str], bool],
) -> list[str]:
    """What does not match, as sentences with counts; empty if all does.

    ``records`` are those in scope; ``is_in_ledger`` says whether a record's digest was entered.
    """
    if not pairs:
        return ["there is no pair"]
    faults = Counter(_faults(pairs, records, key, is_in_ledger))
    return [f"{fault} ({count} of {max(len(pairs), len(records))})" for fault, count in faults.items()]


def _faults(
    pairs: Sequence[Pair],
    records: Sequence[ServingRecord],
    key: Ed25519PublicKey,
    is_in_ledger: Callable[[str], bool],
) -> Iterator[str]:
    by_request = {record.request_id: record for record in records}
    for _ in by_request.keys() - {pair.request_id for pair in pairs}:
        yield "a serving record has no pair"
    for pair in pairs:
        record = by_request.get(pair.request_id)
        if record is None:
            yield "a pair has no serving record"
            continue
        yield from _mismatches(pair, record)
        if not is_genuine(record, key):
            yield "a record's signature does not hold"
        if not is_in_ledger(record_digest(record)):
            yield "a record is not in the ledger"


def _mismatches(pair: Pair, record: ServingRecord) -> Iterator[str]:
    """Where a pair differs from its record."""
    if digest(pair.prompt) != record.prompt_digest:
        yield "a prompt is not the one that was recorded"
    if digest(pair.served) != record.answer_digest:
        yield "a served answer is not the one that was recorded"
    if pair.account != record.account:
        yield "an account is not the one that was recorded"
    if pair.sampler != record.sampler:
        yield "a sampler is not the one that was recorded"
    if pair.coins is None or not opens(record.commitment, pair.coins):
        yield "the coins do not open the commitment"
