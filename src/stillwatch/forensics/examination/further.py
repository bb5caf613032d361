"""What else an examination says: safeguards side by side, the loss, and the accounts that a scan had caught."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from stillwatch.forensics.access.asking import Progress, asked
from stillwatch.forensics.access.opening import Means, opened
from stillwatch.forensics.access.outcome import Answer, Model
from stillwatch.forensics.loss.campaign import read_campaign
from stillwatch.forensics.loss.estimate import Loss, estimate
from stillwatch.forensics.plan.draft import Draft, SafeguardSource
from stillwatch.forensics.safeguards.comparison import Comparison, compare
from stillwatch.forensics.safeguards.inspect_logs import read_answers
from stillwatch.forensics.safeguards.probes import Probe, built_in, read_probes
from stillwatch.forensics.safeguards.refusal import declines

_GUARDED = "guarded probes"
_ORDINARY = "ordinary probes"
_LOGS = "logs of Inspect"


def safeguarded(draft: Draft, suspect: Model, means: Means, progress: Progress) -> dict[str, Comparison]:
    """Comparisons by the set of probes; empty if the plan asks for none."""
    source = draft.safeguards
    if source is None:
        return {}
    found = {}
    if source.teacher is not None:
        probes = _probes(source)
        with opened(source.teacher, means) as teacher:
            ours = _refusals(teacher, probes, source.teacher.parallel, progress)
        theirs = _refusals(suspect, probes, draft.suspect.parallel, progress)
        for name, kinds in _sets(probes).items():
            found[name] = compare({probe: ours[probe] for probe in kinds}, {probe: theirs[probe] for probe in kinds})
    if source.teacher_log and source.suspect_log:
        logs = (read_answers(Path(log)) for log in (source.teacher_log, source.suspect_log))
        found[_LOGS] = compare(*({name: declines(text) if text.strip() else None for name, text in log.items()} for log in logs))
    return found


def lost(draft: Draft, now: datetime) -> Loss | None:
    """The loss of the plan's campaign, if there is one and its logs are named."""
    if draft.campaign is None or not draft.campaign.logs:
        return None
    from stillwatch.forensics.loss.logs import read_traffic  # the engine that reads logs starts only where there are some

    campaign = read_campaign(Path(draft.campaign.file), draft.campaign.id or None)
    traffic = read_traffic(draft.campaign.logs, campaign.accounts, now)
    return estimate(traffic, {technique.name: technique.share for technique in campaign.techniques})


def linked(draft: Draft) -> set[str]:
    """Accounts that a scan found in a campaign whose q-value is no larger than the plan's false discovery rate."""
    if draft.campaign is None:
        return set()
    campaign = read_campaign(Path(draft.campaign.file), draft.campaign.id or None)
    return set(campaign.accounts) if campaign.q_value <= draft.fdr else set()


def _probes(source: SafeguardSource) -> Sequence[Probe]:
    return built_in() if source.probes == "built-in" else read_probes(Path(source.probes))


def _sets(probes: Sequence[Probe]) -> Mapping[str, list[str]]:
    """Ids of the guarded and of the ordinary probes, as far as there are any."""
    sets = {
        _GUARDED: [probe.id for probe in probes if probe.kind != "ordinary"],
        _ORDINARY: [probe.id for probe in probes if probe.kind == "ordinary"],
    }
    return {name: ids for name, ids in sets.items() if ids}


def _refusals(model: Model, probes: Sequence[Probe], parallel: int, progress: Progress) -> dict[str, bool | None]:
    answers = asked([probe.prompt for probe in probes], model.answer, parallel=parallel, progress=progress)
    return {probe.id: _declined(answer) for probe, answer in zip(probes, answers, strict=True)}


def _declined(answer: Answer) -> bool | None:
    return declines(answer.text) if answer.is_given else None
