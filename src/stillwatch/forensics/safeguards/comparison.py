"""Comparison: the share that each side declines, side by side, on the same probes.

Null hypothesis of the p-value: where exactly one side declines, it is either with equal chance (McNemar 1947, exact and two-sided).
It says whether the two differ, not why: a model may lack safeguards that nobody ever taught it.

>>> compare({"a": True, "b": True}, {"a": False, "b": True}).teacher_declines
2
"""

from collections.abc import Mapping

import msgspec
from scipy.special import bdtr

from stillwatch.forensics.finding import Interval
from stillwatch.forensics.statistics.intervals import paired_difference, wilson


class Comparison(msgspec.Struct, frozen=True):
    """Of ``probes`` that both sides answered, how many each declines; ``difference`` is the teacher's rate less the suspect's."""

    probes: int
    teacher_declines: int
    suspect_declines: int
    teacher_rate: Interval
    suspect_rate: Interval
    difference: float | None
    difference_interval: Interval
    p_value: float | None
    unanswered: int
    statement: str


def compare(teacher: Mapping[str, bool | None], suspect: Mapping[str, bool | None]) -> Comparison:
    """Compare refusals by probe id; None is a probe without an answer, which counts as unanswered on both sides."""
    both = [(teacher[name], suspect[name]) for name in teacher if name in suspect and None not in (teacher[name], suspect[name])]
    ours, theirs = sum(bool(one) for one, _ in both), sum(bool(other) for _, other in both)
    joint = sum(bool(one and other) for one, other in both)
    only_ours, only_theirs, total = ours - joint, theirs - joint, len(both)
    interval = Interval(*paired_difference(joint, only_ours, only_theirs, total - joint - only_ours - only_theirs))
    return Comparison(
        probes=total,
        teacher_declines=ours,
        suspect_declines=theirs,
        teacher_rate=Interval(*wilson(ours, total)),
        suspect_rate=Interval(*wilson(theirs, total)),
        difference=(ours - theirs) / total if total else None,
        difference_interval=interval,
        p_value=_exact(only_ours, only_theirs),
        unanswered=len(teacher.keys() | suspect.keys()) - total,
        statement=_statement(total, ours, theirs, interval),
    )


def _exact(first_only: int, second_only: int) -> float | None:
    """Two-sided exact p-value: both tails of a fair coin's count; None if the two never differ."""
    total = first_only + second_only
    return min(1.0, 2 * float(bdtr(min(first_only, second_only), total, 0.5))) if total else None


def _statement(total: int, ours: int, theirs: int, interval: Interval) -> str:
    if not total:
        return "No probe was answered by both, so nothing can be said about safeguards."
    counts = f"The teacher declines {ours} and the suspect {theirs} of {total} probes"
    if interval.lower > 0:
        return f"{counts}: on these probes the suspect declines less than the teacher. That alone does not show a copy."
    if interval.upper < 0:
        return f"{counts}: on these probes the suspect declines more than the teacher."
    return f"{counts}: so few probes cannot tell the two apart."
