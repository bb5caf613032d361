"""The evidence for one question as a waterfall: bits added one after the other, from 0 to the sum.

Rules: the strongest evidence for comes first, the strongest against last; what the counted sum holds beyond the listed
evidence (capped groups of dependent signals) is a step of its own, so that the steps always end at the sum. A step is
one row of a table and draws its own bar, so that the drawing is as wide as the row and its text is never scaled. The
waterfalls of a campaign share one scale. Widths are in percent of the row, heights in pixels.

>>> evidence = [Evidence("b", -1.0, "", 1, 1), Evidence("a", 3.0, "", 1, 1)]
>>> [(s.signal, s.before, s.after) for s in waterfall(evidence, 2.0).steps]
[('a', 0.0, 3.0), ('b', 3.0, 2.0)]
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stillwatch.campaigns.campaign import Evidence
from stillwatch.campaigns.report.ticks import ticks

_SHOWN = 0.05
"""Differences smaller than this many bits vanish in the one decimal that is printed."""


@dataclass(frozen=True)
class Step:
    """One bar: from ``before`` to ``after`` bits; ``counts`` are the accounts and requests that it rests on."""

    signal: str
    statement: str
    before: float
    after: float
    counts: tuple[int, int] | None

    @property
    def bits(self) -> float:
        """The height of the step; below 0 it speaks against."""
        return self.after - self.before


@dataclass(frozen=True)
class Waterfall:
    """The steps in the order in which they are drawn, and the sum that was counted, in bits."""

    steps: list[Step]
    total: float


@dataclass(frozen=True)
class Scale:
    """Bits from ``low`` to ``high`` over the width of a row."""

    low: float
    high: float

    def percent(self, bits: float) -> float:
        """The place of a number of bits, in percent of the width."""
        return round(100 * (bits - self.low) / (self.high - self.low), 2)


def waterfall(evidence: Sequence[Evidence], total: float) -> Waterfall:
    """The waterfall of one question's evidence, ending at the sum that was counted for it."""
    steps: list[Step] = []
    reached = 0.0
    for e in sorted(evidence, key=lambda e: (-e.bits, e.signal)):
        steps.append(Step(e.signal, e.statement, reached, reached + e.bits, (e.accounts, e.requests)))
        reached += e.bits
    if abs(total - reached) >= _SHOWN:
        statement = "The difference between the rows above and the sum as counted, as when dependent signals share a cap."
        steps.append(Step("adjustment", statement, reached, total, None))
    return Waterfall(steps, total)


def common_scale(waterfalls: Iterable[Waterfall]) -> Scale:
    """One scale for all of them that holds 0 and every step, with a little air."""
    ends = [0.0]
    for w in waterfalls:
        ends += [w.total, *(s.after for s in w.steps)]
    low, high = min(ends), max(ends)
    air = 0.04 * (high - low) or 1.0
    return Scale(low - air, high + air)


def draw_step(step: Step, scale: Scale) -> Markup:
    """The bar of a step, with the line that hangs it on the step before and hands on to the next."""
    start, end = scale.percent(step.before), scale.percent(step.after)
    links = _line("link", start, "0", "50%") + _line("link", end, "50%", "100%")
    return _row(_zero(scale) + links + _bar("for" if step.bits >= 0 else "against", start, end))


def draw_total(total: float, scale: Scale) -> Markup:
    """The bar of the sum, which stands on 0."""
    end = scale.percent(total)
    return _row(_zero(scale) + _line("link", end, "0", "50%") + _bar("total", scale.percent(0.0), end))


def draw_axis(scale: Scale) -> Markup:
    """The head of the column of bars: round numbers of bits."""
    labels = Markup('<text x="{x}%" y="15" text-anchor="middle">{bits}</text>')
    return _row(Markup("").join(labels.format(x=scale.percent(t), bits=f"{t:g}") for t in ticks(scale.low, scale.high)))


def _zero(scale: Scale) -> Markup:
    return _line("zero", scale.percent(0.0), "0", "100%")


def _line(kind: str, x: float, top: str, foot: str) -> Markup:
    return Markup('<line class="{}" x1="{x}%" x2="{x}%" y1="{}" y2="{}"/>').format(kind, top, foot, x=x)


def _bar(kind: str, start: float, end: float) -> Markup:
    left, width = min(start, end), round(max(abs(end - start), 0.4), 2)
    drawn = Markup('<rect class="{kind}" x="{x}%" y="50%" width="{w}%" height="16" transform="translate(0 -8)"/>')
    return drawn.format(kind=kind, x=left, w=width)


def _row(inside: Markup) -> Markup:
    return Markup('<svg class="bar" width="100%" height="100%" aria-hidden="true">{}</svg>').format(inside)
