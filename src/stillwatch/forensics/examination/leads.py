"""Leads of an examination: the suspect among controls, the style's nearest teacher, what the model says that it is.

Rules: leads use the first ``PROMPTS`` prompts of the declared order, the same for everybody. A control that answers less than half
of them is left out, and how many were is said in a note.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from stillwatch.forensics.access.asking import Progress, asked
from stillwatch.forensics.access.opening import Means, opened
from stillwatch.forensics.access.outcome import Model
from stillwatch.forensics.access.recorded_model import read_recorded
from stillwatch.forensics.finding import Finding
from stillwatch.forensics.plan.draft import Draft
from stillwatch.forensics.plan.frozen import question
from stillwatch.forensics.population.identity import QUESTIONS, asked_identity
from stillwatch.forensics.population.ranking import lead, rank
from stillwatch.forensics.population.style import attribute, likeness
from stillwatch.forensics.twins.pairs import Pair

PROMPTS = 200
_OURS = "our model"
_LEAST_ANSWERED = 0.5


class Leads(NamedTuple):
    """Findings of level E1 at most, and notes on what was left out."""

    findings: list[Finding]
    notes: list[str]


def follow(draft: Draft, pairs: Sequence[Pair], suspect: Model, means: Means, progress: Progress) -> Leads:
    """All leads that the plan asks for. Raises what opening and asking a model raise."""
    findings: list[Finding] = []
    notes: list[str] = []
    asking = _Asking(pairs[:PROMPTS], draft.suspect.parallel, progress)
    if draft.controls or draft.control_answers:
        with ExitStack() as open_models:
            named = {c.model: open_models.enter_context(opened(c, means)) for c in draft.controls}
            controls = named | (dict(read_recorded(Path(draft.control_answers))) if draft.control_answers else {})
            own = asking.texts(suspect)
            answers = {name: asking.texts(model) for name, model in controls.items()}
            kept = {name: texts for name, texts in answers.items() if len(texts) >= _LEAST_ANSWERED * len(asking.pairs)}
            if len(kept) < len(answers):
                notes.append(f"{len(answers) - len(kept)} of {len(answers)} controls answered less than half of the prompts.")
            findings.append(_style_rank(draft, asking.pairs, own, kept))
            if "twins-logprob" in draft.mechanisms and named:
                findings.append(_likelihood_rank(draft, asking, suspect, named))
            findings += _nearest_style(asking, own, {name: model for name, model in named.items() if name in kept}, kept)
    if draft.identity_names:
        said = asked(QUESTIONS, suspect.answer, parallel=draft.suspect.parallel, progress=progress)
        findings.append(asked_identity([answer.text for answer in said if answer.is_given], draft.identity_names))
    return Leads(findings, notes)


class _Asking(NamedTuple):
    """The prompts that leads use, and how they are asked."""

    pairs: Sequence[Pair]
    parallel: int
    progress: Progress

    def texts(self, model: Model, draw: int = 0) -> list[str]:
        """The answers that a model gives, failures left out."""
        answers = asked(
            [pair.prompt for pair in self.pairs], lambda p: model.answer(p, draw), parallel=self.parallel, progress=self.progress
        )
        return [answer.text for answer in answers if answer.is_given]

    def likelihood(self, model: Model) -> float | None:
        """Mean nats per byte of our answers, both twins alike; None if none was scored."""
        texts = [(pair.prompt, text) for pair in self.pairs for text in (pair.served, pair.withheld)]
        scores = asked(texts, lambda q: model.score(*q).per_byte, parallel=self.parallel, progress=self.progress)
        scored = [score for score in scores if score is not None]
        return sum(scored) / len(scored) if scored else None


def _style_rank(draft: Draft, pairs: Sequence[Pair], own: Sequence[str], controls: Mapping[str, Sequence[str]]) -> Finding:
    ours = [text for pair in pairs for text in (pair.served, pair.withheld)]
    hypothesis = question("population-style", draft.suspect.model)
    if not own:
        return Finding.refusal("population-style", hypothesis, "the suspect answered no prompt", counted_in="controls")
    scores = {name: likeness(texts, ours) for name, texts in controls.items()}
    return lead(rank(likeness(own, ours), scores), subject="style", hypothesis=hypothesis)


def _likelihood_rank(draft: Draft, asking: _Asking, suspect: Model, controls: Mapping[str, Model]) -> Finding:
    hypothesis = question("population-likelihood", draft.suspect.model)
    own = asking.likelihood(suspect)
    if own is None:
        return Finding.refusal("population-likelihood", hypothesis, "the suspect scored nothing", counted_in="controls")
    scores = {name: asking.likelihood(model) for name, model in controls.items()}
    ranked = rank(own, {name: score for name, score in scores.items() if score is not None})
    return lead(ranked, subject="likelihood", hypothesis=hypothesis)


def _nearest_style(
    asking: _Asking, own: Sequence[str], named: Mapping[str, Model], answers: Mapping[str, Sequence[str]]
) -> list[Finding]:
    """The closed-set comparison with the controls that can be asked twice; our twins are our two draws."""
    first = {name: answers[name] for name in named} | {_OURS: [pair.served for pair in asking.pairs]}
    second = {name: asking.texts(model, draw=1) for name, model in named.items()}
    second = {name: texts for name, texts in second.items() if texts} | {_OURS: [pair.withheld for pair in asking.pairs]}
    if len(second) < len(first) or len(first) == 1:
        return []
    return [attribute(own, first, second)]
