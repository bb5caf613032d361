"""Usage against plan: seats used as pipes, a plan whose customers all use much, and the heavy users every plan has."""

import numpy as np
import pytest

from stillwatch.signals.account_signal import account_bits
from stillwatch.signals.plan_use import SIGNAL, usual_of_plan
from stillwatch.signals.population import Floats, Ints, Population, Reading, Silence, Work
from tests.signals import worlds

SIZE = worlds.PEOPLE + worlds.POOL


def population(plan: Ints, requests: Floats, output: Floats | None = None) -> Population:
    measures = {"requests": requests, "plan_requests": usual_of_plan(plan, requests)}
    if output is not None:
        measures |= {"output_tokens": output, "plan_output": usual_of_plan(plan, output)}
    suspects = np.zeros(SIZE, bool)
    suspects[worlds.MEMBERS] = True
    known = {name: values for name, values in measures.items() if not np.isnan(values).all()}
    return Population(known, {}, np.arange(SIZE), suspects, Work.empty(), 168.0)


def bits(population: Population) -> float:
    reading = SIGNAL.as_signal().weigh(worlds.group(), population, np.random.default_rng(0))
    assert isinstance(reading, Reading)
    return reading.bits


def people(plan: Ints) -> Floats:
    return np.ceil(np.random.default_rng(1).lognormal(np.where(plan == 0, 2.5, 5.5), 1.2))


def test_flat_rate_seats_used_as_pipes_stand_out() -> None:
    plan = (np.arange(SIZE) % 4 == 0).astype(np.int64)
    requests = people(plan)
    plan[worlds.MEMBERS] = 0
    requests[worlds.MEMBERS] = 200.0
    assert 1.0 < bits(population(plan, requests)) <= SIGNAL.cap


def test_the_same_use_on_a_plan_made_for_it_does_not() -> None:
    plan = (np.arange(SIZE) % 4 == 0).astype(np.int64)
    requests = people(plan)
    plan[worlds.MEMBERS] = 1
    requests[worlds.MEMBERS] = 200.0
    assert bits(population(plan, requests)) < 0.1


def test_few_but_very_long_answers_count_too() -> None:
    plan, requests, output = np.zeros(SIZE, np.int64), np.full(SIZE, 20.0), np.random.default_rng(2).lognormal(8, 1, SIZE)
    output[worlds.MEMBERS] = 500_000.0
    assert bits(population(plan, requests, output)) > 1.0


def test_a_plans_median_is_not_moved_by_a_pool_in_it() -> None:
    plan = np.zeros(SIZE, np.int64)
    requests = people(plan)
    before = usual_of_plan(plan, requests)[0]
    requests[worlds.MEMBERS] = 10_000.0
    assert usual_of_plan(plan, requests)[0] == pytest.approx(before, rel=0.3)


@pytest.mark.parametrize("plan", [np.full(SIZE, -1), np.arange(SIZE)], ids=["unknown", "of one account each"])
def test_it_abstains_without_plans_to_compare_with(plan: Ints) -> None:
    found = account_bits(SIGNAL, population(plan, np.full(SIZE, 20.0)))
    assert isinstance(found, Silence) and "plan" in found.because
