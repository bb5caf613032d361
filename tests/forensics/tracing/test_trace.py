"""Tracing over accounts and clusters: planted harvests are named and no others; errors are as declared; power by hand."""

import numpy as np
import pytest
from scipy.stats import binomtest

from stillwatch.forensics.statistics.power import (
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


def test_planning_arithmetic_by_hand() -> None:
    z = expected_z(1000, effect=0.3, share=0.25)
    assert z == pytest.approx(0.3 * np.sqrt(250))
    assert (account_z(z, 4), cluster_z(z, 4)) == (z / 4, z / 2)
    assert power(0.0, alpha=0.05) == pytest.approx(0.05)
    assert power(1.6448536 + 0.8416212, alpha=0.05) == pytest.approx(0.8)
    assert pairs_needed(effect=0.3, share=1, alpha=0.05) == 69  # (1.645 + 0.842)² / 0.09 = 68.7
    assert estimated_share(z, 1000, effect=0.3) == pytest.approx(0.25)
    assert (estimated_share(-1, 1000, effect=0.3), estimated_share(5, 0, effect=0.3), estimated_share(99, 10, effect=0.3)) == (
        0,
        0,
        1,
    )


def test_likelihood_ratio_is_a_ratio_of_two_normal_densities() -> None:
    mean = expected_z(400, effect=0.2, share=0.25)  # 2
    assert likelihood_ratio(3.0, 400, effect=0.2, share=0.25) == pytest.approx(np.exp(-((3 - mean) ** 2) / 2 + 9 / 2))
    assert likelihood_ratio(1e6, 400, effect=0.2, share=0.25) == pytest.approx(1e15)
