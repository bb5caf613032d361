"""What arrives: from the bytes of a bundle to objects in the feed, with a reason for everything that is not taken.

The steps, each of which can refuse an object:

1. it is read (``stix/received.py``);
2. it is what the project publishes for everybody, or the bundle's stamp speaks for it, or its own signature is verified;
3. the guard examines it, as it did at the sender's; what it makes coarser is held so, and no longer as it was signed;
4. the store takes it, unless somebody else made it, or it says something else under a version that is held.

All of a bundle is in the feed when ``arrive`` returns, or none of it; what was refused is in the ledger.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from stillwatch.sharing.feed.collector import resting
from stillwatch.sharing.feed.held import Held
from stillwatch.sharing.feed.store import FeedStore, Put
from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.guard.ruling import FieldReason, Ruling
from stillwatch.sharing.ledger.entry import Draft
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.stamp import stamped_by
from stillwatch.sharing.signatures.keyring import KeyRing
from stillwatch.sharing.signatures.signature import SIGNATURE_EXTENSION_ID
from stillwatch.sharing.signatures.verification import Refused, Valid, verify
from stillwatch.sharing.stix.definitions import constants
from stillwatch.sharing.stix.received import Accepted, Refusal, read_bundle

_NOT_TAKEN = (Put.FOREIGN, Put.DISPUTED, Put.WITHDRAWN)


@dataclass(frozen=True)
class Border:
    """What an arrival is judged by: whose keys are known, the guard, and whether what nobody signed is taken."""

    ring: KeyRing
    guard: Guard
    unsigned: bool = False


@dataclass
class Arrival:
    """What became of a bundle: how many objects were ``put`` how, what was refused, and what the guard changed.

    ``digest`` is the SHA-256 of the bytes, in hex; ``published`` counts what is the same for everybody and is not held.
    """

    source: str
    digest: str
    put: Counter[Put] = field(default_factory=Counter)
    published: int = 0
    refused: list[Refusal] = field(default_factory=list)
    redacted: dict[str, tuple[FieldReason, ...]] = field(default_factory=dict)


def arrive(
    data: bytes,
    source: str,
    store: FeedStore,
    border: Border,
    ledger: Ledger,
    actor: str,
    now: datetime,
    stamped: bytes | None = None,
) -> Arrival:
    """Take a bundle into the feed; ``source`` names where it came from, ``actor`` who takes it in, ``stamped`` is its stamp.

    Never raises for what is in the bundle. Raises OutputNotWritten if feed or ledger cannot be written; then nothing was taken.
    """
    arrival = Arrival(source, hashlib.sha256(data).hexdigest())
    with resting(), store.writing():
        for one, author, ruling in judged(data, stamped, arrival, border, now):
            if reason := _reason_against(one, author, ruling, arrival, store, now):
                arrival.refused.append(Refusal(one.position, one.id, reason))
        ledger.append_many(_records(arrival, actor), now)
    arrival.refused.sort(key=lambda refusal: -1 if refusal.position is None else refusal.position)
    return arrival


def judged(
    data: bytes, stamped: bytes | None, arrival: Arrival, border: Border, now: datetime
) -> Iterator[tuple[Accepted, str, Ruling]]:
    """Steps 1 to 3: the objects that are signed, with author and ruling; why the others are not taken is added to ``arrival``."""
    reading, believed = read_bundle(data, now), list[tuple[Accepted, str]]()
    arrival.refused += reading.refused
    stamper = _stamper(data, stamped, arrival, border, now)

    def values() -> Iterator[dict[str, Any]]:
        for one, author, value in _believed(reading.accepted, arrival, border, now, stamper):
            believed.append((one, author))
            yield value

    rulings = border.guard.examine_bundle(values())
    return ((one, author, ruling) for (one, author), ruling in zip(believed, rulings, strict=True))


def _believed(
    accepted: Iterable[Accepted], arrival: Arrival, border: Border, now: datetime, stamper: Valid | None
) -> Iterator[tuple[Accepted, str, dict[str, Any]]]:
    """Step 2: the objects that are signed, with author and value; what is published for everybody is only counted."""
    for one in accepted:
        if one.id in constants():
            arrival.published += 1
            continue
        value = one.value
        signed = stamper if stamper and _is_own(value, stamper) else verify(value, border.ring, now)
        if isinstance(signed, Refused):
            arrival.refused.append(Refusal(one.position, one.id, f"signature: {signed.reason}"))
        elif isinstance(signed, Valid):
            yield one, signed.member, value
        elif border.unsigned:
            yield one, "", value
        else:
            arrival.refused.append(Refusal(one.position, one.id, "nobody signed it"))


def _stamper(data: bytes, stamped: bytes | None, arrival: Arrival, border: Border, now: datetime) -> Valid | None:
    """Whose stamp the bundle bears; None if it bears none, or one that does not hold, which is said."""
    if stamped is None:
        return None
    verdict = stamped_by(data, stamped, border.ring, now)
    if isinstance(verdict, Valid):
        return verdict
    arrival.refused.append(Refusal(None, None, f"stamp: {verdict.reason}"))
    return None


def _is_own(value: Mapping[str, Any], stamper: Valid) -> bool:
    """Whether a stamp speaks for an object: it names no other author and bears no other key's signature."""
    signature = value.get("extensions", {}).get(SIGNATURE_EXTENSION_ID, {"key_id": stamper.key_id})
    return bool(value.get("created_by_ref", stamper.member) == stamper.member and signature.get("key_id") == stamper.key_id)


def _reason_against(one: Accepted, author: str, ruling: Ruling, arrival: Arrival, store: FeedStore, now: datetime) -> str | None:
    """Steps 3 and 4 for one object: it is counted among what was put, or this is why not."""
    if ruling.object is None:
        return f"guard: {_why(ruling)}"
    text = one.text if ruling.verdict == "released" else msgspec.json.encode(ruling.object).decode()
    if ruling.verdict == "redacted":
        arrival.redacted[one.id] = ruling.against
    return _put(one, text, author, arrival, store, now)


def _put(one: Accepted, text: str, author: str, arrival: Arrival, store: FeedStore, now: datetime) -> str | None:
    revoked = bool(getattr(one.thing, "revoked", False))
    held = Held(one.id, author, one.id.partition("--")[0], one.modified, revoked, text, now, arrival.source)
    try:
        held.thing()
    except msgspec.DecodeError as error:
        return f"guard: what it leaves says nothing ({error})"
    answer = store.put(held)
    if answer in _NOT_TAKEN:
        return answer.value
    arrival.put[answer] += 1
    return None


def _why(ruling: Ruling) -> str:
    """The first reason of a refusal, as a sentence."""
    against = next((reason for reason in ruling.reasons if reason.action == "refused"), None)
    return f"{against.path or 'the object'}: {against.why} ({against.rule})" if against else "refused"


def _records(arrival: Arrival, actor: str) -> Iterable[Draft]:
    """The ledger's entries: one for the bundle, one for each refusal."""
    counts = {answer.name.lower(): times for answer, times in arrival.put.items()}
    summary = {**counts, "published": arrival.published, "refused": len(arrival.refused), "redacted": len(arrival.redacted)}
    yield Draft("import", arrival.source, {"sha256": arrival.digest, **summary}, actor)
    for refusal in arrival.refused:
        details = {"because": "import", "source": arrival.source, "position": refusal.position, "reason": refusal.reason}
        yield Draft("refusal", refusal.id or "an object without a STIX id", details, actor)
