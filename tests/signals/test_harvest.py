"""Harvest signals: the planted effect, the look-alike, and abstention, for every signal that reads one account at a time."""

from dataclasses import replace

import numpy as np
import pytest

from stillwatch.signals import technique
from stillwatch.signals.account_signal import AccountSignal, account_bits
from stillwatch.signals.catalogue import HARVEST
from stillwatch.signals.population import Population, Reading, Silence, Work
from stillwatch.signals.technique import beyond
from tests.signals import worlds

HARVESTING = {"scaffold_share": 1.0, "texts": 80.0, "requests": 80.0, "follow_up": 0.0, "output_mean": 1500.0, "usual_output": 250.0, "many_choices": 1.0,
              "logprobs": 0.0, "hours": 80.0, "window_hours": 168.0, "samplings": 1.0, "plan_requests": 10.0}  # fmt: skip
PEOPLE = {"scaffold_share": 0.0, "texts": 70.0, "requests": 80.0, "follow_up": 0.6, "output_mean": 250.0, "usual_output": 250.0, "many_choices": 0.0,
          "logprobs": 0.0, "hours": 12.0, "window_hours": 168.0, "samplings": 3.0, "plan_requests": 80.0}  # fmt: skip


def mixed(members: dict[str, float], others: dict[str, float] = PEOPLE) -> Population:
    size = worlds.PEOPLE + worlds.POOL
    measures = {name: np.full(size, value) for name, value in others.items()}
    for name, value in members.items():
        measures[name][worlds.MEMBERS] = value
    suspects = np.zeros(size, bool)
    suspects[worlds.MEMBERS] = True
    return Population(measures, {}, np.arange(size), suspects, Work.empty(), 168.0)


@pytest.mark.parametrize("signal", HARVEST, ids=lambda signal: signal.name)
def test_a_harvest_stands_out_and_one_of_the_people_does_not(signal: AccountSignal) -> None:
    rng = np.random.default_rng(0)
    planted = signal.as_signal().weigh(worlds.group(), mixed(HARVESTING), rng)
    alike = signal.as_signal().weigh(worlds.group(), mixed(PEOPLE), rng)
    assert isinstance(planted, Reading) and isinstance(alike, Reading)
    assert planted.bits > 0.5 > alike.bits
    assert planted.bits <= signal.cap
    assert planted.statement.endswith(".") and "{" not in planted.statement


@pytest.mark.parametrize("signal", HARVEST, ids=lambda signal: signal.name)
def test_where_everybody_is_like_that_it_says_next_to_nothing(signal: AccountSignal) -> None:
    bits = account_bits(signal, mixed(HARVESTING, HARVESTING))
    assert isinstance(bits, np.ndarray)
    assert (bits <= 0.3).all()


@pytest.mark.parametrize("signal", HARVEST, ids=lambda signal: signal.name)
def test_it_abstains_where_its_columns_are_missing(signal: AccountSignal) -> None:
    people = mixed(PEOPLE)
    without = {name: values for name, values in people.measures.items() if name not in signal.needs}
    found = account_bits(signal, Population(without, {}, people.units, people.suspects, people.reference, 168.0))
    assert isinstance(found, Silence) and "in the input" in found.because


def test_a_technique_is_named_only_beyond_what_others_show() -> None:
    assert beyond(0.9, 0.05)
    assert not beyond(0.3, 0.25)
    assert not beyond(0.05, 0.0)


def test_the_technique_that_stands_out_counts_and_its_absence_hardly() -> None:
    def bits(own: float, usual: float) -> float:
        group = replace(worlds.group(), techniques={"reasoning elicitation": (own, usual)})
        reading = technique.weigh(group, mixed(PEOPLE), np.random.default_rng(0))
        assert isinstance(reading, Reading)
        return reading.bits

    assert bits(0.9, 0.02) > 2
    assert bits(0.9, 0.8) == bits(0.0, 0.0) == -0.3


def test_a_harvest_is_judged_by_the_requests_that_carry_the_scaffold() -> None:
    signal = next(signal for signal in HARVEST if signal.name == "single turns")
    hidden = replace(worlds.group(), carried={"follow_up": np.zeros(worlds.POOL)})
    plain, found = (signal.as_signal().weigh(group, mixed(PEOPLE), np.random.default_rng(0)) for group in (worlds.group(), hidden))
    assert isinstance(plain, Reading) and isinstance(found, Reading)
    assert found.bits > 1 > plain.bits
