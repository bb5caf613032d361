"""The sign-flip test against numbers worked out by hand, its calibration, and its edges."""

import itertools

import numpy as np
import pytest
from scipy.stats import binomtest, kstest, norm

from stillwatch.forensics.statistics.sign_flip import EXACT_ROWS, as_of_one, sign_flip_test, standardised

DRAWS = 2_000


def null_p_values(measures: int, rows: int, flips: int) -> np.ndarray:
    generator = np.random.default_rng(20)
    heavy = generator.standard_t(2, size=(DRAWS, rows, measures)) * generator.uniform(0.1, 9, size=(DRAWS, rows, 1))
    return np.array([sign_flip_test(table, generator, flips=flips).p_value for table in heavy])


def test_all_patterns_of_three_pairs_counted_by_hand() -> None:
    # |d| = 1, 2, 4: sums of the 8 patterns are ±1 ±2 ±4 = 7, 5, 3, 1, -1, -3, -5, -7; observed -1+2+4 = 5 has two at least as large.
    assert sign_flip_test(np.array([-1.0, 2.0, 4.0]), np.random.default_rng(0)).p_value == 2 / 8


def test_several_measures_against_a_naive_count() -> None:
    generator = np.random.default_rng(3)
    table = generator.normal(0.5, 1, size=(7, 3))

    def statistic(values: np.ndarray) -> float:
        return float(standardised(values).sum(axis=0).max())

    patterns = [np.array(signs)[:, None] for signs in itertools.product([1, -1], repeat=7)]
    reached = sum(statistic(signs * table) >= statistic(table) - 1e-9 for signs in patterns)
    assert sign_flip_test(table, generator).p_value == reached / 2**7


def test_monte_carlo_adds_one_to_both_counts_and_is_never_zero() -> None:
    test = sign_flip_test(np.ones(60), np.random.default_rng(0), flips=99)
    assert (test.p_value, test.exact, test.rows) == (1 / 100, False, 60)
    assert test.z == pytest.approx(np.sqrt(60))


def test_monte_carlo_agrees_with_the_exact_count() -> None:
    values = np.random.default_rng(5).normal(0.4, 1, size=EXACT_ROWS)
    exact = sign_flip_test(values, np.random.default_rng(0))
    padded = np.concatenate([values, np.full(3, 1e-12)])  # three rows more, too small to matter
    assert sign_flip_test(padded, np.random.default_rng(1)).p_value == pytest.approx(exact.p_value, abs=0.01)
    assert exact.exact


@pytest.mark.parametrize(("measures", "rows"), [(1, 40), (5, 40)])
def test_p_values_are_uniform_when_chance_signs(measures: int, rows: int) -> None:
    p = null_p_values(measures, rows, flips=999)
    assert kstest(p, "uniform").pvalue > 0.01
    for alpha in (0.05, 0.01, 0.001):
        assert binomtest(int((p <= alpha).sum()), DRAWS, alpha, alternative="greater").pvalue > 0.001


def test_zeros_carry_nothing() -> None:
    generator = np.random.default_rng(0)
    assert sign_flip_test(np.zeros((5, 2)), generator).p_value == 1
    assert sign_flip_test(np.zeros((0, 2)), generator).rows == 0
    assert sign_flip_test(np.array([0.0, 1, 2, 3, 0]), generator).p_value == 1 / 8


def test_what_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        sign_flip_test(np.array([1.0, np.nan]), np.random.default_rng(0))


def test_the_largest_of_several_measures_counts_for_less() -> None:
    assert as_of_one(-1.0, 1) == -1.0
    assert as_of_one(3.0, 6) == pytest.approx(norm.isf(6 * norm.sf(3.0)))
    assert as_of_one(30.0, 6) == pytest.approx(29.94, abs=0.01)
    assert as_of_one(0.3, 6) == 0.0
