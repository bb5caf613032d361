"""Sending releases to a peer, and saying what became of them; the same for `feed push` and for what is shared straight to a hub."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from stillwatch.cli.peers import Shown, is_url, peer_at
from stillwatch.cli.streams import tell
from stillwatch.errors import RefusedByPolicy, StillwatchError
from stillwatch.sharing.exchange.connection import Connection
from stillwatch.sharing.exchange.parcel import Parcel, read_parcel
from stillwatch.sharing.exchange.place import locate
from stillwatch.sharing.exchange.push import Progress, Sender
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.membership import Membership
from stillwatch.vocabulary.printable import one_line

_REFUSALS_SHOWN = 20


@dataclass(frozen=True)
class Onward:
    """Where a release goes after it is written: the collection of a peer."""

    url: str
    shown: Shown
    collection: str | None = None

    def send(self, path: Path, membership: Membership) -> dict[str, Any]:
        """Send the release; the result as JSON. Raises RefusedByPolicy if nothing was taken, and what the exchange raises."""
        try:
            (progress,) = send([path], self.url, self.shown, self.collection, membership)
        except StillwatchError as error:
            tell(f"{path} is released and written, but not there yet: `stillwatch feed push {path} --to {self.url}` goes on")
            raise error
        return as_json(progress)


def destination(to: str, outbox: Path, onward: Onward) -> tuple[Path, Onward | None]:
    """Where a release is written, and where it goes from there: ``to`` is a file, a folder, or the URL of a peer."""
    return (outbox, onward) if is_url(to) else (Path(to), None)


def send(
    paths: Sequence[Path],
    url: str | None,
    shown: Shown,
    collection: str | None,
    membership: Membership,
    *,
    again: bool = False,
    own_only: bool = False,
) -> list[Progress]:
    """Send releases, one after the other, and say what became of each. Raises as ``Onward.send`` does."""
    now = datetime.now(UTC)
    parcels = [read_parcel(path, membership.id, membership.ring(), now, own_only=own_only) for path in paths]
    made = []
    with Connection(peer_at(url, shown, membership)) as connection, Ledger.open(membership.ledger) as ledger:
        place = locate(connection, collection)
        target = place.writable()
        sender = Sender(membership.id, ledger, membership.exchange, lambda: datetime.now(UTC))
        for parcel in parcels:
            made.append(sender.push(parcel, connection, place, target, again=again))
            _say(parcel, made[-1])
    for parcel, progress in zip(parcels, made, strict=True):
        _end(parcel, progress)
    return made


def as_json(progress: Progress) -> dict[str, Any]:
    """What became of a release."""
    value: Mapping[str, Any] = msgspec.to_builtins(progress)
    return {**value}


def _say(parcel: Parcel, progress: Progress) -> None:
    undecided = f", {progress.pending} not decided yet" if progress.pending else ""
    counts = f"{progress.taken} objects taken, {len(progress.refused)} refused{undecided}"
    tell(f"{parcel.path} → {progress.url}: {counts}")
    for each in progress.refused[:_REFUSALS_SHOWN]:
        tell(one_line(f"  refused: {each.id}: {each.reason}"))


def _end(parcel: Parcel, progress: Progress) -> None:
    """Raise if none of one's own objects was taken."""
    own = progress.refused_own
    if own and len(own) >= parcel.own:
        cure = "see the reasons; mend the source and share it again"
        raise RefusedByPolicy(f"nothing was taken; the first reason: {own[0].reason}", place=progress.url, cure=cure)
