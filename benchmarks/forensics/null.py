"""The null distribution: p-values of innocent students when the coins, or the keys, are drawn again two thousand times.

Under the null hypothesis p-values are uniform; where counts are whole numbers or the draws few, they may only be larger. The test of
uniformity is Kolmogorov and Smirnov's; rates of false positives are held against binomial limits (one in a thousand).
"""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from scipy.stats import binom, kstest

from benchmarks.forensics.trial import Matrix, Reading
from stillwatch.forensics.twins.preference import prefer
from stillwatch.forensics.watermark.detection import WatermarkTest, detect
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.keys import TierKey
from stillwatch.forensics.watermark.pairs import Pairs

DRAWS = 2_000
RATES = (0.05, 0.01, 0.001)
_FLIPS = 999
_KEYS = 199


class Null(msgspec.Struct, frozen=True):
    """``uniform_p`` tests uniformity; ``false_positives`` by declared rate, with the ``limits`` that chance respects."""

    test: str
    draws: int
    uniform_p: float
    false_positives: dict[str, int]
    limits: dict[str, int]
    deciles: list[int]

    @property
    def holds(self) -> bool:
        """Whether p-values are uniform and no rate is exceeded."""
        return self.uniform_p > 0.01 and all(self.false_positives[rate] <= self.limits[rate] for rate in self.limits)


TESTS = ("twins-logprob", "twins-text", "watermark-text", "watermark-weights")


def null(test: str, readings: Sequence[Reading], scheme: GreenList, draws: int = DRAWS) -> Null:
    """One of ``TESTS`` on innocent students, each taking its turn."""
    generator = np.random.default_rng([20, TESTS.index(test)])
    draw: Callable[[Reading], float] = {
        "twins-logprob": lambda reading: _flipped(reading.logprob, reading.logprob_controls, generator),
        "twins-text": lambda reading: _flipped(reading.text, reading.text_controls, generator),
        "watermark-text": lambda reading: _rekeyed(scheme, reading.pairs, None, generator),
        "watermark-weights": lambda reading: _rekeyed(scheme, reading.preferences.pairs, reading.preferences.weights, generator),
    }[test]
    return _summary(test, [draw(readings[place % len(readings)]) for place in range(draws)])


def _flipped(rows: Matrix, controls: Matrix, generator: np.random.Generator) -> float:
    """The coins drawn again: each pair's twins change places or not."""
    signs = generator.choice([-1.0, 1.0], size=(len(rows), 1))
    return prefer(signs * rows, signs * controls, generator, flips=_FLIPS).p_value


def _rekeyed(scheme: GreenList, pairs: Pairs, weights: np.ndarray | None, generator: np.random.Generator) -> float:
    """A key that nobody used, against keys drawn again; ties are broken by chance so that uniformity can be tested."""
    key = TierKey(generator.bytes(16), "account", "nobody", generator.bytes(16))
    found = detect(scheme, key, pairs, generator, weights=weights, draws=_KEYS)
    return found.redrawn_p - generator.random() / (_KEYS + 1) if isinstance(found, WatermarkTest) else float(generator.random())


def _summary(name: str, values: Sequence[float]) -> Null:
    p = np.array(values)
    return Null(
        name,
        len(p),
        float(kstest(p, "uniform").pvalue),
        {f"{rate:g}": int((p <= rate).sum()) for rate in RATES},
        {f"{rate:g}": int(binom.isf(0.001, len(p), rate)) for rate in RATES},
        np.histogram(p, bins=10, range=(0, 1))[0].tolist(),
    )
