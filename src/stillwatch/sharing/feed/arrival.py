"""What arrives: from the bytes of a bundle to objects in the feed, with a reason for everything that is not taken.

The steps, each of which can refuse an object:

1. it is read (``stix/received.py``);
2. it is what the project publishes for everybody, or its signature is verified;
3. the guard examines it, as it did at the sender's; what it makes coarser is held so, and no longer as it was signed;
4. the store takes it, unless somebody else made it, or it says something else under a version that is held.

All of a bundle is in the feed when ``arrive`` returns, or none of it; what was refused is in the ledger.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import msgspec

from stillwatch.sharing.feed.held import Held
from stillwatch.sharing.feed.store import FeedStore, Put
from stillwatch.sharing.guard.ruling import FieldReason, Ruling
from stillwatch.sharing.ledger.entry import Draft
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.signatures.keyring import KeyRing
from stillwatch.sharing.signatures.verification import Refused, Valid, verify
from stillwatch.sharing.stix.definitions import constants
from stillwatch.sharing.stix.received import Accepted, Refusal, read_bundle

_NOT_TAKEN = (Put.FOREIGN, Put.DISPUTED)


class Examiner(Protocol):
    """Whoever rules on what may cross the border: the guard."""

    def examine(self, thing: Mapping[str, Any]) -> Ruling:
        """The ruling on one object."""
        ...


@dataclass(frozen=True)
class Border:
    """What an arrival is judged by: whose keys are known, the guard, and whether what nobody signed is taken."""

    ring: KeyRing
    guard: Examiner
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


def arrive(data: bytes, source: str, store: FeedStore, border: Border, ledger: Ledger, actor: str, now: datetime) -> Arrival:
    """Take a bundle into the feed; ``source`` names where it came from, ``actor`` who takes it in.

    Never raises for what is in the bundle. Raises OutputNotWritten if feed or ledger cannot be written; then nothing was taken.
    """
    reading = read_bundle(data, now)
    arrival = Arrival(source, hashlib.sha256(data).hexdigest(), refused=list(reading.refused))
    with store.writing():
        for one in reading.accepted:
            reason = _reason_against(one, arrival, store, border, now)
            if reason:
                arrival.refused.append(Refusal(one.position, one.id, reason))
        ledger.append_many(_records(arrival, actor), now)
    arrival.refused.sort(key=lambda refusal: -1 if refusal.position is None else refusal.position)
    return arrival


def _reason_against(one: Accepted, arrival: Arrival, store: FeedStore, border: Border, now: datetime) -> str | None:
    """Steps 2 to 4 for one object: it is counted among what was put, or this is why not."""
    if one.id in constants():
        arrival.published += 1
        return None
    value = one.value
    signed = verify(value, border.ring, now)
    if isinstance(signed, Refused):
        return f"signature: {signed.reason}"
    if not isinstance(signed, Valid) and not border.unsigned:
        return "nobody signed it"
    ruling = border.guard.examine(value)
    if ruling.object is None:
        return f"guard: {_why(ruling)}"
    text = one.text if ruling.verdict == "released" else msgspec.json.encode(ruling.object).decode()
    if ruling.verdict == "redacted":
        arrival.redacted[one.id] = ruling.against
    return _put(one, text, signed.member if isinstance(signed, Valid) else "", arrival, store, now)


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
