"""Targets and page of a run, from figures made up for the test."""

import pytest

pytest.importorskip("torch", reason="torch is an optional extra of the laboratory")

import itertools

from benchmarks.forensics.accounts import CodeNull, CodePower, Named
from benchmarks.forensics.failures import Failure
from benchmarks.forensics.null import Null
from benchmarks.forensics.page import page
from benchmarks.forensics.planning import Planning
from benchmarks.forensics.power import Power
from benchmarks.forensics.run import Figures, Tried
from benchmarks.forensics.targets import targets
from benchmarks.forensics.trial import Measured
from stillwatch.forensics.finding import Finding, Level
from stillwatch.forensics.verdict import Verdict


def tried(name: str, guilt: str, z: float, level: Level) -> Tried:
    tests = [
        Measured(test, z, 0.5, 1.0, 1000, level, Finding.refusal(test, "synthetic", "made up for a test"))
        for test in ("twins-logprob", "twins-text")
    ]
    return Tried(name, guilt, "synthetic", 1.0, tests, Verdict(level, "synthetic"))


def figures(*, z: float, false: int, uniform_p: float) -> Figures:
    return Figures(
        scale={"accounts": 48},
        pairs=1000,
        cpu_seconds_by_student={},
        cpu_seconds=90.0,
        wall_seconds=60.0,
        students=[
            tried("all", "guilty", z, "E3"),
            tried("twentieth", "guilty", z, "E2"),
            tried("paraphrased", "guilty", z, "E2"),
            tried("strangers", "innocent", 0.1, "insufficient"),
        ],
        accounts=[Named("twins-logprob", 48, 12, 12, false, 900.0, 2.0, 1e-5, 0)],
        codes=[CodePower(160, 3, 3, 0, 900.0, 2.0)],
        null_codes=CodeNull(1000, 0.9, {"20": 9}, {"20": 70}),
        power=[Power("all", "twins-text", {"25": 1.0}, {"25": 0.5})],
        nulls=[Null("twins-text", 2000, uniform_p, {"0.05": 99}, {"0.05": 131}, [200] * 10)],
        planning=[Planning("twins-text", 0.1, 0.5, 0.9, [(1.0, 4.0)])],
        scale_series=[[tried("4 times", "guilty", z, "E2")]] * 2,
        failures=[Failure("naive | method", "p", 4, 2, "refused")],
    )


def test_targets_are_reached_or_missed_by_what_was_measured() -> None:
    assert all(each.reached for each in targets(figures(z=9.5, false=0, uniform_p=0.4)))
    missed = {each.name for each in targets(figures(z=2.5, false=1, uniform_p=0.001)) if not each.reached}
    assert missed == {
        "twins with log-probabilities, all served",
        "text only, all served",
        "text only, 30 % of tokens edited",
        "null: twins-text",
        "accounts by twins-logprob",
    }


def test_the_page_is_tables_of_equal_width() -> None:
    made = figures(z=9.5, false=0, uniform_p=0.4)
    rows = [line for line in page(made, targets(made)).splitlines() if line.startswith("|")]
    assert "| strangers (innocent) |" in "\n".join(rows)
    for head, rule in itertools.pairwise(rows):
        if set(rule) == {"|", "-"}:
            assert head.count("|") == rule.count("|")
    assert "naive / method" in "\n".join(rows)
