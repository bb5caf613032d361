"""Power: how often so many pairs, or so many of its own answers, of a guilty student suffice, from subsets drawn at random."""

from collections.abc import Iterator

import msgspec
import numpy as np

from benchmarks.forensics.cast import SECRET
from benchmarks.forensics.trial import Matrix, Reading
from stillwatch.forensics.twins.preference import prefer
from stillwatch.forensics.watermark.detection import WatermarkTest, detect
from stillwatch.forensics.watermark.keys import tier_key
from stillwatch.forensics.watermark.pairs import distinct_pairs
from stillwatch.forensics.watermark.scheme import Scheme

SIZES = (25, 50, 100, 200, 400, 800)
ANSWERS = (125, 250, 500, 1_000, 2_000)
_SUBSETS = 100
_ANSWER_SUBSETS = 20
_Z = 3.0902
"""Half of all subsets reach p = 0.001 where the median z is this."""
_FLIPS = 19
"""z does not depend on the flips; as few as the test allows."""


class Power(msgspec.Struct, frozen=True):
    """For one student and test: by number of pairs (or answers), the mean z and the share of subsets with z at p = 0.001 or beyond."""

    student: str
    test: str
    mean_z: dict[str, float]
    share_shown: dict[str, float]


def power_curve(student: str, reading: Reading, scheme: Scheme) -> list[Power]:
    """Both twin tests by pairs, and the watermark by answers."""
    return [*_twins(student, reading), _mark(student, reading, scheme)]


def _twins(student: str, reading: Reading) -> Iterator[Power]:
    yield _curve(student, "twins-logprob", reading.logprob, reading.logprob_controls)
    yield _curve(student, "twins-text", reading.text, reading.text_controls)


def _curve(student: str, test: str, rows: Matrix, controls: Matrix) -> Power:
    generator = np.random.default_rng(12)
    z = {
        size: np.array([_z(rows, controls, generator.permutation(len(rows))[:size], generator) for _ in range(_SUBSETS)])
        for size in SIZES
        if size <= len(rows)
    }
    return _summary(student, test, z)


def _mark(student: str, reading: Reading, scheme: Scheme) -> Power:
    """The global key on the student's own text."""
    generator = np.random.default_rng(13)
    z = {
        size: np.array([_mark_z(reading, scheme, generator.permutation(len(reading.own))[:size]) for _ in range(_ANSWER_SUBSETS)])
        for size in ANSWERS
        if size <= len(reading.own)
    }
    return _summary(student, "watermark-text", z)


def _mark_z(reading: Reading, scheme: Scheme, kept: np.ndarray) -> float:
    own, asked = ([texts[place] for place in kept] for texts in (reading.own, reading.asked))
    pairs = distinct_pairs(own, width=scheme.width, prompts=asked)
    found = detect(scheme, tier_key(SECRET, "global"), pairs, np.random.default_rng(0), draws=_FLIPS)
    return found.z if isinstance(found, WatermarkTest) else 0.0


def _summary(student: str, test: str, z: dict[int, np.ndarray]) -> Power:
    return Power(
        student,
        test,
        {str(size): round(float(values.mean()), 2) for size, values in z.items()},
        {str(size): float((values >= _Z).mean()) for size, values in z.items()},
    )


def _z(rows: Matrix, controls: Matrix, kept: np.ndarray, generator: np.random.Generator) -> float:
    return prefer(rows[kept], controls[kept], generator, flips=_FLIPS).z
