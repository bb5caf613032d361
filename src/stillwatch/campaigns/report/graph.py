"""The account graph: shared things as numbered hubs, accounts as small dots, together where they share the same things.

Rules: accounts that share exactly the same drawn things form one bubble, with one line to each of those things, wider
if the bubble is full; so thousands of accounts stay readable. At most MOST_DOTS dots and MOST_HUBS hubs are drawn, the
heaviest hubs first, each bubble keeping its proportion of the dots but one at least; `Graph.omitted` says what is left
out. The same campaign always gives the same drawing. The numbers of the hubs are explained by a table beside it.

>>> shared = [Shared("payment", "synthetic card", [0, 1, 2], 7.5), Shared("device", "synthetic device", [1, 2], 5.0)]
>>> [(b.accounts, b.hubs) for b in account_graph(shared, accounts=4).bubbles]
[(2, (0, 1)), (1, ()), (1, (0,))]
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stillwatch.campaigns.detail import Shared
from stillwatch.campaigns.report.layout import places
from stillwatch.campaigns.report.wording import many, number

MOST_DOTS = 400
MOST_HUBS = 16
_WIDTH, _HEIGHT = 480.0, 340.0
_HUB, _DOT, _APART = 13.0, 2.6, 3.9
"""Radius of a hub, of a dot, and the pitch of the spiral of dots, in units of the drawing."""


@dataclass(frozen=True)
class Bubble:
    """Accounts that share the same hubs: how many there are, how many dots stand for them, and the hubs by index."""

    accounts: int
    dots: int
    hubs: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """Hubs with the heaviest first, the bubbles with the fullest first, and a sentence on what is not drawn (or "")."""

    hubs: list[Shared]
    bubbles: list[Bubble]
    omitted: str


def account_graph(shared: Sequence[Shared], accounts: int) -> Graph | None:
    """The graph of a campaign of that many accounts; None if its accounts share nothing."""
    if not shared or not accounts:
        return None
    hubs = by_weight(shared)[:MOST_HUBS]
    held: list[list[int]] = [[] for _ in range(accounts)]
    for place, hub in enumerate(hubs):
        for member in hub.members:
            held[member].append(place)
    groups = sorted(Counter(map(tuple, held)).items(), key=lambda group: (-group[1], group[0]))[:MOST_DOTS]
    portion = min(1.0, MOST_DOTS / accounts)
    bubbles: list[Bubble] = []
    room = MOST_DOTS
    for place, (linked, size) in enumerate(groups):
        dots = max(1, min(math.floor(size * portion), room - (len(groups) - place - 1)))
        bubbles.append(Bubble(size, dots, linked))
        room -= dots
    return Graph(hubs, bubbles, _omitted(len(shared), accounts, bubbles))


def by_weight(shared: Sequence[Shared]) -> list[Shared]:
    """Shared things by what they contribute: bits of each sharing times the accounts that share."""
    return sorted(shared, key=lambda s: (-s.bits * len(s.members), s.kind, s.label))


def draw(graph: Graph, name: str) -> Markup:
    """The graph as one SVG image; ``name`` becomes part of its accessible name."""
    count = len(graph.hubs)
    links = [(hub, count + place) for place, bubble in enumerate(graph.bubbles) for hub in bubble.hubs]
    radii = [_HUB] * count + [_radius(bubble) for bubble in graph.bubbles]
    points = places(links, radii, _WIDTH, _HEIGHT)
    bubbles = [(points[count + place], bubble) for place, bubble in enumerate(graph.bubbles)]
    inside = [
        *(_links(at, bubble, points) for at, bubble in bubbles),
        *(_dots(at, bubble) for at, bubble in bubbles),
        *(_hub(points[place], place + 1) for place in range(count)),
    ]
    dots = sum(bubble.dots for bubble in graph.bubbles)
    return Markup(
        '<svg class="graph" viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{name}. {description}">'
        "<title>{name}</title><desc>{description}</desc>{inside}</svg>"
    ).format(
        width=_WIDTH,
        height=_HEIGHT,
        name=f"Account graph of {name}",
        description=f"{many(dots, 'dot')} for accounts, joined to {many(count, 'shared thing')}.",
        inside=Markup("").join(inside),
    )


def _omitted(things: int, accounts: int, bubbles: Sequence[Bubble]) -> str:
    dots = sum(bubble.dots for bubble in bubbles)
    said = []
    if dots < accounts:
        drawn = sum(bubble.accounts for bubble in bubbles)
        said.append(f"{number(dots)} dots stand for {number(drawn)} of {many(accounts, 'account')}.")
        said.append("Each group keeps its proportion, but one dot at least.")
        if drawn < accounts:
            said.append("The accounts left out share rarer sets of things.")
    if things > MOST_HUBS:
        said.append(f"The {MOST_HUBS} heaviest of {number(things)} shared things are drawn; the table lists all.")
    return " ".join(said)


def _radius(bubble: Bubble) -> float:
    return _DOT + _APART * math.sqrt(bubble.dots - 1)


def _links(at: tuple[float, float], bubble: Bubble, points: Sequence[tuple[float, float]]) -> Markup:
    line = Markup('<line class="{kind}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>')
    kind = "edge" if bubble.dots == 1 else "edge some" if bubble.dots < 20 else "edge many"
    return Markup("").join(line.format(*at, *points[hub], kind=kind) for hub in bubble.hubs)


def _dots(at: tuple[float, float], bubble: Bubble) -> Markup:
    """A sunflower of dots (Vogel 1979): even, dense, and without chance. Each dot is the round end of an empty line."""
    spots = []
    for i in range(bubble.dots):
        reach, angle = _APART * math.sqrt(i), 2.39996 * i
        spots.append(f"M{at[0] + reach * math.cos(angle):.1f} {at[1] + reach * math.sin(angle):.1f}h0")
    return Markup('<path class="dots" d="{}"/>').format("".join(spots))


def _hub(at: tuple[float, float], label: int) -> Markup:
    x, y = at
    return Markup(
        '<rect class="hub" x="{left:.1f}" y="{top:.1f}" width="{side:.0f}" height="{side:.0f}" rx="5"/>'
        '<text class="hub-number" x="{x:.1f}" y="{foot:.1f}" text-anchor="middle">{label}</text>'
    ).format(left=x - _HUB, top=y - _HUB, side=2 * _HUB, x=x, foot=y + 5.5, label=label)
