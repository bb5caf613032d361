"""The planning model, measured: how strong a pair's effect is, and how it fades with the share of training data that was served.

Model (statistics.power): z = effect · √pairs · share^fading, plus what the test gives by chance alone, with standard error 1.
Both numbers are fitted by least squares to students that read everything three times; ``by_chance`` is the mean z of innocent
students when their coins are drawn again, which is above 0 for text, where the largest of several measures counts.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from scipy.optimize import least_squares

from benchmarks.forensics.trial import Matrix, Reading
from stillwatch.forensics.twins.preference import prefer

_DRAWS = 200
_FLIPS = 19
"""z does not depend on the flips; as few as the test allows."""
_MOST_FADING = 2.0


class Planning(msgspec.Struct, frozen=True):
    """For one mechanism: the fitted model, and the z that each student of each share gave (share, z)."""

    mechanism: str
    effect: float
    fading: float
    by_chance: float
    measured: list[tuple[float, float]]


def planning(
    mechanism: str, measured: Sequence[tuple[float, float]], pairs: int, innocents: Sequence[tuple[Matrix, Matrix]]
) -> Planning:
    """Fit the model to ``measured`` (share, z) at so many pairs; ``innocents`` are differences and controls by student."""
    by_chance = _by_chance(innocents)
    share, z = (np.array(column) for column in zip(*measured, strict=True))

    def errors(model: np.ndarray) -> np.ndarray:
        return by_chance + model[0] * np.sqrt(pairs) * share ** model[1] - z

    fitted = least_squares(errors, x0=(0.1, 0.5), bounds=((0.0, 0.0), (np.inf, _MOST_FADING))).x
    return Planning(mechanism, round(float(fitted[0]), 3), round(float(fitted[1]), 2), round(by_chance, 2), list(measured))


def both(measured: Mapping[str, Sequence[tuple[float, float]]], pairs: int, innocents: Sequence[Reading]) -> list[Planning]:
    """Both twin tests; ``measured`` by mechanism."""
    rows = {
        "twins-logprob": [(each.logprob, each.logprob_controls) for each in innocents],
        "twins-text": [(each.text, each.text_controls) for each in innocents],
    }
    return [planning(mechanism, measured[mechanism], pairs, rows[mechanism]) for mechanism in rows]


def _by_chance(innocents: Sequence[tuple[Matrix, Matrix]]) -> float:
    generator = np.random.default_rng(21)
    found = []
    for place in range(_DRAWS):
        rows, controls = innocents[place % len(innocents)]
        signs = generator.choice([-1.0, 1.0], size=(len(rows), 1))
        found.append(prefer(signs * rows, signs * controls, generator, flips=_FLIPS).z)
    return float(np.mean(found))
