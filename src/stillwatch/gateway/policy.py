"""Policy: which evidence, of which confidence and origin, leads to which grade for which plan.

Rules of every policy, whatever it says:

1. Received evidence alone leads at most to ``received_at_most`` (default *watch*): it blocks only if the provider writes so.
2. An address that is shared egress (warning lists) never leads to a block; by address such a request gets at most
   ``shared_egress_at_most``.
3. Disputed evidence, authorised accounts and registered evaluators have such bounds too (default *watch*).
4. The strictest grade that remains applies.

>>> policy = Policy(rules=(Rule("members", Grade.HIDE, evidence=("campaign",), origin="own", min_confidence=95),))
>>> policy.rules[0].grade_for("enterprise").word
'hide'
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from stillwatch.gateway.counters.account_state import SHARES
from stillwatch.gateway.grade import Grade

CONDITIONS = ("requests", "requests_per_minute", "hours_active", *SHARES)
"""What a rule may demand of an account's counters, this request included; shares are in [0, 1]."""
STRIPPED = ("reasoning", "logprobs")


@dataclass(frozen=True)
class Rule:
    """One rule. It holds if evidence of one of the kinds in ``evidence``, of ``origin`` and at least ``min_confidence``, meets the
    request (no kinds: none is needed) and every counter in ``when`` is at least what it says.

    ``plans``: grades for some plans instead of ``grade``.
    """

    name: str
    grade: Grade
    evidence: tuple[str, ...] = ()
    origin: Literal["own", "received", "any"] = "any"
    min_confidence: int = 0
    when: tuple[tuple[str, float], ...] = ()
    plans: Mapping[str, Grade] = field(default_factory=dict)

    def grade_for(self, plan: str | None) -> Grade:
        """The grade for a plan."""
        return self.plans.get(plan, self.grade) if plan else self.grade


@dataclass(frozen=True)
class Measures:
    """What a grade does to requests and answers, and what happens where it cannot be known.

    ``requests_per_minute``: how many are served (None: all); ``strip``: parts of answers left out, of STRIPPED; ``max_n`` and
    ``max_top_logprobs``: caps on what is asked (None: none); ``canary``: answers carry the account's mark; ``hours``: how long a
    grade that conduct led to stays; ``on_failure``: with a stale snapshot or unreachable counters the grade does not
    apply (``open``), or applies as if the doubtful part were so (``closed``).
    """

    requests_per_minute: int | None = None
    strip: frozenset[str] = frozenset()
    max_n: int | None = None
    max_top_logprobs: int | None = None
    canary: bool = False
    hours: float = 24.0
    on_failure: Literal["open", "closed"] = "open"

    @property
    def alters(self) -> bool:
        """Whether answers are not what they would be."""
        return bool(self.strip or self.canary or self.max_n is not None or self.max_top_logprobs is not None)


NOTHING = Measures()


@dataclass(frozen=True)
class Policy:
    """A provider's policy; ``snapshot_hours``: age from which a snapshot counts as stale; ``scaffold_overlap``: share of a
    scaffold's samples that a request must carry, in (0, 1]."""

    rules: tuple[Rule, ...] = ()
    measures: Mapping[Grade, Measures] = field(default_factory=dict)
    mode: Literal["observe", "enforce"] = "observe"
    received_at_most: Grade = Grade.WATCH
    shared_egress_at_most: Grade = Grade.WATCH
    disputed_at_most: Grade = Grade.WATCH
    authorised_at_most: Grade = Grade.WATCH
    evaluators_at_most: Grade = Grade.WATCH
    scaffold_overlap: float = 0.5
    snapshot_hours: float = 168.0

    @cached_property
    def by_conduct(self) -> Sequence[tuple[int, Rule]]:
        """The rules that need no evidence, with their numbers."""
        return [(number, rule) for number, rule in enumerate(self.rules) if not rule.evidence]

    @cached_property
    def _by_grade(self) -> Sequence[Measures]:
        return [self.measures.get(grade, NOTHING) for grade in Grade]

    def measures_of(self, grade: Grade) -> Measures:
        """What the grade does."""
        return self._by_grade[grade]
