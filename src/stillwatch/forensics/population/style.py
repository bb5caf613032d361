"""Style: whose answers do the suspect's resemble, with the right to say "nobody's that we know".

Answers to the same prompts are compared in the frequencies of short runs of characters (Stamatatos 2009, doi:10.1002/asi.21001).

Rules
- A closed list of teachers always has a nearest one, so the nearest is named only if it is nearer than its own
  answers to other draws would allow; otherwise the answer is ``UNKNOWN``. Even then it is E0: other teachers were not on the list.

>>> likeness(["one two three"], ["one two three"]) > likeness(["one two three"], ["quite another thing"])
True
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from stillwatch.forensics.finding import Finding
from stillwatch.forensics.twins.wording import words

UNKNOWN = "unknown"
_RUN = 4
_MECHANISM = "style-closed-set"


def likeness(first: Sequence[str], second: Sequence[str]) -> float:
    """Cosine of the two sets of answers, in [0, 1], over root frequencies of runs of characters; 0 if either has no text."""
    one, other = _profile(first), _profile(second)
    norms = math.sqrt(math.fsum(v * v for v in one.values()) * math.fsum(v * v for v in other.values()))
    return math.fsum(value * other[run] for run, value in one.items() if run in other) / norms if norms else 0.0


def attribute(suspect: Sequence[str], teachers: Mapping[str, Sequence[str]], second_draws: Mapping[str, Sequence[str]]) -> Finding:
    """The nearest teacher by style, or ``UNKNOWN``: always E0.

    ``teachers`` and ``second_draws`` hold each teacher's answers to the same prompts, drawn twice. A teacher may be named if the
    suspect is nearer to it than halfway between its second draw and the nearest other teacher.
    """
    hypothesis = f"of {', '.join(sorted(teachers))}, one taught the suspect its style"
    if len(teachers) < _FEWEST_TEACHERS or not any(suspect):
        why = "at least two teachers and some answers are needed to compare styles"
        return Finding.refusal(_MECHANISM, hypothesis, why, counted=len(teachers), counted_in="teachers")
    near = {name: likeness(suspect, answers) for name, answers in teachers.items()}
    best = max(near, key=near.__getitem__)
    own = likeness(second_draws[best], teachers[best])
    strangers = max(likeness(second_draws[best], answers) for name, answers in teachers.items() if name != best)
    named = best if near[best] >= (own + strangers) / 2 else UNKNOWN
    return Finding(
        mechanism=_MECHANISM,
        hypothesis=hypothesis,
        statement=_statement(named, best),
        effect=near[best],
        effect_unit="likeness of style to the nearest teacher, 0 to 1",
        counted=len(teachers),
        counted_in="teachers",
        level="insufficient" if named == UNKNOWN else "E0",
        assumptions=["The true teacher, if there is one, is on the list; nobody can know that."],
    )


_FEWEST_TEACHERS = 2


def _statement(named: str, best: str) -> str:
    if named == UNKNOWN:
        return f"The style is nobody's on the list; {best} is nearest, but farther than a student of its would be."
    return f"Of the models on the list, {named} is nearest in style. Some name is always nearest: this proves nothing."


def _profile(answers: Sequence[str]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for answer in answers:
        text = " ".join(words(answer))
        counts.update(text[start : start + _RUN] for start in range(len(text) - _RUN + 1))
    return {run: math.sqrt(count) for run, count in counts.items()}
