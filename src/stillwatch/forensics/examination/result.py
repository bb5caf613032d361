"""The result of an examination as values: what ``examination.json`` holds. No prompt, answer or withheld twin is in it.

>>> Likelihood(ratio=90.0, model="synthetic").ratio
90.0
"""

import msgspec

from stillwatch.forensics.finding import Finding, Interval
from stillwatch.forensics.loss.estimate import Loss
from stillwatch.forensics.plan.foresight import Foresight
from stillwatch.forensics.plan.frozen import Hypothesis
from stillwatch.forensics.plan.registration import Standing
from stillwatch.forensics.safeguards.comparison import Comparison
from stillwatch.forensics.tracing.trace import Trace
from stillwatch.forensics.verdict import Verdict

SCHEMA = "stillwatch.examination/1"


class Likelihood(msgspec.Struct, frozen=True):
    """How many times likelier the result is under a stated model than if nothing was learned from us."""

    ratio: float
    model: str


class Share(msgspec.Struct, frozen=True):
    """The share of the suspect's training data that came from the examined accounts, under a stated ``model``; None where
    the effect is larger than the model gives for all of it.

    ``traced``: the least share of the examined pairs that left a trace, whatever the model: twice the preference less one, and its
    lower bound at 95 %.
    """

    estimate: float | None
    interval: Interval | None
    traced: float
    traced_at_least: float
    model: str


class Examined(msgspec.Struct, frozen=True):
    """A finding with all that the report says about it; ``conduct`` counts what the suspect did with the questions.

    ``wealth``: the e-process at up to 200 evenly spaced pairs, as (pairs, e-value).
    """

    finding: Finding
    z: float | None = None
    likelihood: Likelihood | None = None
    share: Share | None = None
    conduct: dict[str, int] = {}
    wealth: list[tuple[int, float]] = []


class Cost(msgspec.Struct, frozen=True):
    """Calls made in this run (answers kept from earlier runs cost nothing) and what they cost at the stated prices."""

    calls: int
    spent: float


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """The document ``examination.json``; ``trace`` is by twins, ``codes`` by the watermark's account codes."""

    name: str
    suspect: str
    version: str
    finished: str
    plan_digest: str
    standing: Standing
    hypotheses: list[Hypothesis]
    measures: list[str]
    alpha: float
    fdr: float
    seed: int
    pairs: int
    dropped: dict[str, int]
    foresight: list[Foresight]
    verdict: Verdict
    findings: list[Examined]
    trace: Trace | None
    safeguards: dict[str, Comparison]
    loss: Loss | None
    cost: Cost
    codes: Trace | None = None
    notes: list[str] = []
    schema: str = SCHEMA
