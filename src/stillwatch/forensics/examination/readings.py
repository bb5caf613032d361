"""Readings: what the suspect said about the pairs, by text or by log-probabilities, in the declared order.

Rules
- Pairs are taken ``BATCH`` at a time. If the plan lets the run stop, the wealth is looked at after each batch.
- Text: the suspect sees prompts only. Log-probabilities: it sees both twins, in an order that tells it nothing.
- A pair that gave nothing of use is a row of zeros, whatever the reason (intention to treat).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stillwatch.forensics.access.asking import Progress, asked
from stillwatch.forensics.access.behaviour import Conduct, conduct, scoring_conduct
from stillwatch.forensics.access.outcome import Answer, Model, Score
from stillwatch.forensics.twins.measures import differences, length_control
from stillwatch.forensics.twins.pairs import Pair
from stillwatch.forensics.twins.preference import preference_path
from stillwatch.forensics.twins.relevance import related

Matrix = NDArray[np.float64]
BATCH = 50
_REPEATED = 8
_REPEAT_TOLERANCE = 0.5
"""Scores of one text may differ between two askings by this share of a typical difference between twins. Less than that costs power
only; with more, a missing preference would say nothing."""


class Reading(NamedTuple):
    """Rows for the pairs that were asked about; ``unusable`` says why nothing may be concluded; ``answers`` by pair (text only)."""

    differences: Matrix
    controls: Matrix
    conduct: Conduct
    unusable: str | None
    stopped_early: bool
    answers: list[list[Answer]]


class Terms(NamedTuple):
    """How a run is carried out: ``draws`` for each prompt, ``parallel`` questions, the wealth at which it may stop, if it may."""

    draws: int
    parallel: int
    stop_at: float | None
    progress: Progress


def read_text(pairs: Sequence[Pair], suspect: Model, terms: Terms, generator: np.random.Generator) -> Reading:
    """Ask the suspect every prompt and compare its answers with both twins."""
    served, withheld = [pair.served for pair in pairs], [pair.withheld for pair in pairs]
    given: list[list[Answer]] = []

    def ask(batch: Sequence[Pair]) -> None:
        questions = [(pair.prompt, draw) for pair in batch for draw in range(terms.draws)]
        answers = asked(questions, lambda question: suspect.answer(*question), parallel=terms.parallel, progress=terms.progress)
        given.extend(answers[start : start + terms.draws] for start in range(0, len(answers), terms.draws))

    def rows() -> Matrix:
        useful = _useful(given, pairs)
        return differences([*useful, *([[]] * (len(pairs) - len(useful)))], served, withheld)[: len(given)]

    controls = length_control(served, withheld)
    early = _in_batches(pairs, ask, terms.stop_at, lambda: preference_path(rows(), controls[: len(given)]))
    asked_pairs = pairs[: len(given)]
    behaviour = _conduct(given, asked_pairs)
    unusable = behaviour.unusable
    if unusable is None and given and not related(_useful(given, pairs), served[: len(given)], withheld[: len(given)], generator):
        unusable = "the suspect's answers have nothing to do with the prompts, so nothing can be read from them"
    return Reading(rows(), controls[: len(given)], behaviour, unusable, early, given)


def read_scores(
    pairs: Sequence[Pair], suspect: Model, reference: Model | None, terms: Terms, generator: np.random.Generator
) -> Reading:
    """Have the suspect, and the reference if there is one, score both twins of every pair."""
    ours: list[tuple[Score, Score]] = []
    theirs: list[tuple[Score, Score]] = []

    def ask(batch: Sequence[Pair]) -> None:
        ours.extend(_scored(batch, suspect, terms, generator))
        if reference is not None:
            theirs.extend(_scored(batch, reference, terms, generator))

    def controls() -> Matrix:
        asked_pairs = pairs[: len(ours)]
        lengths = length_control([pair.served for pair in asked_pairs], [pair.withheld for pair in asked_pairs])
        return np.hstack([lengths, _per_byte(theirs)]) if reference is not None else lengths

    early = _in_batches(pairs, ask, terms.stop_at, lambda: preference_path(_per_byte(ours), controls()))
    behaviour = scoring_conduct(ours)
    unusable = behaviour.unusable
    if unusable is None and not _repeatable(pairs, ours, suspect):
        unusable = "the suspect scores the same text differently each time, so its scores mean nothing"
    return Reading(_per_byte(ours), controls(), behaviour, unusable, early, [])


def _in_batches(
    pairs: Sequence[Pair], ask: Callable[[Sequence[Pair]], None], stop_at: float | None, wealth: Callable[[], Matrix]
) -> bool:
    """Ask about the pairs in their order; True if the wealth allowed to stop before the last."""
    for start in range(0, len(pairs), BATCH):
        ask(pairs[start : start + BATCH])
        if stop_at is not None and start + BATCH < len(pairs) and wealth()[-1] >= stop_at:
            return True
    return False


def _conduct(given: Sequence[Sequence[Answer]], pairs: Sequence[Pair]) -> Conduct:
    flat = [answer for answers in given for answer in answers]
    return conduct(flat, [pair.prompt for pair, answers in zip(pairs, given, strict=False) for _ in answers])


def _useful(given: Sequence[Sequence[Answer]], pairs: Sequence[Pair]) -> list[list[str]]:
    """The texts that are of use, by pair."""
    useful = iter(_conduct(given, pairs).useful)
    return [[answer.text for answer in answers if next(useful)] for answers in given]


def _scored(batch: Sequence[Pair], model: Model, terms: Terms, generator: np.random.Generator) -> Iterator[tuple[Score, Score]]:
    """(served, withheld) scores of each pair, asked in a drawn order."""
    questions = [(pair.prompt, text) for pair in batch for text in (pair.served, pair.withheld)]
    drawn = generator.permutation(len(questions))
    scores = asked([questions[n] for n in drawn], lambda q: model.score(*q), parallel=terms.parallel, progress=terms.progress)
    placed = dict(zip(drawn.tolist(), scores, strict=True))
    return ((placed[n], placed[n + 1]) for n in range(0, len(questions), 2))


def _per_byte(scores: Sequence[tuple[Score, Score]]) -> Matrix:
    """Served less withheld in nats per byte, shape (pairs, 1); 0 where either was not scored."""
    rows = [(served.per_byte, withheld.per_byte) for served, withheld in scores]
    return np.array([[a - b if a is not None and b is not None else 0.0] for a, b in rows], dtype=np.float64).reshape(-1, 1)


def _repeatable(pairs: Sequence[Pair], scores: Sequence[tuple[Score, Score]], suspect: Model) -> bool:
    """Whether the first pairs get the same scores when asked again."""
    first = [(pair, old) for pair, old in zip(pairs, scores, strict=False) if old[0].per_byte is not None][:_REPEATED]
    changes = [abs((suspect.score(pair.prompt, pair.served, 1).per_byte or 0.0) - (old[0].per_byte or 0.0)) for pair, old in first]
    typical = np.abs(_per_byte(scores))
    return float(np.median(changes)) <= _REPEAT_TOLERANCE * float(np.median(typical[typical > 0])) if (typical > 0).any() else True
