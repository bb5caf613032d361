"""What only people may do: judge, dissent, name (all names are synthetic)."""

from datetime import UTC, datetime

import msgspec
import pytest

from stillwatch.attribution.actor import Actor
from stillwatch.attribution.assessment import Assessment, Prior, dissented, judged
from stillwatch.attribution.item import Item
from stillwatch.attribution.naming import propose, review, withdraw
from stillwatch.attribution.person import same_person
from stillwatch.errors import RefusedByPolicy, UsageError

DAY = datetime(2026, 11, 2, tzinfo=UTC)
ANN, BO = "Ann Analyst", "Bo Reviewer"
ACTOR = Actor(id="network--6f7c3f0e-8f5c-5d0e-9d0b-6a3c1f6f6c11", name="Slate Heron", campaigns=["campaign--1"])


def draft() -> Assessment:
    contract = Item("i1", "A contract is on file.", "contracts#4", "A1", "contract", {"authorised": 9.0})
    return Assessment(subject="case-1", items=[contract])


def test_a_judgement_has_a_name_a_date_a_confidence_and_a_reason() -> None:
    made = judged(draft(), "authorised", "high", "The contract covers it.", ANN, DAY).judgement
    assert made is not None
    assert (made.analyst, made.at, made.confidence, made.departs) == (ANN, "2026-11-02T00:00:00+00:00", "high", False)
    assert made.told.startswith("very likely (80 to 95 %")


def test_a_judgement_may_depart_and_says_so() -> None:
    made = judged(draft(), "reseller", "low", "The contract looks forged.", ANN, DAY).judgement
    assert made is not None and made.departs


@pytest.mark.parametrize(
    ("hypothesis", "confidence", "reason", "by"),
    [
        ("Synthetic Org", "high", "x", ANN),
        ("unknown", "certain", "x", ANN),
        ("unknown", "high", " ", ANN),
        ("unknown", "high", "x", ""),
    ],
)
def test_a_judgement_that_lacks_something_is_none(hypothesis: str, confidence: str, reason: str, by: str) -> None:
    with pytest.raises((UsageError, msgspec.ValidationError)):
        judged(draft(), hypothesis, confidence, reason, by, DAY)  # type: ignore[arg-type]


def test_dissent_stands_beside_the_judgement() -> None:
    made = judged(draft(), "authorised", "high", "The contract covers it.", ANN, DAY)
    both = dissented(made, "unknown", "The contract is of last year.", BO, DAY)
    assert (both.judgement, [each.by for each in both.dissents]) == (made.judgement, [BO])
    for refused in (
        lambda: dissented(draft(), "unknown", "x", BO, DAY),
        lambda: dissented(made, "unknown", "x", "ANN analyst", DAY),
    ):
        with pytest.raises(RefusedByPolicy):
            refused()


def test_an_assessment_comes_back_from_json_as_it_was() -> None:
    made = dissented(judged(draft(), "authorised", "high", "Yes.", ANN, DAY), "unknown", "No.", BO, DAY)
    assert msgspec.json.decode(msgspec.json.encode(made), type=Assessment) == made


def test_what_cannot_be_weighed_is_no_assessment() -> None:
    one = draft().items[0]
    with pytest.raises(UsageError, match="two items"):
        Assessment(subject="x", items=[one, one])
    with pytest.raises(UsageError, match="no reason"):
        Assessment(subject="x", items=[], priors=[Prior("reseller", 3.0, "")])
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"subject": "x", "items": [{"id": "i"}]}', type=Assessment)


def test_a_name_needs_two_people() -> None:
    asked = propose("Synthetic Example Org", "Its invoice was there.", ANN, DAY)
    assert (asked.stands, asked.open) == (False, True)
    agreed, declined = (review(asked, answer, "I have read it.", BO, DAY) for answer in (True, False))
    assert (agreed.stands, declined.stands, declined.open) == (True, False, False)
    with pytest.raises(RefusedByPolicy):
        review(agreed, True, "Again.", "Cy Third", DAY)


@pytest.mark.parametrize("spelling", ["Ann Analyst", "ANN ANALYST", " ann\tanalyst ", "Ann-Analyst", "Аnn Analyst", "Ａnn Analyst"])
def test_one_person_is_not_two_by_spelling(spelling: str) -> None:
    assert same_person(ANN, spelling)
    with pytest.raises(RefusedByPolicy):
        review(propose("Synthetic Example Org", "Because.", ANN, DAY), True, "Yes.", spelling, DAY)


def test_a_name_that_is_withdrawn_no_longer_stands_and_is_not_forgotten() -> None:
    standing = review(propose("Synthetic Example Org", "Because.", ANN, DAY), True, "Yes.", BO, DAY)
    gone = withdraw(standing, "The invoice was forged.", BO, DAY)
    assert (gone.stands, gone.organisation) == (False, "Synthetic Example Org")
    with pytest.raises(RefusedByPolicy):
        withdraw(gone, "Again.", BO, DAY)


def test_a_profile_names_nobody_until_a_name_stands() -> None:
    asked = propose("Synthetic Example Org", "Because.", ANN, DAY)
    assert msgspec.structs.replace(ACTOR, namings=[asked]).organisation is None
    agreed = review(asked, True, "Yes.", BO, DAY)
    assert msgspec.structs.replace(ACTOR, namings=[agreed]).organisation == agreed
