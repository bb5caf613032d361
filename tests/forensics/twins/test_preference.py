"""From answers to a finding: swaps change signs alone, errors are as declared, planted effects are found, edges are refused."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, kstest

from stillwatch.forensics.statistics.control_variate import remainder, running_remainder
from stillwatch.forensics.twins.judgement import Circumstances, alike, judge, least_pairs
from stillwatch.forensics.twins.measures import MEASURES, differences, length_control
from stillwatch.forensics.twins.preference import Preference, prefer
from stillwatch.forensics.twins.wording import longest_common_run, rarity, words

TEXT = Circumstances(mechanism="twins-text", hypothesis="S learned from what was served", alpha=0.001)
VOCABULARY = [f"word{n}" for n in range(60)]


def sentences(generator: np.random.Generator, count: int, length: int = 12) -> list[str]:
    return [" ".join(generator.choice(VOCABULARY, size=length)) for _ in range(count)]


def edited(text: str, share: float, generator: np.random.Generator) -> str:
    return " ".join(str(generator.choice(VOCABULARY)) if generator.random() < share else word for word in text.split())


def leaning(generator: np.random.Generator, answers: list[str], served: list[str], withheld: list[str]) -> Preference:
    return prefer(differences([[a] for a in answers], served, withheld), length_control(served, withheld), generator, flips=999)


def test_rarity_and_run_by_hand() -> None:
    assert rarity([{"a"}, {"a", "b"}, {"a"}]) == pytest.approx({"a": 0, "b": np.log(4 / 2)})
    assert longest_common_run(list("xabcabd"), list("abdyabc")) == 3
    assert longest_common_run([], ["a"]) == 0
    assert words("ＦＵＬＬ Straße") == ["full", "strasse"]


def test_the_words_measure_by_hand() -> None:
    # twins {a, b} and {a, c}; b and c are each in one of two texts: weight ln(3/2); the answer holds b alone: w / sqrt(2w)
    row = differences([["b"]], ["a b"], ["a c"])[0]
    assert row[MEASURES.index("words")] == pytest.approx(np.sqrt(np.log(1.5) / 2))
    assert row[MEASURES.index("phrases")] == 0


@given(
    st.lists(
        st.tuples(st.text("ab c", max_size=9), st.text("ab c", max_size=9), st.text("ab c", max_size=9)), min_size=1, max_size=6
    )
)
def test_swapping_all_twins_changes_the_sign_and_nothing_else(rows: list[tuple[str, str, str]]) -> None:
    answers, served, withheld = [[row[0]] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
    assert np.array_equal(differences(answers, served, withheld), -differences(answers, withheld, served))
    assert np.allclose(length_control(served, withheld), -length_control(withheld, served))


@given(st.integers(0, 10_000))
def test_flips_of_single_pairs_change_no_magnitude_of_a_remainder(seed: int) -> None:
    generator = np.random.default_rng(seed)
    table, controls = generator.normal(size=(9, 2)), generator.normal(size=(9, 3))
    signs = generator.choice([1.0, -1.0], size=(9, 1))
    for corrected in (remainder, running_remainder):
        assert np.allclose(corrected(signs * table, signs * controls), signs * corrected(table, controls), atol=1e-6)


def test_a_control_that_explains_takes_out_noise_and_leaves_the_effect() -> None:
    generator = np.random.default_rng(2)
    shared = generator.normal(size=(200, 1))
    scores = 0.2 + shared + 0.1 * generator.normal(size=(200, 1))
    alone, corrected = (
        prefer(scores, c, generator, flips=999) for c in (np.zeros((200, 1)), shared + 0.05 * generator.normal(size=(200, 1)))
    )
    assert corrected.z > 2 * alone.z
    assert corrected.e_value > alone.e_value


def test_p_values_are_uniform_when_the_suspect_never_saw_an_answer() -> None:
    generator = np.random.default_rng(11)
    found = []
    for _ in range(2_000):
        shared = generator.normal(size=(30, 1))
        table = shared + generator.standard_t(3, size=(30, 3))
        found.append(prefer(table, np.hstack([shared, generator.normal(size=(30, 1))]), generator, flips=999))
    p = np.array([one.p_value for one in found])
    e = np.array([one.wealth.max() for one in found])
    assert kstest(p, "uniform").pvalue > 0.01
    for alpha in (0.05, 0.01, 0.001):
        assert binomtest(int((p <= alpha).sum()), len(p), alpha, alternative="greater").pvalue > 0.001
        assert binomtest(int((e >= 1 / alpha).sum()), len(e), alpha, alternative="greater").pvalue > 0.001


def test_a_suspect_that_repeats_a_third_of_what_was_served_is_found_from_text() -> None:
    generator = np.random.default_rng(4)
    served, withheld, own = (sentences(generator, 150) for _ in range(3))
    learned = [edited(s, 0.7, generator) for s in served]
    guilty, innocent = leaning(generator, learned, served, withheld), leaning(generator, own, served, withheld)
    assert guilty.p_value == 0.001
    assert judge(guilty, TEXT, twins_alike=True).level == "E2"
    assert innocent.p_value > 0.01
    assert judge(innocent, TEXT, twins_alike=True).level == "insufficient"


def test_an_answer_that_is_missing_is_no_preference() -> None:
    generator = np.random.default_rng(4)
    served, withheld = sentences(generator, 40), sentences(generator, 40)
    answers: list[list[str]] = [[] for _ in served]
    nothing = prefer(differences(answers, served, withheld), length_control(served, withheld), generator, flips=99)
    assert (nothing.scored, nothing.preferred, nothing.p_value, nothing.e_value) == (0, 0, 1, 1)


def some(**changes: object) -> Preference:
    values = {
        "p_value": 0.0001,
        "e_value": 5000.0,
        "z": 5.0,
        "single_z": 5.0,
        "pairs": 100,
        "scored": 100,
        "preferred": 80,
        "wealth": np.ones(100),
    }
    return Preference(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("preference", "changes", "twins_alike", "why"),
    [
        (some(scored=19), {}, True, "19 usable pairs are too few, at least 20 are needed"),
        (
            some(),
            {"faults": ["a record is not in the ledger (1 of 9)"]},
            True,
            "the pairs do not match their records: a record is not in the ledger (1 of 9)",
        ),
        (some(), {"unusable": "the suspect refused 90 of 100 prompts"}, True, "the suspect refused 90 of 100 prompts"),
        (
            some(),
            {},
            False,
            "served and withheld answers differ in length by more than chance allows, so they were not drawn alike",
        ),
    ],
)
def test_what_may_not_be_judged_carries_no_number(
    preference: Preference, changes: dict[str, object], twins_alike: bool, why: str
) -> None:
    finding = judge(preference, msgspec.structs.replace(TEXT, **changes), twins_alike=twins_alike)
    assert (finding.refused, finding.level) == (why, "insufficient")
    assert (finding.p_value, finding.e_value, finding.effect, finding.interval) == (None, None, None, None)


def test_reused_coins_and_early_stops_count_by_their_e_value() -> None:
    for changes in ({"reused_by": ["plan-1"]}, {"may_stop": True}):
        finding = judge(some(e_value=50.0), msgspec.structs.replace(TEXT, **changes), twins_alike=True)
        assert (finding.p_value, finding.level) == (0.02, "insufficient")
        assert len(finding.assumptions) == 3


def test_without_records_a_result_is_a_lead() -> None:
    finding = judge(some(), msgspec.structs.replace(TEXT, recorded=False), twins_alike=True)
    assert finding.level == "E1"
    assert "provider's word" in finding.assumptions[-1]


def test_fewest_pairs() -> None:
    assert least_pairs(0.05) == 20
    assert least_pairs(2.0**-30) == 30


def test_twins_of_different_length_were_not_drawn_alike() -> None:
    generator = np.random.default_rng(0)
    assert alike(generator.normal(size=(60, 1)), generator)
    assert not alike(1 + 0.1 * generator.normal(size=(60, 1)), generator)
    assert not alike(-1 + 0.1 * generator.normal(size=(60, 1)), generator)
