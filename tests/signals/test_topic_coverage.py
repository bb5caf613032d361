"""Topic coverage: a pool that walks over topics once, people who come back, and those who all send the same."""

from dataclasses import replace

import numpy as np
import pytest

from stillwatch.signals.population import Coverage, Ints, Reading, Silence
from stillwatch.signals.topic_coverage import SIGNAL, coming_back, coverage
from stillwatch.traffic.simulate.prose import write
from tests.signals import worlds

ACCOUNTS, EACH = 30, 4
ACCOUNT = np.repeat(np.arange(ACCOUNTS), EACH)
FIXED = ("Solve what follows and show every step. ", "Löse das Folgende und zeige jeden Schritt. ")
"""Two wordings of one scaffold."""


def sent(topics: Ints, *, script: int = 0, before: tuple[str, ...] = ("",), seed: int = 0) -> tuple[Ints, list[str]]:
    rng = np.random.default_rng(seed)
    texts = write(np.full(len(topics), 4), np.full(len(topics), script), topics, rng).to_pylist()
    return ACCOUNT, [before[i % len(before)] + text for i, text in enumerate(texts)]


WALKED = np.random.default_rng(1).permutation(600)[: len(ACCOUNT)]
OWN = np.random.default_rng(2).permutation(600)[:ACCOUNTS][ACCOUNT]


def bits(found: Coverage | None) -> float:
    reading = SIGNAL.weigh(
        replace(worlds.group(), coverage=found), worlds.population(np.random.default_rng(0)), np.random.default_rng(0)
    )
    assert isinstance(reading, Reading)
    return reading.bits


@pytest.mark.parametrize("script", range(6))
def test_a_pool_that_walks_over_topics_stands_out_in_every_script_and_wording(script: int) -> None:
    found = coverage(sent(WALKED, script=script, before=FIXED), sent(OWN, script=script, seed=5))
    assert found is not None and found.back < found.usual / 2
    assert 0.7 < bits(found) <= 2.0


def test_users_of_one_app_who_come_back_to_their_own_matters_do_not() -> None:
    assert bits(coverage(sent(OWN, before=FIXED[:1]), sent(OWN, seed=5))) <= 0


def test_accounts_that_all_send_the_same_texts_cover_nothing() -> None:
    exam = sent(WALKED)[1][:EACH] * ACCOUNTS
    assert coming_back(ACCOUNT, exam) == 1.0


@pytest.mark.parametrize(
    "found",
    [
        coverage(sent(WALKED), (ACCOUNT[:8], sent(OWN)[1][:8])),
        coverage((np.arange(len(ACCOUNT)), sent(WALKED)[1]), sent(OWN)),
        coverage(sent(WALKED), sent(np.random.default_rng(9).permutation(600)[: len(ACCOUNT)], seed=9)),
    ],
    ids=["few texts", "one text an account", "nobody comes back"],
)
def test_it_abstains(found: Coverage | None) -> None:
    group = replace(worlds.group(), coverage=found)
    assert isinstance(SIGNAL.weigh(group, worlds.population(np.random.default_rng(0)), np.random.default_rng(0)), Silence)


def test_empty_texts_and_lone_surrogates_do_no_harm() -> None:
    assert coming_back(ACCOUNT, ["\ud800" if i % 2 else "" for i in range(len(ACCOUNT))]) == 1.0
