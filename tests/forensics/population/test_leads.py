"""Leads and what proves nothing: ranks by hand, the reject class, self-identity. All texts are synthetic."""

import numpy as np
import pytest
from scipy.stats import kstest

from stillwatch.forensics.finding import Finding
from stillwatch.forensics.population.identity import asked_identity
from stillwatch.forensics.population.ranking import lead, rank
from stillwatch.forensics.population.style import UNKNOWN, attribute, likeness


def ranked(score: float, controls: list[float]) -> Finding:
    return lead(rank(score, {f"c{n}": value for n, value in enumerate(controls)}), subject="style", hypothesis="h")


def test_ranks_by_hand() -> None:
    assert rank(2.0, {"a": 1.0, "b": 2.0, "c": 3.0}).p_value == 3 / 4  # a tie counts against us
    finding = ranked(9.0, [float(n) for n in range(9)] + [0.0] * 90)
    assert (finding.p_value, finding.level) == (0.01, "E1")
    assert "This is a lead, not proof." in finding.statement


def test_few_controls_are_said_to_be_few_and_give_no_lead() -> None:
    finding = ranked(9.0, [1.0] * 9)
    assert (finding.p_value, finding.level) == (0.1, "insufficient")
    assert "9 controls are few" in finding.statement
    assert ranked(9.0, []).refused == "there is no control; 99 are wanted"


def test_ranks_are_uniform_if_the_suspect_is_one_of_the_population() -> None:
    generator = np.random.default_rng(6)
    p = [rank(x[0], dict(enumerate(x[1:]))).p_value - generator.random() / 100 for x in generator.normal(size=(2_000, 100))]  # type: ignore[arg-type]
    assert kstest(p, "uniform").pvalue > 0.01


def voice(generator: np.random.Generator, words: list[str]) -> list[str]:
    return [" ".join(generator.choice(words, size=30)) for _ in range(20)]


def test_style_names_the_teacher_of_a_student_and_nobody_for_a_stranger() -> None:
    generator = np.random.default_rng(3)
    lexicons = {"ours": ["indeed", "therefore", "lemma"], "theirs": ["okay", "folks", "awesome"]}
    first, second = ({name: voice(generator, words) for name, words in lexicons.items()} for _ in range(2))
    student, stranger = voice(generator, lexicons["ours"]), voice(generator, ["zoom", "grumble", "therefore"])
    found = attribute(student, first, second)
    assert (found.level, "ours is nearest" in found.statement) == ("E0", True)
    assert attribute(stranger, first, second).level == "insufficient"
    assert "nobody's on the list" in attribute(stranger, first, second).statement
    assert UNKNOWN not in first


def test_style_without_a_choice_or_an_answer_is_refused() -> None:
    assert attribute(["text"], {"ours": ["a"]}, {"ours": ["a"]}).refused
    assert attribute(["", ""], {"a": ["x"], "b": ["y"]}, {"a": ["x"], "b": ["y"]}).refused
    assert likeness([], ["text"]) == 0


@pytest.mark.parametrize(
    ("answers", "effect", "level"),
    [
        (["I am EXAMPLE-1.", "No."], 0.5, "E0"),
        (["I am Example-12.", "AnExample-1 no"], 0.0, "insufficient"),
        ([" ", ""], None, "insufficient"),
    ],
)
def test_identity_is_worth_nothing(answers: list[str], effect: float | None, level: str) -> None:
    finding = asked_identity(answers, ["Example-1"])
    assert (finding.effect, finding.level, finding.p_value) == (effect, level, None)
