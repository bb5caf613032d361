"""Examinations of guilty, innocent and misbehaving suspects, from a frozen plan to a result. All models are synthetic."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from stillwatch.forensics.documents import write_lines
from stillwatch.forensics.examination.result import Examination, Examined
from stillwatch.forensics.plan.registration import LOOK, PLAN, SERVING
from tests.forensics.examination.bench import GUILTY, INNOCENT, PAIRS, REFERENCE, Bench
from tests.forensics.fake_server import Behaviour
from tests.forensics.synthetic_world import Student, served


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def only(examination: Examination, mechanism: str = "twins-text") -> Examined:
    (found,) = [one for one in examination.findings if one.finding.mechanism == mechanism]
    return found


def test_a_guilty_suspect_is_found_by_text_and_by_log_probabilities(bench: Bench) -> None:
    choices = bench.record(PAIRS) | {
        "mechanisms": ("twins-text", "twins-logprob"),
        "reference": bench.serve("reference", REFERENCE),
    }
    plan = bench.plan(bench.serve("suspect", GUILTY), **choices, clusters={"left": ["acct-0", "acct-1"]})
    result = bench.examine(plan)
    text, scores = only(result), only(result, "twins-logprob")
    assert (text.finding.level, scores.finding.level) == ("E2", "E2")
    assert (text.finding.counted, scores.finding.counted) == (120, 120)
    assert scores.z is not None and text.z is not None and scores.z > text.z > 3
    assert result.verdict.level == "E2"  # two readings of the same coins are one mechanism
    assert result.trace is not None
    assert result.trace.named == [f"acct-{n}" for n in (2, 0, 3, 1)] or sorted(result.trace.named) == [
        f"acct-{n}" for n in range(4)
    ]
    assert text.share is not None and text.share.traced_at_least > 0
    assert scores.likelihood is not None and scores.likelihood.ratio > 100
    assert scores.wealth[-1] == (120, pytest.approx(scores.finding.e_value))


def test_an_innocent_suspect_of_the_same_teacher_is_not(bench: Bench) -> None:
    choices = bench.record(PAIRS) | {
        "mechanisms": ("twins-text", "twins-logprob"),
        "reference": bench.serve("reference", REFERENCE),
    }
    result = bench.examine(bench.plan(bench.serve("suspect", INNOCENT), **choices))
    assert result.verdict.level == "insufficient"
    for mechanism in ("twins-text", "twins-logprob"):
        finding = only(result, mechanism).finding
        assert finding.refused is None
        assert finding.p_value is not None and finding.p_value > 0.001
        assert "chance explains" in finding.statement
    assert result.trace is not None and result.trace.named == []


def test_the_look_is_entered_before_the_first_question_and_once(bench: Bench) -> None:
    plan = bench.plan(bench.serve("suspect", GUILTY))
    first = bench.examine(plan)
    asked = len(bench.servers["suspect"].asked)
    again = bench.examine(plan)
    assert [row.kind for row in bench.ledger.rows] == [PLAN, LOOK]
    assert len(bench.servers["suspect"].asked) == asked  # everything was kept
    assert msgspec.structs.replace(again, cost=first.cost) == first
    assert only(first).finding.level == "E1"  # no serving records


def test_a_run_may_stop_when_it_has_seen_enough(bench: Bench) -> None:
    plan = bench.plan(bench.serve("suspect", GUILTY), **bench.record(PAIRS), mechanisms=("twins-logprob",), stop_at=1000.0)
    found = only(bench.examine(plan), "twins-logprob")
    assert found.finding.counted == 50
    assert found.finding.e_value is not None and found.finding.e_value >= 1000
    assert found.finding.p_value == pytest.approx(1 / found.finding.e_value)
    assert found.finding.level == "E2"


REFUSES: Behaviour = lambda prompt, served: (200, "I'm sorry, but I can't help with that.")  # noqa: E731
ECHOES: Behaviour = lambda prompt, served: (200, prompt)  # noqa: E731
SILENT: Behaviour = lambda prompt, served: (200, "")  # noqa: E731
LIMITS: Behaviour = lambda prompt, served: (429, "slow down")  # noqa: E731
CONSTANT: Behaviour = lambda prompt, served: (200, "This is a fine question about many things.")  # noqa: E731
RANDOM: Behaviour = lambda prompt, served: (200, " ".join(f"r{n}" for n in served.generator.integers(0, 500, 30)))  # noqa: E731


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        (REFUSES, "gave 0 answers of use to 120 questions: 120 declined"),
        (ECHOES, "gave 0 answers of use to 120 questions: 120 a repetition of the question"),
        (SILENT, "gave 0 answers of use to 120 questions: 120 empty"),
        (LIMITS, "gave 0 answers of use to 120 questions: 120 failed (HTTP 429"),
        (CONSTANT, "gave 0 answers of use to 120 questions: 120 the same as to other questions"),
        (RANDOM, "have nothing to do with the prompts"),
    ],
)
def test_a_suspect_that_gives_nothing_is_neither_guilty_nor_innocent(bench: Bench, behaviour: Behaviour, why: str) -> None:
    result = bench.examine(bench.plan(bench.serve("suspect", GUILTY, behaviour), **bench.record(PAIRS)))
    found = only(result)
    assert found.finding.refused is not None and why in found.finding.refused
    assert (found.finding.p_value, found.finding.e_value, found.z, found.likelihood, found.share, found.wealth) == (
        None,
        None,
        None,
        None,
        None,
        [],
    )
    assert (result.verdict.level, result.trace) == ("insufficient", None)


def test_scores_that_change_each_time_are_refused(bench: Bench) -> None:
    suspect = bench.serve("suspect", GUILTY, random_scores=True)
    result = bench.examine(bench.plan(suspect, **bench.record(PAIRS), mechanisms=("twins-logprob",)))
    assert (
        only(result, "twins-logprob").finding.refused
        == "the suspect scores the same text differently each time, so its scores mean nothing"
    )


def test_a_suspect_that_truncates_is_still_read(bench: Bench) -> None:
    short: Behaviour = lambda prompt, one: (200, " ".join(one.student.answer(prompt, one.generator).split()[:12]))  # noqa: E731
    found = only(bench.examine(bench.plan(bench.serve("suspect", INNOCENT, short), **bench.record(PAIRS))))
    assert found.finding.refused is None
    assert found.finding.level == "insufficient"


def test_too_few_pairs_are_no_evidence(bench: Bench) -> None:
    few = PAIRS[:12]
    result = bench.examine(
        bench.plan(bench.serve("suspect", Student(served(few))), few, **bench.record(few), mechanisms=("twins-logprob",))
    )
    assert only(result, "twins-logprob").finding.refused == "12 usable pairs are too few, at least 20 are needed"


def changed_served(bench: Bench) -> None:
    lines = (bench.folder / "twins.jsonl").read_text()
    (bench.folder / "twins.jsonl").write_text(lines.replace("c1 ", "c2 ", 1))


def dropped_pair(bench: Bench) -> None:
    write_lines(bench.folder / "twins.jsonl", PAIRS[:-1])


def forgotten_entries(bench: Bench) -> None:
    bench.ledger.rows = [row for row in bench.ledger.rows if row.kind != SERVING]


def unregistered(bench: Bench) -> None:
    bench.ledger.rows = [row for row in bench.ledger.rows if row.kind != PLAN]


@pytest.mark.parametrize(
    ("tamper", "why"),
    [
        (changed_served, "the file of twins is not the one that was planned with"),
        (dropped_pair, "a serving record has no pair (1 of 120)"),
        (forgotten_entries, "a record is not in the ledger (120 of 120)"),
        (unregistered, "the plan's digest is not in the ledger"),
    ],
)
def test_what_does_not_match_the_ledger_is_refused_and_nobody_is_asked(
    bench: Bench, tamper: Callable[[Bench], None], why: str
) -> None:
    plan = bench.plan(bench.serve("suspect", GUILTY), **bench.record(PAIRS))
    tamper(bench)
    finding = only(bench.examine(plan)).finding
    assert finding.refused is not None and why in finding.refused
    assert bench.servers["suspect"].asked == []


def test_a_pair_left_out_before_planning_is_found_by_the_records(bench: Bench) -> None:
    choices = bench.record(PAIRS)
    finding = only(bench.examine(bench.plan(bench.serve("suspect", GUILTY), PAIRS[:-5], **choices))).finding
    assert finding.refused is not None and "a serving record has no pair (5 of 120)" in finding.refused


def test_a_plan_changed_after_looking_is_a_lead_at_most(bench: Bench) -> None:
    choices = bench.record(PAIRS) | {"mechanisms": ("twins-logprob",)}
    suspect = bench.serve("suspect", GUILTY)
    bench.examine(bench.plan(suspect, **choices))
    result = bench.examine(bench.plan(suspect, **choices, alpha=0.01))
    assert result.standing.changed_after_looking
    finding = only(result, "twins-logprob").finding
    assert (finding.level, result.verdict.level, result.trace) == ("E1", "E1", None)
    assert "changed after the suspect had been looked at" in finding.assumptions[-1]


def test_coins_of_another_examination_count_by_their_e_value(bench: Bench) -> None:
    choices = bench.record(PAIRS) | {"mechanisms": ("twins-logprob",)}
    bench.examine(bench.plan(bench.serve("other", INNOCENT), **choices))
    result = bench.examine(bench.plan(bench.serve("suspect", GUILTY), **choices, name="second"))
    finding = only(result, "twins-logprob").finding
    assert result.standing.reused_by == ["exam, of other"]
    assert finding.e_value is not None and finding.p_value == pytest.approx(1 / finding.e_value)
    assert any("only e-values count" in sentence for sentence in finding.assumptions)


def test_the_suspect_cannot_tell_twins_by_their_order(bench: Bench) -> None:
    bench.examine(bench.plan(bench.serve("suspect", INNOCENT), mechanisms=("twins-logprob",)))
    kinds = {pair.prompt + "\n" + pair.served: 1 for pair in PAIRS} | {pair.prompt + "\n" + pair.withheld: 0 for pair in PAIRS}
    asked = [kinds[body["prompt"]] for body in bench.servers["suspect"].asked]
    assert 20 < sum(a != b for a, b in zip(asked[::2], asked[1::2], strict=True)) < 100
    assert 30 < sum(asked[:100]) < 70
