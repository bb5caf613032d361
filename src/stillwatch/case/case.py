"""A case and what belongs to it, as values. Times are ISO 8601 in UTC with microseconds, so that they sort as text.

>>> Action(1, 1, "2026-11-02T00:00:00.000000Z", "Ann Analyst", "comment", {"comment": 1}, "", "").summary
'comment by Ann Analyst'
"""

from typing import Any

import msgspec

from stillwatch.attribution.assessment import Assessment
from stillwatch.campaigns.campaign import Campaign, Run
from stillwatch.case.states import State


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case as a list shows it.

    ``version`` grows by one with every change; ``assignee`` is empty if nobody has it; ``retain_until`` is set while the case is
    closed or reversed; ``merged_into`` is the number of the case that took it in. The figures are those of its latest snapshot.
    """

    number: int
    title: str
    state: State
    severity: str
    assignee: str
    version: int
    opened: str
    updated: str
    retain_until: str | None
    merged_into: int | None
    held: bool
    campaign_id: str
    accounts: int
    requests: int
    coordination_bits: float
    harvest_bits: float
    q_value: float
    first_seen: str
    last_seen: str

    @property
    def name(self) -> str:
        """What people call it: *case-7*."""
        return f"case-{self.number}"


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign as a scan told of it, and where it stood: the file's path, its SHA-256 and the JSON pointer (RFC 6901) in it.

    Masked texts of scaffolds are not kept. ``accounts_sha256`` is that of ``accounts.parquet``, empty if that file was not there.
    """

    id: int
    case: int
    taken: str
    by: str
    campaign: Campaign
    run: Run
    path: str
    sha256: str
    pointer: str
    accounts_sha256: str


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """An account's row of ``accounts.parquet``: ``row`` counts from 0; ``bits`` per signal, those that are null left out."""

    snapshot: int
    row: int
    account_id: str
    campaign_id: str
    case: int
    figures: dict[str, Any]
    bits: dict[str, float]


class Comment(msgspec.Struct, frozen=True):
    """What somebody remarked."""

    id: int
    by: str
    at: str
    text: str


class Attachment(msgspec.Struct, frozen=True):
    """A file that belongs to the case; ``sha256`` is that of its bytes when it was attached."""

    id: int
    name: str
    media_type: str
    size: int
    sha256: str
    by: str
    at: str


class Decision(msgspec.Struct, frozen=True):
    """A decision with its reason."""

    id: int
    by: str
    at: str
    before: State
    after: State
    reason: str


class Hold(msgspec.Struct, frozen=True):
    """A litigation hold on one case, or on all if ``case`` is None. It stands until it is lifted."""

    id: int
    case: int | None
    by: str
    at: str
    reason: str
    lifted_by: str | None
    lifted_at: str | None
    lift_reason: str | None

    @property
    def stands(self) -> bool:
        """Whether it still forbids to delete."""
        return self.lifted_at is None


class Signed(msgspec.Struct, frozen=True):
    """An assessment as it was entered; the latest of a case is the one that holds."""

    id: int
    by: str
    at: str
    assessment: Assessment


class Action(msgspec.Struct, frozen=True):
    """One thing that was done to a case. ``place`` counts from 1 in the case; ``digest`` covers it and ``previous``, the one
    before.
    """

    case: int
    place: int
    at: str
    by: str
    action: str
    details: dict[str, Any]
    previous: str
    digest: str

    @property
    def summary(self) -> str:
        """What was done, by whom."""
        return f"{self.action} by {self.by}"


class CaseFile(msgspec.Struct, frozen=True, kw_only=True):
    """A case with all that belongs to it, each in the order in which it came. ``merged`` are the cases that it took in."""

    case: Case
    snapshots: list[Snapshot]
    comments: list[Comment]
    attachments: list[Attachment]
    decisions: list[Decision]
    holds: list[Hold]
    assessments: list[Signed]
    history: list[Action]
    merged: list[Case]

    @property
    def campaigns(self) -> list[Snapshot]:
        """The latest snapshot of each of its campaigns."""
        return list({snapshot.campaign.id: snapshot for snapshot in self.snapshots}.values())

    @property
    def assessment(self) -> Signed | None:
        """The assessment that holds."""
        return self.assessments[-1] if self.assessments else None


class Purged(msgspec.Struct, frozen=True):
    """What is left of a case that was deleted: that it was there, who deleted it when and why, and the end of its history."""

    number: int
    campaign_ids: list[str]
    by: str
    at: str
    reason: str
    actions: int
    digest: str
