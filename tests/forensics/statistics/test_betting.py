"""The e-process: a bet by hand, Ville's bound under the null, its edges."""

import numpy as np
import pytest
from scipy.stats import binomtest

from stillwatch.forensics.statistics.betting import STAKES, e_value, wealth_path
from stillwatch.forensics.statistics.e_values import average, e_bh, p_from_e


def test_two_pairs_by_hand() -> None:
    # magnitudes 1 and 1: both are one running root mean square; the wealth is the mean over θ of the product of 2σ(±2θ)
    def expected(*signs: int) -> float:
        return float(np.mean([np.prod([2 / (1 + np.exp(-2 * theta * sign)) for sign in signs]) for theta in STAKES]))

    assert wealth_path(np.array([1.0, -1.0])) == pytest.approx([expected(1), expected(1, -1)])


def test_mean_return_of_all_sign_patterns_is_one() -> None:
    magnitudes = np.array([[0.3, 2.0], [1.0, 1.0], [4.0, 0.1], [0.5, 0.5]])
    patterns = [np.array([1 - 2 * (n >> k & 1) for k in range(4)])[:, None] for n in range(16)]
    assert np.mean([e_value(signs * magnitudes) for signs in patterns]) == pytest.approx(1)


@pytest.mark.parametrize("measures", [1, 4])
def test_wealth_seldom_grows_when_chance_signs(measures: int) -> None:
    generator = np.random.default_rng(7)
    highest = np.array([wealth_path(generator.standard_t(2, size=(50, measures))).max() for _ in range(2_000)])
    for alpha in (0.05, 0.01, 0.001):
        assert binomtest(int((highest >= 1 / alpha).sum()), 2_000, alpha, alternative="greater").pvalue > 0.001


def test_zeros_leave_the_wealth_alone() -> None:
    with_zeros = wealth_path(np.array([0.0, 1.0, 0.0, 2.0]))
    assert with_zeros == pytest.approx([1, *wealth_path(np.array([1.0, 2.0])).repeat([2, 1])])
    assert e_value(np.zeros((0, 3))) == 1
    assert e_value(np.zeros((4, 3))) == 1


def test_a_lasting_preference_is_found_soon() -> None:
    path = wealth_path(np.random.default_rng(1).normal(0.5, 1, size=400))
    assert path[199] >= 1000


def test_e_bh_by_hand() -> None:
    # m = 4, fdr = 0.1: the k-th largest must reach 40 / k, that is 40, 20, 13.3, 10
    assert e_bh([21.0, 1.0, 39.0, 12.0], fdr=0.1) == [0, 2]
    assert e_bh([41.0, 1.0, 1.0, 1.0], fdr=0.1) == [0]
    assert e_bh([10.0, 10.0, 10.0, 10.0], fdr=0.1) == [0, 1, 2, 3]
    assert e_bh([9.9] * 4, fdr=0.1) == []
    assert e_bh([], fdr=0.1) == []


def test_averages_and_p() -> None:
    assert average([2.0, 0.0, 4.0]) == 2
    assert average([]) == 1
    assert (p_from_e(0.0), p_from_e(0.5), p_from_e(50.0)) == (1, 1, 0.02)
