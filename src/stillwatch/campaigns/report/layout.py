"""Where to put the bubbles of the account graph on the page; the same graph always gets the same places.

Rules: Kamada and Kawai's springs (1989; igraph) from a fixed spiral, so that nothing is left to chance; then the
drawing is stretched to the sheet, and overlapping bubbles are pushed apart within it. Lengths are in the sheet's units.

>>> places([(0, 1)], radii=[10.0, 10.0], width=200.0, height=100.0)[0] != (0.0, 0.0)
True
"""

import math
from collections.abc import Sequence

import igraph
import numpy as np
import numpy.typing as npt

_ROUNDS = 60
_AIR = 6.0

Coordinates = npt.NDArray[np.float64]


def places(links: Sequence[tuple[int, int]], radii: Sequence[float], width: float, height: float) -> list[tuple[float, float]]:
    """The centre of each bubble; ``links`` name two bubbles by their index in ``radii``."""
    if not radii:
        return []
    graph = igraph.Graph(n=len(radii), edges=links)
    spiral = [(math.sqrt(i) * math.cos(2.4 * i), math.sqrt(i) * math.sin(2.4 * i)) for i in range(len(radii))]
    springs = np.array(graph.layout_kamada_kawai(seed=spiral).coords, dtype=np.float64)
    sheet = np.array([width, height])
    margins = np.minimum(np.array(radii)[:, None] + _AIR, sheet / 2)
    spread = _pushed_apart(_stretched(springs, margins, sheet), np.array(radii), margins, sheet)
    return [(float(x), float(y)) for x, y in spread]


def _stretched(points: Coordinates, margins: Coordinates, sheet: Coordinates) -> Coordinates:
    """The points scaled so that they fill the sheet, lying along its longer side."""
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    if extent[1] > extent[0]:
        points, low, extent = points[:, ::-1], low[::-1], extent[::-1]
    relative = np.where(extent > 1e-9, (points - low) / np.where(extent > 1e-9, extent, 1.0), 0.5)
    inside: Coordinates = margins + relative * (sheet - 2 * margins)
    return inside


def _pushed_apart(points: Coordinates, radii: Coordinates, margins: Coordinates, sheet: Coordinates) -> Coordinates:
    """Each round moves overlapping pairs apart by half of their overlap, until none overlap or the rounds are over."""
    wanted = radii[:, None] + radii[None, :] + _AIR
    np.fill_diagonal(wanted, 0.0)
    for _ in range(_ROUNDS):
        away = points[:, None, :] - points[None, :, :]
        distance = np.hypot(away[..., 0], away[..., 1])
        overlap = np.maximum(wanted - distance, 0.0)
        if not overlap.any():
            break
        step = (away / np.maximum(distance, 1e-6)[..., None] * overlap[..., None] * 0.25).sum(axis=1)
        points = np.clip(points + step, margins, sheet - margins)
    return points
