"""Carrying out a plan.

Steps
1. hold the plan and its files against the ledger; enter the look before the first question;
2. read the suspect by each planned mechanism, judge, and conclude;
3. trace, from the mechanism that reads deepest, if it may speak;
4. follow leads, compare safeguards, estimate the loss;
5. weigh everything.

Rules: all drawing comes from generators that the plan's seed fixes. A run that broke off is repeated with what it has kept.
"""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from stillwatch import __version__
from stillwatch.forensics.access.opening import Means, opened
from stillwatch.forensics.access.outcome import Model
from stillwatch.forensics.examination.conclusion import conclude, demoted
from stillwatch.forensics.examination.further import linked, lost, safeguarded
from stillwatch.forensics.examination.leads import follow
from stillwatch.forensics.examination.materials import Materials, gather
from stillwatch.forensics.examination.readings import Reading, Terms, read_scores, read_text
from stillwatch.forensics.examination.result import Cost, Examination, Examined
from stillwatch.forensics.loss.estimate import Loss
from stillwatch.forensics.plan.draft import Mechanism
from stillwatch.forensics.plan.frozen import Plan, question
from stillwatch.forensics.plan.registration import LOOK, Ledger, Standing, standing
from stillwatch.forensics.safeguards.comparison import Comparison
from stillwatch.forensics.tracing.trace import Trace, TraceRules, trace
from stillwatch.forensics.twins.judgement import Circumstances, alike, judge
from stillwatch.forensics.twins.preference import prefer
from stillwatch.forensics.verdict import verdict

Progress = Callable[[str, int], None]
"""Told the name of the step and how many questions were answered since it was last told."""
_STREAMS: dict[Mechanism, int] = {"twins-text": 1, "twins-logprob": 2}
"""Each mechanism's own stream of chance, in the order in which they are read: a suspect is asked before it is sent any twin."""
_TRACING = 4


class _Mark(NamedTuple):
    """The watermark's entry, if the plan asks for one, and the trace by account codes."""

    examined: list[Examined]
    codes: Trace | None


class _Twins(NamedTuple):
    """One mechanism's entry with what tracing and the watermark need of its reading."""

    examined: Examined
    reading: Reading


def examine(
    plan: Plan, means: Means, ledger: Ledger, *, actor: str, clock: Callable[[], datetime], progress: Progress
) -> Examination:
    """Carry out the plan. Raises what reading files, opening and asking models raise; what was answered is kept by ``means``."""
    draft = plan.draft
    if not standing(ledger.entries(), draft.name, plan.digest, plan.coins).first_look:
        ledger.append(LOOK, draft.name, {"digest": plan.digest}, actor, clock())
    entries = list(ledger.entries())
    state = standing(entries, draft.name, plan.digest, plan.coins)
    materials = gather(plan, state, entries)
    with ExitStack() as open_models:
        suspect = open_models.enter_context(opened(draft.suspect, means))
        reference = open_models.enter_context(opened(draft.reference, means)) if draft.reference else None
        twins = {m: _twins(m, plan, state, materials, suspect, reference, progress) for m in _STREAMS if m in draft.mechanisms}
        mark = _watermark(plan, twins, materials, (suspect, reference), means, progress)
        leads = follow(draft, materials.pairs, suspect, means, lambda done: progress("leads", done))
        safeguards = safeguarded(draft, suspect, means, lambda done: progress("safeguards", done))
    findings = [*(one.examined for one in twins.values()), *mark.examined, *(Examined(finding) for finding in leads.findings)]
    if state.changed_after_looking:
        findings = [demoted(examined, _CHANGED) for examined in findings]
    codes = None if state.changed_after_looking else mark.codes
    parts = _Parts(findings, _trace(plan, state, twins, materials), codes, safeguards, lost(draft, clock()), leads.notes)
    return _document(plan, state, parts, Cost(means.budget.calls, means.budget.spent), clock())


class _Parts(NamedTuple):
    """The results that make up the document."""

    findings: list[Examined]
    trace: Trace | None
    codes: Trace | None
    safeguards: dict[str, Comparison]
    loss: Loss | None
    notes: list[str]


def _document(plan: Plan, state: Standing, parts: _Parts, cost: Cost, now: datetime) -> Examination:
    """Everything together, with the verdict."""
    draft = plan.draft
    named = {account for traced in (parts.trace, parts.codes) if traced for account in traced.named}
    return Examination(
        name=draft.name,
        suspect=draft.suspect.model,
        version=__version__,
        finished=now.astimezone(UTC).isoformat(timespec="seconds"),
        plan_digest=plan.digest,
        standing=state,
        hypotheses=plan.hypotheses,
        measures=plan.measures,
        alpha=draft.alpha,
        fdr=draft.fdr,
        seed=draft.seed,
        pairs=plan.pairs,
        dropped=plan.dropped,
        foresight=plan.foresight,
        verdict=verdict([one.finding for one in parts.findings], linked_accounts=len(linked(draft) & named)),
        findings=parts.findings,
        trace=parts.trace,
        codes=parts.codes,
        safeguards=parts.safeguards,
        loss=parts.loss,
        cost=cost,
        notes=parts.notes,
    )


_CHANGED = "The plan was changed after the suspect had been looked at, so the error rates no longer hold; this is a lead at most."


def _twins(
    mechanism: Mechanism,
    plan: Plan,
    state: Standing,
    materials: Materials,
    suspect: Model,
    reference: Model | None,
    progress: Progress,
) -> _Twins:
    """Read, judge and conclude by one mechanism."""
    draft = plan.draft
    generator = np.random.default_rng([draft.seed, _STREAMS[mechanism]])
    terms = Terms(draft.answers_per_prompt, draft.suspect.parallel, draft.stop_at, lambda done: progress(mechanism, done))
    if mechanism == "twins-text":
        reading = read_text(materials.pairs, suspect, terms, generator)
    else:
        reading = read_scores(materials.pairs, suspect, reference, terms, generator)
    preference = prefer(reading.differences, reading.controls, generator)
    circumstances = Circumstances(
        mechanism=mechanism,
        hypothesis=question(mechanism, draft.suspect.model),
        alpha=draft.alpha,
        recorded=materials.recorded,
        may_stop=draft.stop_at is not None,
        faults=materials.faults,
        unusable=reading.unusable,
        reused_by=state.reused_by,
    )
    finding = judge(preference, circumstances, twins_alike=alike(reading.controls[:, :1], generator))
    return _Twins(conclude(finding, preference, reading.conduct.told, effect=draft.planning.of(mechanism)), reading)


def _watermark(
    plan: Plan,
    twins: dict[Mechanism, _Twins],
    materials: Materials,
    models: tuple[Model, Model | None],
    means: Means,
    progress: Progress,
) -> _Mark:
    """The watermark's entry, from the answers that the twins' reading collected, or asked for now."""
    source = plan.draft.watermark
    if source is None:
        return _Mark([], None)
    from stillwatch.forensics.examination.mark import Exchange, Models, marked  # compiled code that only a mark needs

    if "twins-text" in twins:
        reading = twins["twins-text"].reading
    else:
        terms = Terms(1, plan.draft.suspect.parallel, None, lambda done: progress("watermark", done))
        reading = read_text(materials.pairs, models[0], terms, np.random.default_rng([plan.draft.seed, _STREAMS["twins-text"]]))
    exchanges = [
        Exchange(pair.account, pair.prompt, pair.served, answer.text)
        for pair, answers in zip(materials.pairs, reading.answers, strict=False)
        for answer in answers
        if answer.is_given
    ]
    found = marked(plan, source, Models(*models), exchanges, means.environment)
    return _Mark([Examined(one, conduct=reading.conduct.told) for one in found.findings], found.codes)


def _trace(plan: Plan, state: Standing, twins: dict[Mechanism, _Twins], materials: Materials) -> Trace | None:
    """The trace by log-probabilities if they were read, else by text; none for a single account or a refused finding."""
    draft = plan.draft
    chosen = twins.get("twins-logprob") or twins["twins-text"]
    rows = chosen.reading.differences
    accounts = [pair.account for pair in materials.pairs[: len(rows)]]
    if chosen.examined.finding.refused is not None or len(set(accounts)) < 2 or state.changed_after_looking:
        return None
    rules = TraceRules(draft.alpha, draft.fdr, by_betting=bool(state.reused_by) or draft.stop_at is not None)
    generator = np.random.default_rng([draft.seed, _TRACING])
    return trace(rows, chosen.reading.controls, accounts, draft.clusters, rules, generator)
