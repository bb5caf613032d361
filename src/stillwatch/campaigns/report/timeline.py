"""The timeline of a campaign: requests above, active accounts below, over the same days.

Rules: a bin stands where its time is, so that silence shows as a gap; more than MOST_BINS bins are merged, requests
added up and accounts as the largest number active in one of the merged bins, which the caption says. The drawing
stretches to the width of the page without scaling its text.

>>> timeline([Bin("2026-03-01T00:00:00Z", 5, 1), Bin("2026-03-02T00:00:00Z", 7, 2)]).per
'day'
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from markupsafe import Markup

from stillwatch.campaigns.detail import Bin
from stillwatch.campaigns.report.wording import day, number, read_time, span

MOST_BINS = 120
_PANEL, _HEAD = 64, 22
"""Height of the bars of a panel and of the line of words above them, in pixels."""


@dataclass(frozen=True)
class Column:
    """One bar of each panel: its start, and the requests and active accounts in it."""

    start: datetime
    requests: int
    accounts: int


@dataclass(frozen=True)
class Timeline:
    """Columns in the order of time, the width of each, and whether it holds several of the bins that were given."""

    columns: list[Column]
    width: timedelta
    merged: bool

    @property
    def per(self) -> str:
        """The width of a column in words."""
        return span(self.width)


def timeline(bins: Sequence[Bin]) -> Timeline | None:
    """The bins in order and, if they are too many to be seen, merged; None if no bin has a time."""
    read = sorted(((time, b) for b in bins if (time := read_time(b.start)) is not None), key=lambda pair: pair[0])
    if not read:
        return None
    starts = [time for time, _ in read]
    width = min((b - a for a, b in pairwise(starts) if b > a), default=timedelta(days=1))
    factor = math.ceil(((starts[-1] - starts[0]) / width + 1) / MOST_BINS)
    merged: dict[int, Column] = {}
    for time, b in read:
        place = int((time - starts[0]) / (width * factor))
        had = merged.get(place, Column(starts[0] + place * width * factor, 0, 0))
        merged[place] = Column(had.start, had.requests + b.requests, max(had.accounts, b.accounts))
    return Timeline(list(merged.values()), width * factor, factor > 1)


def draw(line: Timeline, name: str) -> Markup:
    """Both panels as one SVG image; ``name`` becomes part of its accessible name."""
    first, last = line.columns[0], line.columns[-1]
    busiest = max(line.columns, key=lambda c: c.requests)
    description = (
        f"From {day(first.start)} to {day(last.start)}; most requests per {line.per}: {number(busiest.requests)},"
        f" on {day(busiest.start)}."
    )
    below = _HEAD + _PANEL + 14
    return Markup(
        '<svg class="timeline" width="100%" height="{height}" role="img" aria-label="{name}. {description}">'
        "<title>{name}</title><desc>{description}</desc>{requests}{accounts}{dates}</svg>"
    ).format(
        height=below + _HEAD + _PANEL + 22,
        name=f"Timeline of {name}",
        description=description,
        requests=_panel(line, [c.requests for c in line.columns], 0, "requests", f"requests per {line.per}"),
        accounts=_panel(line, [c.accounts for c in line.columns], below, "accounts", "active accounts"),
        dates=_dates(line, below + _HEAD + _PANEL + 16),
    )


def _panel(line: Timeline, values: Sequence[int], top: int, kind: str, title: str) -> Markup:
    peak = max(values)
    count = _places(line)[-1] + 1
    bars = "".join(
        f"M{place + 0.06:.2f} 100V{100 - 100 * value / (peak or 1):.1f}h.88V100z"
        for place, value in zip(_places(line), values, strict=True)
    )
    return Markup(
        '<text x="0" y="{words}">{title}</text><text x="100%" y="{words}" text-anchor="end">peak {peak}</text>'
        '<line class="limit" x1="0" x2="100%" y1="{top}" y2="{top}"/>'
        '<svg x="0" y="{top}" width="100%" height="{high}" viewBox="0 0 {count} 100" preserveAspectRatio="none">'
        '<path class="{kind}" d="{bars}"/></svg><line class="base" x1="0" x2="100%" y1="{foot}" y2="{foot}"/>'
    ).format(
        words=top + 14,
        title=title,
        peak=number(peak),
        top=top + _HEAD,
        high=_PANEL,
        count=count,
        kind=kind,
        bars=bars,
        foot=top + _HEAD + _PANEL,
    )


def _dates(line: Timeline, y: int) -> Markup:
    first, last = line.columns[0].start, line.columns[-1].start
    label = Markup('<text x="{x}%" y="{y}" text-anchor="{anchor}">{day}</text>')
    if first.date() == last.date():
        return label.format(x=0, y=y, anchor="start", day=day(first))
    middle = first + (last + line.width - first) / 2
    marks = [(0, "start", first), (100, "end", last)]
    if first.date() < middle.date() < last.date():
        marks.insert(1, (50, "middle", middle))
    return Markup("").join(label.format(x=x, y=y, anchor=anchor, day=day(time)) for x, anchor, time in marks)


def _places(line: Timeline) -> list[int]:
    return [round((c.start - line.columns[0].start) / line.width) for c in line.columns]
