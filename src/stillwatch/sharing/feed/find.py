"""Finds: which object of the feed was met in one's own traffic, at which accounts, how often, and when."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Kind = Literal["scaffold", "client-fingerprint", "network", "token"]


@dataclass
class Trace:
    """Where one value was met at one account: requests, and the first and last of them (µs since 1970)."""

    requests: int = 0
    first: int = 2**62
    last: int = 0

    def add(self, requests: int, first: int, last: int) -> None:
        """Count more requests in."""
        self.requests += requests
        self.first, self.last = min(self.first, first), max(self.last, last)


Traces = dict[tuple[str, str | int], Trace]
"""By account and value."""


@dataclass(frozen=True)
class Find:
    """One object of the feed met in one's own traffic.

    ``target`` is the object of which this is a sighting; ``overlap`` the largest at any account; ``accounts`` never leave.
    """

    target: str
    kind: Kind
    overlap: float
    accounts: tuple[str, ...]
    requests: int
    first_seen: datetime
    last_seen: datetime


def gathered(kind: Kind, entries: Iterable[tuple[str, Trace, Iterable[str]]], *, add: bool) -> Iterator[Find]:
    """Finds from entries of account, trace and the targets that were met there; ``add`` as in ``find_over``."""
    found: dict[str, dict[str, list[Trace]]] = defaultdict(lambda: defaultdict(list))
    for account, trace, targets in entries:
        for target in targets:
            found[target][account].append(trace)
    return (find_over(target, kind, 1.0, accounts, add=add) for target, accounts in sorted(found.items()))


def find_over(target: str, kind: Kind, overlap: float, accounts: Mapping[str, Sequence[Trace]], *, add: bool = False) -> Find:
    """A find over accounts; an account's traces are of different requests (``add``) or perhaps of the same."""
    every = [trace for traces in accounts.values() for trace in traces]
    return Find(
        target=target,
        kind=kind,
        overlap=overlap,
        accounts=tuple(sorted(accounts)),
        requests=sum((sum if add else max)(trace.requests for trace in traces) for traces in accounts.values()),
        first_seen=_moment(min(trace.first for trace in every)),
        last_seen=_moment(max(trace.last for trace in every)),
    )


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, UTC)
