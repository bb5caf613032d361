"""The receiver: where what a peer sends is taken in, on the same path as a bundle from a file.

Rules: an object goes past signature, guard and store as on import (``feed/arrival.py``). One's own objects are passed over: the
feed is what others said. What the hub removed is removed here too, unless a litigation hold keeps it; a notice is kept as a file.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from stillwatch.sharing.exchange.bookmark import write_state
from stillwatch.sharing.exchange.changes import Change, told
from stillwatch.sharing.feed.arrival import Arrival, Border, arrive
from stillwatch.sharing.feed.held import Held
from stillwatch.sharing.feed.store import FeedStore
from stillwatch.sharing.guard.hold import Hold, may_delete
from stillwatch.sharing.ledger.entry import Draft
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.signatures.signature import SIGNATURE_EXTENSION_ID

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_NAME_DIGITS = 32


class Notice(msgspec.Struct, frozen=True):
    """What a hub told this member: of which ``kind``, about what (``subject``), when, and the words; ``hub`` is where to answer."""

    hub: str
    cursor: str
    kind: str
    subject: str
    at: str
    said: dict[str, Any]


@dataclass(frozen=True)
class Removal:
    """An object that the hub removed, and whether it was held here and is gone."""

    id: str
    removed: bool


class _Page(msgspec.Struct):
    objects: list[msgspec.Raw]


@dataclass(frozen=True)
class Receiver:
    """``member`` takes things in; ``folder`` keeps notices; ``matter`` names a litigation hold; ``clock`` tells the time in UTC."""

    store: FeedStore
    border: Border
    ledger: Ledger
    member: str
    folder: Path
    matter: str
    clock: Callable[[], datetime]

    def take(self, data: bytes, source: str) -> Arrival | None:
        """Take an envelope in; None if nothing in it is from others. Raises OutputNotWritten."""
        return self.take_objects(msgspec.json.decode(data, type=_Page).objects, source)

    def take_objects(self, objects: Sequence[msgspec.Raw], source: str) -> Arrival | None:
        """The same for objects, each in its own bytes."""
        others = [bytes(each) for each in objects if not self._is_own(each)]
        if not others:
            return None
        data = b'{"objects":[' + b",".join(others) + b"]}"
        return arrive(data, source, self.store, self.border, self.ledger, self.member, self.clock())

    def drop(self, change: Change, source: str) -> Removal:
        """Remove what the hub removed, where it came from there. Raises OutputNotWritten."""
        found = [held for held in self.store.find(change.id) if held.source == source and _is_version(held, change.version)]
        holds = [Hold(self.matter, _BEGINNING)] if self.matter else []
        now = self.clock()
        kept = not may_delete(holds, f"feed/{change.id}", now)
        if found:
            details = {"because": "removed at the hub", "source": source} | ({"matter": self.matter} if kept else {})
            with self.store.writing():
                if not kept:
                    self.store.remove(found)
                self.ledger.append_many([Draft("deletion-held" if kept else "deletion", change.id, details, self.member)], now)
        return Removal(change.id, bool(found) and not kept)

    def keep(self, change: Change, beside: str) -> Notice:
        """Keep a notice. Raises OutputNotWritten, PeerOdd."""
        notice = Notice(beside, change.cursor, change.kind, change.id, change.at, told(change))
        write_state(self.folder / "notices" / f"{_name(notice, bytes(change.object))}.json", notice)
        return notice

    def _is_own(self, text: msgspec.Raw) -> bool:
        try:
            value = msgspec.json.decode(text, type=_Signed)
        except msgspec.DecodeError:
            return False
        if value.created_by_ref is not None or self.member not in (key.member for key in self.border.ring.keys):
            return value.created_by_ref == self.member
        signature = value.extensions.get(SIGNATURE_EXTENSION_ID)
        key = self.border.ring.find(str(signature.get("key_id"))) if isinstance(signature, dict) else None
        return key is not None and key.member == self.member


class _Signed(msgspec.Struct):
    created_by_ref: str | None = None
    extensions: dict[str, Any] = {}


def _name(notice: Notice, said: bytes) -> str:
    """The same for the same notice, under whatever cursor it comes; made of nothing that the hub could choose."""
    known = "\n".join((notice.hub, notice.kind, notice.subject, notice.at))
    return hashlib.sha256(known.encode() + said).hexdigest()[:_NAME_DIGITS]


def notices(folder: Path) -> list[Notice]:
    """The notices that were kept in a member's folder for exchanges, by time."""
    found = [msgspec.json.decode(path.read_bytes(), type=Notice) for path in (folder / "notices").glob("*.json")]
    return sorted(found, key=lambda notice: (notice.at, notice.cursor))


def _is_version(held: Held, version: str | None) -> bool:
    try:
        return held.modified is None or held.modified == datetime.fromisoformat(version or "")
    except ValueError:
        return False
