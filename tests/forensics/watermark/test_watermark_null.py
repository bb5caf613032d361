"""Under the null hypothesis p-values are uniform and the declared error rates hold, however a text repeats itself."""

from functools import cache

import numpy as np
import pytest
from scipy.stats import binom, kstest

from stillwatch.forensics.watermark.detection import WatermarkTest, detect
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.keys import TierKey
from stillwatch.forensics.watermark.pairs import distinct_pairs
from stillwatch.forensics.watermark.scheme import Scheme

DRAWS = 2_000
SCHEMES = (GreenList(), GreenList(width=1, gamma=0.25), Gumbel())


def repetitive_text(generator: np.random.Generator) -> np.ndarray:
    """Synthetic: a few phrases over and over among rarer words, as answers to one kind of prompt are."""
    words = generator.zipf(1.3, 2_500) % 400
    phrases = generator.integers(0, 400, (5, 12))
    parts = [phrases[generator.integers(5)] if generator.random() < 0.7 else words[at : at + 9] for at in range(0, 2_500, 9)]
    return np.concatenate(parts).astype(np.int64)


def random_key(generator: np.random.Generator) -> TierKey:
    return TierKey(generator.bytes(16), "account", "synthetic", generator.bytes(16))


@cache
def null_results(scheme: Scheme) -> list[WatermarkTest]:
    generator = np.random.default_rng(7)
    texts = [distinct_pairs([repetitive_text(generator)], width=scheme.width) for _ in range(40)]
    drawn = (detect(scheme, random_key(generator), texts[i % 40], generator, draws=199) for i in range(DRAWS))
    return [result for result in drawn if isinstance(result, WatermarkTest)]


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: f"{scheme.name} {scheme.width}")
def test_p_values_are_uniform_and_error_rates_hold(scheme: Scheme) -> None:
    results = null_results(scheme)
    assert len(results) > 0.9 * DRAWS
    redrawn, exact, reported = (np.array([getattr(r, name) for r in results]) for name in ("redrawn_p", "exact_p", "p_value"))
    assert kstest(redrawn - np.random.default_rng(0).random(len(redrawn)) / 200, "uniform").pvalue > 0.01
    for values in (redrawn, exact, reported):
        for rate in (0.05, 0.01, 0.001):
            assert (values <= rate).sum() <= binom.isf(0.001, len(results), rate)
    assert (exact <= 0.05).sum() >= binom.ppf(0.001, len(results), 0.04)


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: f"{scheme.name} {scheme.width}")
def test_the_e_process_reaches_a_hundred_in_one_run_of_a_hundred_at_most(scheme: Scheme) -> None:
    results = null_results(scheme)
    assert sum(result.largest_e >= 100 for result in results) <= binom.isf(0.001, len(results), 0.01)


def test_a_z_score_over_repetitions_would_accuse_far_too_often() -> None:
    """What ``Pairs`` refuses: the same texts and keys, every occurrence counted."""
    generator, scheme = np.random.default_rng(7), GreenList()
    accused = 0
    for _ in range(200):
        text = repetitive_text(generator)
        pairs = distinct_pairs([text], width=2)
        joint = (text[:-2] << 40) | (text[1:-1] << 20) | text[2:]
        _, first, counts = np.unique(joint, return_index=True, return_counts=True)
        scores = scheme.scores(random_key(generator).key, pairs)[np.argsort(np.argsort(first))]
        total = counts.sum()
        accused += (counts @ scores - total / 2) / np.sqrt(total / 4) > 3.09
    assert accused / 200 > 0.05  # 0.001 is what z > 3.09 claims
