"""Watching: pulling again whenever there is something new, until told to stop, whatever happens to the peer meanwhile.

Rules: at a hub of ours a stream rings when something changed; elsewhere one asks again after a while. A peer that is silent is
tried again for as long as one watches; an answer that will not change (who is not let in) ends it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

from stillwatch.sharing.exchange.bookmark import BookmarkFile
from stillwatch.sharing.exchange.changes import SILENCE_SECONDS, bell
from stillwatch.sharing.exchange.connection import Connection
from stillwatch.sharing.exchange.failures import PeerSilent
from stillwatch.sharing.exchange.place import Place
from stillwatch.sharing.exchange.pull import Came, follows, pull
from stillwatch.sharing.exchange.receiver import Receiver

_PAUSE_SECONDS = 5.0


@dataclass(frozen=True)
class Silence:
    """The peer did not answer; it is tried again."""

    reason: str


@dataclass(frozen=True)
class Watching:
    """How to watch: asking again after ``every_seconds`` where nothing rings, for ``seconds`` in all (None: without end)."""

    every_seconds: float = 60.0
    seconds: float | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def watch(connection: Connection, place: Place, receiver: Receiver, file: BookmarkFile, how: Watching) -> Iterator[Came | Silence]:
    """Say what comes, as it comes. Raises what ``pull`` raises, except PeerSilent."""
    end = how.clock() + how.seconds if how.seconds is not None else float("inf")
    while True:
        try:
            yield from pull(connection, place, receiver, file)
            if (left := end - how.clock()) <= 0:
                return
            _wait(connection, place, file, how, left)
        except PeerSilent as error:
            if (left := end - how.clock()) <= 0:
                return
            yield Silence(error.what)
            how.sleep(min(left, _PAUSE_SECONDS))


def _wait(connection: Connection, place: Place, file: BookmarkFile, how: Watching, left: float) -> None:
    """Until something new may be there, or the time is over."""
    if not follows(place, file):
        how.sleep(min(left, how.every_seconds))
        return
    end = how.clock() + left
    with closing(bell(connection, place.beside, file.read().cursor, min(SILENCE_SECONDS, left))) as ringing:
        for rings in ringing:
            if rings or how.clock() >= end:
                return
