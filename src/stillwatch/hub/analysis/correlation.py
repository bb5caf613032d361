"""Correlation: which campaigns that different members reported are one, and how it moved between them.

Two reports are *linked* if they share something that is rarely shared by chance: a scaffold (``is_near``, either way round) or a
token of an identifier (same kind, same epoch). A client, a network, a technique in common is told beside such a link and makes
none. By their days a linked pair is

- *takeover*: it stopped at one and began at the other afterwards, within TAKEOVER_DAYS;
- *safeguard arbitrage*: both ran at once, and it ended at the one where it began first while it went on at the other;
- *joint*: both ran at once otherwise; *linked*: days too far apart, or not known.

>>> relation(Days(date(2026, 1, 1), date(2026, 1, 9)), Days(date(2026, 1, 11), date(2026, 2, 1)))
'takeover'
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from stillwatch.sharing.stix.disclosure import Disclosure
from stillwatch.sharing.stix.extensions import ScaffoldSamples
from stillwatch.sharing.stix.scaffold import is_near

TAKEOVER_DAYS = 14
LASTING_DAYS = 2
"""So many days longer than the other must a campaign run to have gone on there."""

MOST_REPORTS = 200
"""What more reports than this share is common property, and links nobody."""


@dataclass(frozen=True)
class Days:
    """When a campaign was first and last seen, to the day; None for what was not said."""

    first: date | None
    last: date | None


@dataclass(frozen=True)
class Report:
    """What a member (by its number) reported of a campaign."""

    owner: int
    disclosure: Disclosure

    @property
    def days(self) -> Days:
        """When it was seen."""
        seen = self.disclosure.first_seen, self.disclosure.last_seen
        return Days(*(moment.date() if moment else None for moment in seen))


@dataclass(frozen=True)
class Link:
    """Two reports of one campaign, the one that began first before the other; what they share, and how they follow each other."""

    earlier: Report
    later: Report
    relation: str
    shared: tuple[str, ...]


def correlate(reports: Sequence[Report]) -> list[Link]:
    """Every link between reports of different members."""
    candidates: set[tuple[int, int]] = set()
    for places in _index(reports).values():
        if len(places) <= MOST_REPORTS:
            candidates.update(combinations(sorted(places), 2))
    links = (_link(reports[one], reports[other]) for one, other in sorted(candidates))
    return [link for link in links if link is not None]


def relation(earlier: Days, later: Days) -> str:
    """How two runs of a campaign follow each other; ``earlier`` began no later, as far as is known."""
    if earlier.last is None or later.first is None or later.last is None:
        return "linked"
    if earlier.last < later.first:
        return "takeover" if later.first - earlier.last <= timedelta(TAKEOVER_DAYS) else "linked"
    began_first = earlier.first is not None and earlier.first < later.first
    return "safeguard arbitrage" if began_first and later.last - earlier.last >= timedelta(LASTING_DAYS) else "joint"


def _index(reports: Sequence[Report]) -> dict[Hashable, set[int]]:
    """Where each sample and each token stands."""
    found: defaultdict[Hashable, set[int]] = defaultdict(set)
    for place, report in enumerate(reports):
        for scaffold in report.disclosure.scaffolds:
            for sample in scaffold.samples:
                found[sample].add(place)
        for token in report.disclosure.tokens:
            found[token.kind, token.epoch, token.token].add(place)
    return found


def _link(one: Report, other: Report) -> Link | None:
    if one.owner == other.owner:
        return None
    shared = tuple(_shared(one.disclosure, other.disclosure))
    if not {"scaffold", "token"}.intersection(shared):
        return None
    earlier, later = sorted(
        (one, other), key=lambda report: (report.days.first or date.max, report.owner, report.disclosure.campaign)
    )
    return Link(earlier, later, relation(earlier.days, later.days), shared)


def _shared(one: Disclosure, other: Disclosure) -> Iterator[str]:
    if _any_near(one.scaffolds, other.scaffolds):
        yield "scaffold"
    if {(t.kind, t.epoch, t.token) for t in one.tokens} & {(t.kind, t.epoch, t.token) for t in other.tokens}:
        yield "token"
    if {c.client_fingerprint for c in one.clients} & {c.client_fingerprint for c in other.clients}:
        yield "client"
    if {n.prefix for n in one.networks} & {n.prefix for n in other.networks}:
        yield "network"
    if {use.technique for use in one.figures.techniques} & {use.technique for use in other.figures.techniques}:
        yield "technique"


def _any_near(ones: Iterable[ScaffoldSamples], others: Iterable[ScaffoldSamples]) -> bool:
    sets = [set(scaffold.samples) for scaffold in others]
    return any(_near(set(scaffold.samples), other) for scaffold in ones for other in sets)


def _near(one: set[str], other: set[str]) -> bool:
    common = len(one & other)
    return is_near(common, len(one)) or is_near(common, len(other))
