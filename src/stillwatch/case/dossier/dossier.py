"""The dossier as a value: everything that a reader needs to follow the case back to its rows, and to doubt it.

Its JSON form is ``stillwatch.dossier/1``; page and paper show the same value. Texts of requests are not in it, but for masked
texts of scaffolds where somebody asked for them, which the commands record.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from stillwatch.attribution.actor import Actor
from stillwatch.attribution.assessment import Assessment, Dissent, Judgement
from stillwatch.attribution.estimative import clipped
from stillwatch.attribution.item import Item
from stillwatch.attribution.sensitivity import Without
from stillwatch.case.case import AccountRow, Action, Attachment, Case, CaseFile, Comment, Decision, Hold, Snapshot
from stillwatch.case.dossier.statements import Against, Inference, Observation, told
from stillwatch.case.history import faults

SCHEMA = "stillwatch.dossier/1"


class Source(msgspec.Struct, frozen=True):
    """A file that statements point into: its path and SHA-256 when it was taken in, and those of ``accounts.parquet`` beside it."""

    ref: str
    path: str
    sha256: str
    accounts_sha256: str
    taken: str
    by: str
    campaign_id: str
    made_with: str


class Weight(msgspec.Struct, frozen=True):
    """A hypothesis as weighed: bits relative to *unknown*, probability in [0.01, 0.99], and how that is told."""

    hypothesis: str
    name: str
    bits: float
    probability: float
    told: str


class Behind(msgspec.Struct, frozen=True):
    """The assessment that holds, computed out: what leads, what it hangs on, who judged and who does not agree."""

    weights: list[Weight]
    items: list[Item]
    leader: str
    linchpins: list[str]
    without: list[Without]
    span: tuple[float, float]
    judgement: Judgement | None
    dissents: list[Dissent]


class Record(msgspec.Struct, frozen=True):
    """An entry of the ledger about this case."""

    index: int
    time: str
    kind: str
    actor: str
    details: dict[str, Any]


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """The document. ``history_faults`` is empty if the history is sound; ``earlier`` are dissents from assessments that no
    longer hold.
    """

    made: str
    by: str
    version: str
    case: Case
    merged: list[Case]
    sources: list[Source]
    observations: list[Observation]
    inferences: list[Inference]
    against: list[Against]
    behind: Behind | None
    earlier: list[Dissent]
    actors: list[Actor]
    decisions: list[Decision]
    comments: list[Comment]
    attachments: list[Attachment]
    holds: list[Hold]
    history: list[Action]
    history_faults: list[str]
    ledger: list[Record]
    accounts: list[AccountRow]
    annexes: dict[str, str] = {}
    schema: str = SCHEMA


def compiled(
    file: CaseFile,
    rows: Mapping[int, Sequence[AccountRow]],
    actors: Sequence[Actor],
    by: str,
    version: str,
    now: datetime,
    *,
    texts: Mapping[str, str] | None = None,
    ledger: Sequence[Record] = (),
    annexes: Mapping[str, str] | None = None,
) -> Dossier:
    """The dossier of a case: ``rows`` by snapshot id, ``actors`` whose networks it may belong to, ``version`` of this program,
    ``annexes`` the SHA-256 of files that are written beside it, by name.
    """
    shots = file.campaigns
    statements = told(shots, rows, texts or {})
    mine = {shot.campaign.id for shot in shots}
    return Dossier(
        made=now.astimezone(UTC).isoformat(timespec="seconds"),
        by=by,
        version=version,
        case=file.case,
        merged=file.merged,
        sources=[_source(number, shot) for number, shot in enumerate(shots, start=1)],
        observations=statements.observations,
        inferences=statements.inferences,
        against=statements.against,
        behind=_behind(file.assessment.assessment) if file.assessment else None,
        earlier=_earlier(file),
        actors=[actor for actor in actors if mine & set(actor.campaigns)],
        decisions=file.decisions,
        comments=file.comments,
        attachments=file.attachments,
        holds=file.holds,
        history=file.history,
        history_faults=_faults(file),
        ledger=list(ledger),
        accounts=[row for shot in shots for row in rows.get(shot.id, ())],
        annexes=dict(annexes or {}),
    )


def _source(number: int, shot: Snapshot) -> Source:
    made_with = f"Stillwatch {shot.run.version}, engine {shot.run.engine}, finished {shot.run.finished}"
    return Source(f"S{number}", shot.path, shot.sha256, shot.accounts_sha256, shot.taken, shot.by, shot.campaign.id, made_with)


def _behind(assessment: Assessment) -> Behind:
    weighed, found = assessment.weighed(), assessment.sensitivity()
    return Behind(
        [Weight(w.hypothesis.id, w.hypothesis.name, w.bits, clipped(w.probability), w.told) for w in weighed.values()],
        assessment.items,
        found.leader,
        found.linchpins,
        found.without,
        found.span,
        assessment.judgement,
        assessment.dissents,
    )


def _earlier(file: CaseFile) -> list[Dissent]:
    """Dissents that later assessments no longer carry: they are not forgotten."""
    now = file.assessment.assessment.dissents if file.assessment else []
    found = [dissent for signed in file.assessments for dissent in signed.assessment.dissents if dissent not in now]
    return list(dict.fromkeys(found))


def _faults(file: CaseFile) -> list[str]:
    """Of each case's history on its own: those that were merged have one each."""
    numbers = dict.fromkeys(action.case for action in file.history)
    return [fault for number in numbers for fault in faults([each for each in file.history if each.case == number])]
