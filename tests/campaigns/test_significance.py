"""Significance and weighing: numbers by hand, and properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.campaigns import significance
from stillwatch.campaigns.weighing import FAMILY_CAP, total, weigh
from stillwatch.signals.likelihood import bits_against_population, bits_between
from stillwatch.signals.population import Group, Population, Reading, Signal, Silence


def never(group: Group, population: Population, rng: np.random.Generator) -> Reading | Silence:
    raise AssertionError("not weighed in these tests")


def test_benjamini_hochberg_by_hand() -> None:
    assert significance.q_values(np.array([0.01, 0.04, 0.03, 0.5])).tolist() == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])


def test_no_group_gives_no_q_value() -> None:
    assert len(significance.q_values(np.empty(0))) == 0


@given(st.lists(st.floats(1e-9, 1), min_size=1, max_size=30))
def test_q_values_are_no_smaller_and_keep_the_order(p: list[float]) -> None:
    q = significance.q_values(np.array(p))
    assert (q >= np.array(p) - 1e-15).all() and (q <= 1).all()
    assert (np.diff(q[np.argsort(p)]) >= -1e-12).all()


def test_conformal_p_values_by_hand() -> None:
    assert significance.conformal_p_values(np.array([5.0, 0.0, 2.0]), np.array([1.0, 2.0, 3.0])).tolist() == [0.25, 1.0, 0.75]


def test_conformal_p_values_are_uniform_for_one_of_the_population() -> None:
    rng = np.random.default_rng(1)
    p = np.array([significance.conformal_p_values(rng.normal(size=1), rng.normal(size=199))[0] for _ in range(2000)])
    assert abs((p <= 0.05).mean() - 0.05) < 0.015


def test_group_p_value_takes_off_the_search() -> None:
    assert significance.group_p_value(significance.SEARCH_BITS) == 1
    assert significance.group_p_value(significance.SEARCH_BITS + 10) == 2**-10


def test_a_family_is_capped_together_and_others_are_not() -> None:
    def of(name: str, family: str, bits: float) -> tuple[Signal, Reading]:
        return Signal(name, "coordination", family, never), Reading(bits, "", 1, 1)

    weighed = weigh([of("a", "identity", 9.0), of("b", "identity", 9.0), of("c", "rhythm", 3.0)])
    assert total(weighed, "coordination") == pytest.approx(FAMILY_CAP["identity"] + 3)
    assert [item.reading.bits for item in weighed] == [9.0, 9.0, 3.0]
    assert total(weighed, "harvest") == 0


def test_bits_between_two_bells_by_hand() -> None:
    assert bits_between(0, hostile=(0, 1), innocent=(2, 1), cap=9) == pytest.approx(2 / np.log(2))
    assert bits_between(0, hostile=(0, 0.1), innocent=(2, 0.1), cap=9) == 9
    assert bits_between(2, hostile=(0, 0.1), innocent=(2, 0.1), cap=9, floor=-1) == -1


def test_a_measure_on_which_everybody_is_alike_says_little() -> None:
    edges, hostile = np.array([0, 0.5, 1.0]), np.array([0.1, 0.9])
    alike = bits_against_population(np.array([0.9]), np.full(1000, 0.9), hostile, edges, 3)
    apart = bits_against_population(np.array([0.9]), np.full(1000, 0.1), hostile, edges, 3)
    assert -0.3 < alike[0] < 0.1
    assert apart[0] == 3
    assert bits_against_population(np.array([np.nan]), np.full(9, 0.1), hostile, edges, 3)[0] == 0
