"""Ranking: is the suspect's score unusual among models that are known not to have learned from ours?

Null hypothesis: the suspect is one more draw from the population of the controls, so each rank is equally likely (conformal
p-value: Vovk, Gammerman & Shafer 2005; Bates et al. 2023). Nobody can make sure of that, which is why the result is a lead, E1,
and never more: the ordinary membership tests fail on just this point (arXiv 2409.19798).

Rules: p = (1 + controls at least as high) / (1 + controls). With fewer controls than ``ENOUGH`` p = 0.01 is out of reach, which
the statement says; with fewer than 19 the suspect cannot even be a lead at 0.05.

>>> rank(2.0, {"control-1": 0.5, "control-2": 3.0, "control-3": 1.0}).p_value
0.5
"""

from collections.abc import Mapping

import msgspec

from stillwatch.forensics.finding import Finding

ENOUGH = 99
"""Controls with which p = 0.01 can be reached."""

ASSUMPTIONS = (
    "But for what is asked, the suspect is comparable with the controls: kind of base, size, purpose, years of the web.",
    "No control learned from our answers, but for what is on the open web.",
)


class Rank(msgspec.Struct, frozen=True):
    """The suspect's ``score`` among ``controls``; ``above`` of them are at least as high."""

    score: float
    controls: int
    above: int

    @property
    def p_value(self) -> float:
        """One-sided conformal p-value."""
        return (1 + self.above) / (1 + self.controls)


def rank(score: float, controls: Mapping[str, float]) -> Rank:
    """Where ``score`` stands among the controls' scores, ties against us."""
    return Rank(score, len(controls), sum(control >= score for control in controls.values()))


def lead(ranked: Rank, *, subject: str, hypothesis: str, alpha: float = 0.05) -> Finding:
    """The finding: a lead (E1) if the suspect is as unusual as ``alpha``; ``subject`` says what was scored ("style", …)."""
    mechanism = f"population-{subject}"
    if not ranked.controls:
        return Finding.refusal(mechanism, hypothesis, f"there is no control; {ENOUGH} are wanted", counted_in="controls")
    unusual = ranked.p_value <= alpha
    return Finding(
        mechanism=mechanism,
        hypothesis=hypothesis,
        statement=_statement(ranked, subject, unusual),
        p_value=ranked.p_value,
        effect=ranked.score,
        effect_unit=f"{subject} score",
        counted=ranked.controls,
        counted_in="controls",
        level="E1" if unusual else "insufficient",
        assumptions=list(ASSUMPTIONS),
    )


def _statement(ranked: Rank, subject: str, unusual: bool) -> str:
    few = (
        ""
        if ranked.controls >= ENOUGH
        else f" {ranked.controls} controls are few: {ENOUGH} are needed to speak of one in a hundred."
    )
    place = f"In {subject}, {ranked.above} of {ranked.controls} other models are at least as close to ours as the suspect."
    return f"{place} {'This is a lead, not proof.' if unusual else 'That is nothing unusual.'}{few}"
