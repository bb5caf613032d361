"""Tracing over accounts and clusters: planted harvests are named and no others; errors are as declared; power by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from stillwatch.forensics.statistics.power import (
    PairEffect,
    account_z,
    cluster_z,
    estimated_share,
    expected_z,
    likelihood_ratio,
    pairs_needed,
    power,
)
from stillwatch.forensics.tracing.trace import TraceRules, trace

ACCOUNTS = [f"acct-{n}" for n in range(48)]
CLUSTERS = {f"cluster-{n}": ACCOUNTS[n * 8 : n * 8 + 8] for n in range(6)}


def scores(generator: np.random.Generator, pairs: int, effect_of: dict[str, float]) -> tuple[np.ndarray, list[str]]:
    account_of = [account for _ in range(pairs) for account in ACCOUNTS]
    means = np.array([effect_of.get(account, 0.0) for account in account_of])
    return (means + generator.normal(size=len(means)))[:, None], account_of


def test_all_training_accounts_are_named_and_no_others() -> None:
    generator = np.random.default_rng(8)
    guilty = [a for name in ("cluster-1", "cluster-4") for a in CLUSTERS[name]]
    table, account_of = scores(generator, 60, dict.fromkeys(guilty, 0.8))
    found = trace(table, np.zeros_like(table), account_of, CLUSTERS, TraceRules(0.001, 0.01, flips=19_999), generator)
    assert sorted(found.named) == sorted(guilty)
    shown = {group.name for group in found.groups if group.shown}
    assert {"campaign", "cluster-1", "cluster-4"} <= shown <= {"campaign", "cluster-1", "cluster-4", *guilty}


def test_betting_alone_decides_when_coins_were_reused() -> None:
    generator = np.random.default_rng(9)
    table, account_of = scores(generator, 60, dict.fromkeys(CLUSTERS["cluster-0"], 0.9))
    found = trace(table, np.zeros_like(table), account_of, CLUSTERS, TraceRules(0.001, 0.01, by_betting=True), generator)
    top = found.groups[0]
    assert top.p_value == pytest.approx(1 / np.mean([g.e_value for g in found.groups if g.kind == "account"]))
    assert sorted(found.named) == sorted(CLUSTERS["cluster-0"])


def test_nothing_below_a_group_that_was_not_shown_is_looked_at() -> None:
    generator = np.random.default_rng(1)
    table, account_of = scores(generator, 5, {})
    found = trace(table, np.zeros_like(table), account_of, CLUSTERS, TraceRules(0.001, 0.01), generator)
    assert [group.p_value is None for group in found.groups] == [False] + [True] * (6 + 48)
    assert found.named == []


def test_a_false_group_or_name_is_as_rare_as_declared() -> None:
    generator = np.random.default_rng(2)
    false_groups = false_names = 0
    accounts = ["a", "b", "c", "d"] * 10
    for _ in range(500):
        table = generator.standard_t(3, size=(40, 1))
        found = trace(table, np.zeros_like(table), accounts, {"left": ["a", "b"]}, TraceRules(0.05, 0.05, flips=499), generator)
        false_groups += any(group.shown for group in found.groups)
        false_names += bool(found.named)
    for count in (false_groups, false_names):
        assert binomtest(count, 500, 0.05, alternative="greater").pvalue > 0.001


def test_accounts_of_no_cluster_hang_under_the_campaign() -> None:
    table = np.ones((40, 1))
    found = trace(
        table,
        0 * table,
        ["x", "y"] * 20,
        {"left": ["x"], "empty": ["z"]},
        TraceRules(0.05, 0.05, flips=999),
        np.random.default_rng(0),
    )
    assert [(g.name, g.kind, g.pairs) for g in found.groups] == [
        ("campaign", "campaign", 40),
        ("left", "cluster", 20),
        ("x", "account", 20),
        ("y", "account", 20),
    ]


HALF = PairEffect(0.3, 0.5)


def test_planning_arithmetic_by_hand() -> None:
    z = expected_z(1000, HALF, share=0.25)
    assert z == pytest.approx(0.3 * np.sqrt(250))
    assert expected_z(100, PairEffect(0.3, 2.0), share=0.1) == pytest.approx(0.03)
    assert (account_z(z, 4), cluster_z(z, 4)) == (z / 4, z / 2)
    assert power(0.0, alpha=0.05) == pytest.approx(0.05)
    assert power(1.6448536 + 0.8416212, alpha=0.05) == pytest.approx(0.8)
    assert pairs_needed(HALF, share=1, alpha=0.05) == 69  # (1.645 + 0.842)² / 0.09 = 68.7
    assert pairs_needed(HALF, share=0.25, alpha=0.05) == 275


@given(st.floats(0.01, 1), st.floats(0.1, 2), st.floats(0.05, 1))
def test_the_estimated_share_is_the_one_that_gives_z(size: float, fading: float, share: float) -> None:
    effect = PairEffect(size, fading)
    assert estimated_share(expected_z(1000, effect, share=share), 1000, effect) == pytest.approx(share)


def test_no_share_is_beyond_none_and_all() -> None:
    assert [estimated_share(-1, 1000, HALF), estimated_share(5, 0, HALF), estimated_share(99, 10, HALF)] == [0, 0, 1]


@pytest.mark.parametrize("z", [-4.0, 0.0, 1.0, 3.0, 6.0, 9.0])
def test_likelihood_ratio_is_the_mean_ratio_of_normal_densities(z: float) -> None:
    means = np.linspace(0, 4, 40_001)  # 0.2 · √400
    ratios = np.exp(means * z - means**2 / 2)
    assert likelihood_ratio(z, 400, PairEffect(0.2, 0.5)) == pytest.approx(np.trapezoid(ratios, means) / 4, rel=1e-4)


def test_likelihood_ratio_is_cut_and_says_nothing_without_pairs() -> None:
    assert likelihood_ratio(60.0, 400, HALF) == pytest.approx(1e15)
    assert likelihood_ratio(0.0, 0, HALF) == 1.0
    assert likelihood_ratio(-30.0, 400, HALF) < 1e-1
