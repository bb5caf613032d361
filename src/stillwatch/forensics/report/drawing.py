"""Drawings: the effect with its interval, and the growth of the e-value, as SVG without script.

>>> "<svg" in preference_bar(0.6, 0.55, 0.65)
True
"""

import math
from collections.abc import Sequence

from markupsafe import Markup

_WIDTH, _BAR, _HEIGHT, _EDGE, _LINE = 420, 34, 150, 38, 14


def preference_bar(effect: float, lower: float, upper: float) -> Markup:
    """A scale from 0 to 1 with the middle (chance), the interval and the effect."""

    def x(share: float) -> float:
        return round(10 + share * (_WIDTH - 20), 1)

    label = f"Preference {effect:.2f}, between {lower:.2f} and {upper:.2f}; chance is 0.5"
    return Markup(
        f'<svg class="drawing" role="img" aria-label="{label}" viewBox="0 0 {_WIDTH} {_BAR}" width="{_WIDTH}">'
        f'<line class="rule" x1="{x(0)}" x2="{x(1)}" y1="14" y2="14"/>'
        f'<line class="chance" x1="{x(0.5)}" x2="{x(0.5)}" y1="4" y2="20"/>'
        f'<line class="interval" x1="{x(lower)}" x2="{x(upper)}" y1="14" y2="14"/>'
        f'<circle class="dot" cx="{x(effect)}" cy="14" r="5"/>'
        f'<text x="{x(0)}" y="32">always withheld</text><text x="{x(0.5)}" y="32" text-anchor="middle">chance</text>'
        f'<text x="{x(1)}" y="32" text-anchor="end">always served</text></svg>'
    )  # numbers only: nothing that came from outside is in it


def growth(wealth: Sequence[tuple[int, float]], alpha: float) -> Markup:
    """The e-value over the pairs on a logarithmic scale, with the line at 1/alpha."""
    if not wealth:
        return Markup("")
    logs = [math.log10(max(value, 1e-6)) for _, value in wealth]
    top, bottom = max(*logs, math.log10(1 / alpha)) * 1.05, min(0.0, *logs)
    last = wealth[-1][0]

    def x(pairs: int) -> float:
        return round(_EDGE + pairs / last * (_WIDTH - _EDGE - 10), 1)

    def y(log: float) -> float:
        return round(8 + (top - log) / (top - bottom) * (_HEIGHT - 30), 1)

    path = " ".join(f"{x(pairs)},{y(log)}" for (pairs, _), log in zip(wealth, logs, strict=True))
    enough = y(math.log10(1 / alpha))
    unit = f'<text x="2" y="{y(0) + 4}">1</text>' if y(0) - enough > _LINE else ""
    return Markup(
        f'<svg class="drawing" role="img" aria-label="Growth of the e-value over {last} pairs" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}">'
        f'<line class="rule" x1="{_EDGE}" x2="{_WIDTH - 10}" y1="{y(0)}" y2="{y(0)}"/>'
        f'<line class="chance" x1="{_EDGE}" x2="{_WIDTH - 10}" y1="{enough}" y2="{enough}"/>'
        f'<polyline class="path" points="{path}"/>'
        f'{unit}<text x="2" y="{enough + 4}">{1 / alpha:.0f}</text>'
        f'<text x="{_EDGE}" y="{_HEIGHT - 4}">first pair</text>'
        f'<text x="{_WIDTH - 10}" y="{_HEIGHT - 4}" text-anchor="end">{last} pairs</text></svg>'
    )
