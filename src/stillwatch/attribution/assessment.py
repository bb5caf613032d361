"""An assessment: who weighed which evidence over which hypotheses, what they judge, and who does not agree.

Rules: the computation proposes, a named analyst judges, with a date, a confidence and a reason; the judgement may depart from the
computation, and then the page says so. Dissent is recorded beside it and never removed. An assessment is a value: a change makes a
new one. Its JSON form is ``stillwatch.assessment/1``.

>>> from datetime import UTC, datetime
>>> draft = Assessment(subject="campaign--1", items=[])
>>> signed = judged(draft, "unknown", "low", "Nothing points anywhere.", "Ann Analyst", datetime(2026, 11, 2, tzinfo=UTC))
>>> signed.judgement.told, signed.judgement.departs
('unlikely (20 to 45 %; computed 25 %)', False)
"""

from datetime import UTC, datetime

import msgspec

from stillwatch.attribution.estimative import Confidence
from stillwatch.attribution.hypothesis import Hypothesis, hypotheses
from stillwatch.attribution.item import Item
from stillwatch.attribution.person import person, same_person
from stillwatch.attribution.sensitivity import Sensitivity, leading, sensitivity
from stillwatch.attribution.weighing import Weighed, weigh
from stillwatch.errors import RefusedByPolicy, UsageError

SCHEMA = "stillwatch.assessment/1"


class Judgement(msgspec.Struct, frozen=True):
    """What a person concludes: a hypothesis by id, how well founded, why. ``told`` is the likelihood in words as it was computed.

    ``departs``: whether the analyst judged for a hypothesis that is less likely by computation than the one that leads.
    """

    hypothesis: str
    told: str
    confidence: Confidence
    reason: str
    analyst: str
    at: str
    departs: bool = False


class Dissent(msgspec.Struct, frozen=True):
    """Somebody who holds another hypothesis likelier, and why."""

    by: str
    at: str
    hypothesis: str
    reason: str


class Prior(msgspec.Struct, frozen=True):
    """What is held before the evidence: bits relative to *unknown*, with a reason."""

    hypothesis: str
    bits: float
    reason: str


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence over hypotheses. ``subject`` is the id of the campaign or case; ``networks`` join the four that always stand."""

    subject: str
    items: list[Item]
    networks: list[Hypothesis] = []
    priors: list[Prior] = []
    judgement: Judgement | None = None
    dissents: list[Dissent] = []
    schema: str = SCHEMA

    def __post_init__(self) -> None:
        """Refuse what cannot be weighed."""
        ids = [item.id for item in self.items]
        if doubled := {each for each in ids if ids.count(each) > 1}:
            raise UsageError(
                f"two items are called {min(doubled)!r:.60}", place="assessment", cure="give each item an id of its own"
            )
        if unexplained := [prior.hypothesis for prior in self.priors if not prior.reason.strip()]:
            raise UsageError(f"no reason for the prior of {unexplained[0]!r:.60}", place="assessment", cure="say why it is held")
        self.weighed()

    def against(self) -> tuple[Hypothesis, ...]:
        """All hypotheses that are weighed: the four, then the networks."""
        return hypotheses(self.networks)

    def weighed(self) -> dict[str, Weighed]:
        """Every hypothesis with its bits and probability, by id."""
        return weigh(self.against(), self.items, self._prior_bits())

    def sensitivity(self) -> Sensitivity:
        """What the leading hypothesis hangs on."""
        return sensitivity(self.against(), self.items, self._prior_bits())

    def _prior_bits(self) -> dict[str, float]:
        return {prior.hypothesis: prior.bits for prior in self.priors}


def judged(assessment: Assessment, hypothesis: str, confidence: Confidence, reason: str, analyst: str, now: datetime) -> Assessment:
    """The assessment with a person's judgement, in place of an earlier one. Raises UsageError for what is not weighed or unsaid."""
    weighed = assessment.weighed()
    _require(hypothesis in weighed, f"no such hypothesis: {hypothesis!r:.80}", f"judge for one of {', '.join(weighed)}")
    _require(bool(reason.strip()), "a judgement has no reason", "say why, in a sentence")
    made = Judgement(
        hypothesis,
        weighed[hypothesis].told,
        msgspec.convert(confidence, Confidence),
        reason,
        person(analyst, "analyst"),
        _moment(now),
        departs=round(weighed[hypothesis].probability, 9) < round(leading(weighed).probability, 9),
    )
    return msgspec.structs.replace(assessment, judgement=made)


def dissented(assessment: Assessment, hypothesis: str, reason: str, by: str, now: datetime) -> Assessment:
    """The assessment with one more dissent. Raises UsageError for a hypothesis that is not weighed or a reason that is missing,
    RefusedByPolicy where there is no judgement to dissent from, or it is the dissenter's own."""
    if assessment.judgement is None or same_person(by, assessment.judgement.analyst):
        cure = "record a judgement first; whoever judged makes a new judgement instead"
        raise RefusedByPolicy("there is no judgement of somebody else to dissent from", place="dissent", cure=cure)
    _require(hypothesis in assessment.weighed(), f"no such hypothesis: {hypothesis!r:.80}", "name one that was weighed")
    _require(bool(reason.strip()), "a dissent has no reason", "say why, in a sentence")
    made = Dissent(person(by, "dissenter"), _moment(now), hypothesis, reason)
    return msgspec.structs.replace(assessment, dissents=[*assessment.dissents, made])


def _require(holds: bool, what: str, cure: str) -> None:
    if not holds:
        raise UsageError(what, place="assessment", cure=cure)


def _moment(now: datetime) -> str:
    if now.tzinfo is None:
        raise UsageError("the time has no zone", place="assessment", cure="give the time in UTC")
    return now.astimezone(UTC).isoformat()
