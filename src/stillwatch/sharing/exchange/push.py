"""Pushing: a release sent to a collection of a peer, envelope by envelope, going on after any interruption where it stopped.

The steps:

1. the ledger says what goes where, before the first byte leaves;
2. envelopes are sent in order; after each acknowledged one the progress is on the disk (an envelope whose answer was lost is sent
   again: a server takes an object that it has once);
3. a server that has not decided yet is asked until it has;
4. the ledger says what was taken, and for each object that was refused the server's reason.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from stillwatch.sharing.exchange.bookmark import write_state
from stillwatch.sharing.exchange.connection import Connection
from stillwatch.sharing.exchange.parcel import Parcel
from stillwatch.sharing.exchange.place import Collection, Place
from stillwatch.sharing.ledger.entry import Draft
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.stix.definitions import constants

_DIGITS = 16
_REASON = 240
_ASKS = 30
_ASK_SECONDS = 1.0


class Refused(msgspec.Struct, frozen=True):
    """An object that the server did not take, and the reason that it gives."""

    id: str
    reason: str


class Progress(msgspec.Struct, frozen=True):
    """How far a parcel has come at ``url``: objects acknowledged (``sent``), of these taken and refused; ``pending``: undecided."""

    url: str
    sha256: str
    sent: int = 0
    taken: int = 0
    pending: int = 0
    refused: tuple[Refused, ...] = ()

    @property
    def refused_own(self) -> tuple[Refused, ...]:
        """The refused objects that are not the project's."""
        return tuple(each for each in self.refused if each.id not in constants())


class _Detail(msgspec.Struct):
    id: str = ""
    message: str = "no reason was given"


class _Status(msgspec.Struct):
    id: str
    status: str
    success_count: int = 0
    failure_count: int = 0
    pending_count: int = 0
    failures: list[_Detail] = []


@dataclass(frozen=True)
class Sender:
    """Who sends: its ledger, the folder in which progress is kept, and the clock."""

    member: str
    ledger: Ledger
    folder: Path
    clock: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep

    def push(
        self, parcel: Parcel, connection: Connection, place: Place, collection: Collection, *, again: bool = False
    ) -> Progress:
        """Send a parcel; ``again``: even what was acknowledged before.

        Raises what the connection raises, and OutputNotWritten; the same call goes on from there.
        """
        url = place.address(collection)
        path = self._file(url, parcel)
        progress = _read(path) if not again else None
        if progress is None:
            progress = Progress(url, parcel.sha256)
            self._record("release", parcel, {"to": url, "objects": len(parcel.objects)})
            write_state(path, progress)
        begun = progress.sent
        for count, body in parcel.envelopes(place.largest, progress.sent):
            status = self._decided(connection, place, connection.post(url, body).read(_Status))
            progress = _with(progress, count, status)
            write_state(path, progress)
        if progress.sent > begun:
            self._record_end(parcel, progress)
        return progress

    def _decided(self, connection: Connection, place: Place, status: _Status) -> _Status:
        """Step 3."""
        for _ in range(_ASKS):
            if status.status != "pending":
                break
            self.sleep(_ASK_SECONDS)
            status = connection.get(f"{place.root}status/{status.id}/").read(_Status)
        return status

    def _record_end(self, parcel: Parcel, progress: Progress) -> None:
        counts: dict[str, object] = {
            "to": progress.url,
            "taken": progress.taken,
            "refused": len(progress.refused),
            "pending": progress.pending,
        }
        self._record("delivery", parcel, counts, _refusals(progress, self.member))

    def _record(self, kind: str, parcel: Parcel, details: Mapping[str, object], more: Iterable[Draft] = ()) -> None:
        draft = Draft(kind, parcel.path.name, {"sha256": parcel.sha256, **details}, self.member)
        self.ledger.append_many([draft, *more], self.clock())

    def _file(self, url: str, parcel: Parcel) -> Path:
        name = hashlib.sha256(f"{url}\n{parcel.sha256}\n{len(parcel.objects)}".encode()).hexdigest()[:_DIGITS]
        return self.folder / f"sent-{name}.json"


def _read(path: Path) -> Progress | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Progress)
    except (OSError, msgspec.DecodeError):
        return None


def _with(progress: Progress, count: int, status: _Status) -> Progress:
    refused = tuple(Refused(_plain(each.id), _plain(each.message)) for each in status.failures)
    return Progress(
        progress.url,
        progress.sha256,
        progress.sent + count,
        progress.taken + status.success_count,
        progress.pending + status.pending_count,
        progress.refused + refused,
    )


def _refusals(progress: Progress, member: str) -> Iterator[Draft]:
    for each in progress.refused:
        details = {"because": "refused by the receiver", "to": progress.url, "reason": each.reason}
        yield Draft("refusal", each.id or "an object without a STIX id", details, member)


def _plain(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()[:_REASON]
