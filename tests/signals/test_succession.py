"""Signals about what happens around a ban and a release: the planted effect, and its look-alike."""

from dataclasses import replace

import numpy as np

from stillwatch.signals import release_pivot, takeover
from stillwatch.signals.population import Population, Reading, Silence
from tests.signals import worlds

DAY = 86_400.0
HALF = worlds.MEMBERS[: worlds.POOL // 2]
REST = worlds.MEMBERS[worlds.POOL // 2 :]


def banned(first_of_rest: float) -> Population:
    """Half of the members are stopped at day 3; the others begin at ``first_of_rest`` (days); people begin at any time."""
    rng = np.random.default_rng(0)
    people = worlds.population(rng)
    first = rng.uniform(0, 7 * DAY, len(people))
    stopped = np.full(len(people), np.nan)
    first[HALF], stopped[HALF] = 0.0, 3 * DAY
    first[REST] = first_of_rest * DAY
    return replace(people, measures={**people.measures, "first": first, "stopped": stopped})


def test_a_pool_that_begins_when_the_other_was_stopped_is_its_heir() -> None:
    heirs = takeover.weigh(worlds.group(), banned(3.5), np.random.default_rng(0))
    bystanders = takeover.weigh(worlds.group(), banned(0.1), np.random.default_rng(0))
    assert isinstance(heirs, Reading) and isinstance(bystanders, Reading)
    assert heirs.bits > 3 and heirs.accounts == len(REST)
    assert bystanders.bits < 0


def test_takeover_needs_stopped_members() -> None:
    people = worlds.population(np.random.default_rng(0))
    first = np.zeros(len(people))
    nobody = replace(people, measures={**people.measures, "first": first, "stopped": np.full(len(people), np.nan)})
    assert isinstance(takeover.weigh(worlds.group(), nobody, np.random.default_rng(0)), Silence)


def test_moving_to_a_new_model_counts_beyond_what_others_do() -> None:
    people = worlds.population(np.random.default_rng(0))

    def moved(own: float, others: float) -> Reading | Silence:
        share = np.full(len(people), others)
        share[worlds.MEMBERS] = own
        world = replace(people, measures={**people.measures, "moved": share})
        return release_pivot.weigh(worlds.group(), world, np.random.default_rng(0))

    pivot, enthusiasm = moved(0.6, 0.05), moved(0.6, 0.6)
    assert isinstance(pivot, Reading) and isinstance(enthusiasm, Reading)
    assert pivot.bits == 2.5 and enthusiasm.bits == 0.0
