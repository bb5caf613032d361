"""Weighing evidence: numbers derived by hand, properties, and what is refused (all items are synthetic)."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.attribution.estimative import WORDS, clipped, word
from stillwatch.attribution.grade import CREDIBILITY, RELIABILITY, Grade
from stillwatch.attribution.hypothesis import ALWAYS, hypotheses, network
from stillwatch.attribution.item import Item
from stillwatch.attribution.sensitivity import sensitivity
from stillwatch.attribution.weighing import bits_for, weigh
from stillwatch.errors import UsageError

NETWORK = network("network--6f7c3f0e-8f5c-5d0e-9d0b-6a3c1f6f6c11", "Slate Heron")
grades = st.builds(Grade, st.sampled_from(list(RELIABILITY)), st.sampled_from(list(CREDIBILITY)))
bits = st.floats(-1000, 1000)


def item(name: str, group: str = "", grade: str = "A1", **weights: float) -> Item:
    named = {key.replace("_", "-"): value for key, value in weights.items()}
    return Item(name, "A synthetic observation.", "synthetic", grade, group or name, named)


@given(grade=grades, value=bits)
def test_a_grade_never_adds_nor_turns_and_bounds_by_the_chance_of_error(grade: Grade, value: float) -> None:
    worth = grade.bounded(value)
    assert abs(worth) <= abs(value) + 1e-9
    assert worth * value >= 0
    assert abs(worth) <= -math.log2(1 - grade.trust) + 1e-9
    assert grade.bounded(-value) == pytest.approx(-worth)


def test_a_grade_by_hand() -> None:
    assert Grade.read("B2").bounded(3.0) == pytest.approx(-math.log2(0.9 / 8 + 0.1))
    assert Grade.read("E1").trust == RELIABILITY["E"][1]


@pytest.mark.parametrize("text", ["", "A", "A7", "G1", "a1", "A1 ", "A１", "1A"])
def test_what_is_no_grade_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Grade.read(text)


def test_without_evidence_all_are_equally_likely() -> None:
    assert {each.probability for each in weigh(ALWAYS, [], {}).values()} == {0.25}


def test_independent_groups_add_and_dependent_items_count_once() -> None:
    one, two = item("a", reseller=2.0), item("b", reseller=2.0)
    alone = bits_for("reseller", [one])
    assert bits_for("reseller", [one, two]) == pytest.approx(2 * alone)
    same = [item("a", "g", reseller=2.0), item("b", "g", reseller=2.0), item("c", "g", reseller=1.0)]
    assert bits_for("reseller", same) == pytest.approx(alone)
    assert bits_for("reseller", [*same, item("d", "g", reseller=-2.0)]) == pytest.approx(0)


def test_probabilities_by_hand() -> None:
    weighed = weigh(ALWAYS, [], {"reseller": 1.0, "look-alike": -1.0})
    assert [each.probability for each in weighed.values()] == pytest.approx([1 / 4.5, 2 / 4.5, 1 / 4.5, 0.5 / 4.5])


@given(values=st.lists(st.tuples(bits, bits, bits), max_size=6))
def test_probabilities_sum_to_one_and_order_does_not_matter(values: list[tuple[float, float, float]]) -> None:
    items = [item(str(n), reseller=a, authorised=b, look_alike=c) for n, (a, b, c) in enumerate(values)]
    weighed = weigh(ALWAYS, items, {})
    assert sum(each.probability for each in weighed.values()) == pytest.approx(1)
    again = weigh(ALWAYS, items[::-1], {})
    assert [w.bits for w in weighed.values()] == pytest.approx([w.bits for w in again.values()])


def test_the_four_always_stand_and_an_organisation_is_no_hypothesis() -> None:
    assert [each.id for each in hypotheses([NETWORK, NETWORK])] == ["unknown", "reseller", "authorised", "look-alike", NETWORK.id]
    for stranger in ("Synthetic Example Org", "organisation--1", "network--1", ""):
        with pytest.raises(UsageError):
            network(stranger, "x")


def test_a_stranger_cannot_be_weighed() -> None:
    with pytest.raises(UsageError, match="no such hypothesis"):
        weigh(ALWAYS, [item("a", somebody=1.0)], {})


@pytest.mark.parametrize(
    "wrong",
    [
        {"bits": {"unknown": 1.0}},
        {"bits": {"reseller": math.nan}},
        {"bits": {"reseller": math.inf}},
        {"grade": "Z9"},
        {"statement": " "},
        {"source": ""},
        {"group": ""},
    ],
)
def test_what_cannot_be_weighed_is_no_item(wrong: dict[str, Any]) -> None:
    right = {"id": "i", "statement": "s", "source": "s", "grade": "A1", "group": "g", "bits": {"reseller": 1.0}}
    with pytest.raises(UsageError):
        Item(**{**right, **wrong})


def test_a_struck_item_no_longer_counts() -> None:
    struck = Item("a", "s", "s", "A1", "g", {"reseller": 5.0}, "", struck="The log was of another day.")
    assert bits_for("reseller", [struck]) == 0
    assert sensitivity(ALWAYS, [struck], {}).without == []


def test_a_linchpin_is_found_and_a_spare_item_is_none() -> None:
    carrying, spare = item("carrying", authorised=9.0), item("spare", look_alike=-0.1)
    found = sensitivity(ALWAYS, [carrying, spare], {})
    assert (found.leader, found.linchpins) == ("authorised", ["carrying"])
    assert found.span[0] == pytest.approx(weigh(ALWAYS, [spare], {})["authorised"].probability)


def test_a_group_falls_together() -> None:
    found = sensitivity(ALWAYS, [item("a", "g", authorised=9.0), item("b", "g", authorised=9.0)], {})
    assert [(each.struck, each.what, each.changes) for each in found.without] == [
        ("a", "item", False),
        ("b", "item", False),
        ("g", "group", True),
    ]


def test_of_equals_unknown_leads() -> None:
    assert sensitivity(ALWAYS, [], {}).leader == "unknown"


@given(probability=st.floats(0, 1))
def test_words_cover_every_probability_in_their_ranges(probability: float) -> None:
    found = word(probability)
    assert found.low <= clipped(probability) <= found.high


def test_words_meet_without_gap() -> None:
    assert [each.high for each in WORDS[:-1]] == [each.low for each in WORDS[1:]]
    assert (word(0).text, word(1).text, word(0.05).text, word(0.95).text) == (
        "almost no chance",
        "almost certain",
        "very unlikely",
        "very likely",
    )
