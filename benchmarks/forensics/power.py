"""Power: how often so many pairs of a guilty student suffice, from subsets of its pairs drawn at random."""

from collections.abc import Iterator

import msgspec
import numpy as np

from benchmarks.forensics.trial import Matrix, Reading
from stillwatch.forensics.twins.preference import prefer

SIZES = (25, 50, 100, 200, 400, 800)
_SUBSETS = 100
_Z = 3.0902
"""Half of all subsets reach p = 0.001 where the median z is this."""
_FLIPS = 19
"""z does not depend on the flips; as few as the test allows."""


class Power(msgspec.Struct, frozen=True):
    """For one student and test: by number of pairs, the mean z and the share of subsets with z at p = 0.001 or beyond."""

    student: str
    test: str
    mean_z: dict[str, float]
    share_shown: dict[str, float]


def power_curve(student: str, reading: Reading) -> Iterator[Power]:
    """Both twin tests."""
    yield _curve(student, "twins-logprob", reading.logprob, reading.logprob_controls)
    yield _curve(student, "twins-text", reading.text, reading.text_controls)


def _curve(student: str, test: str, rows: Matrix, controls: Matrix) -> Power:
    generator = np.random.default_rng(12)
    z = {
        size: np.array([_z(rows, controls, generator.permutation(len(rows))[:size], generator) for _ in range(_SUBSETS)])
        for size in SIZES
        if size <= len(rows)
    }
    return Power(
        student,
        test,
        {str(size): round(float(values.mean()), 2) for size, values in z.items()},
        {str(size): float((values >= _Z).mean()) for size, values in z.items()},
    )


def _z(rows: Matrix, controls: Matrix, kept: np.ndarray, generator: np.random.Generator) -> float:
    return prefer(rows[kept], controls[kept], generator, flips=_FLIPS).z
