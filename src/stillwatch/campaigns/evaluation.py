"""Evaluation: a scan's result against labels, with every number defined.

A labelled campaign is *found* if reported campaigns that consist of it by half or more together hold half or more of its
accounts; several such reports are a *split*. A reported campaign is *false* if no labelled one makes up half of it. Precision and
recall are over accounts in reported campaigns.

>>> evaluate(result, labels).recall
0.97
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec

from stillwatch.campaigns.campaign import Campaigns


class Label(msgspec.Struct, frozen=True):
    """The truth of one account: its ``campaign`` (None: benign) and its ``kind``."""

    account_id: str
    campaign: str | None
    kind: str


class Found(msgspec.Struct, frozen=True):
    """One labelled campaign: its accounts, how many of them were reported, in how many reported campaigns."""

    campaign: str
    accounts: int
    reported_accounts: int
    reports: int
    found: bool


class Kind(msgspec.Struct, frozen=True):
    """One kind of account: how many there are, and how many stand in reported campaigns."""

    kind: str
    hostile: bool
    accounts: int
    reported_accounts: int


class Evaluation(msgspec.Struct, frozen=True):
    """The comparison. ``precision`` and ``recall`` are null where nothing was reported or nothing is hostile.

    ``seen_before_detection``: share of a campaign's requests seen before it was detected, null from a single scan, which
    sees all at once (``seen_because`` says so).
    """

    campaigns: list[Found]
    missed: list[str]
    false: list[str]
    precision: float | None
    recall: float | None
    fdr: float
    kinds: list[Kind]
    seen_before_detection: float | None
    seen_because: str


def evaluate(result: Campaigns, labels: Sequence[Label]) -> Evaluation:
    """Compare a result with the labels of the accounts in it; accounts without a label count as benign."""
    truth = {label.account_id: label.campaign for label in labels}
    reported = {account for campaign in result.campaigns for account in campaign.accounts}
    hostile = Counter(campaign for campaign in truth.values() if campaign)
    held: dict[str, list[int]] = defaultdict(list)
    false = []
    for campaign in result.campaigns:
        name, count = _majority(campaign.accounts, truth)
        if name is not None and count >= len(campaign.accounts) / 2:
            held[name].append(count)
        else:
            false.append(campaign.id)
    found = [
        Found(name, size, sum(held[name]), len(held[name]), sum(held[name]) >= size / 2) for name, size in sorted(hostile.items())
    ]
    right = sum(truth.get(account) is not None for account in reported)
    return Evaluation(
        campaigns=found,
        missed=[entry.campaign for entry in found if not entry.found],
        false=false,
        precision=right / len(reported) if reported else None,
        recall=right / hostile.total() if hostile else None,
        fdr=result.run.fdr,
        kinds=_kinds(labels, reported),
        seen_before_detection=None,
        seen_because="one scan sees the whole window at once; repeated scans of growing windows are needed",
    )


def _majority(accounts: Sequence[str], truth: dict[str, str | None]) -> tuple[str | None, int]:
    counts = Counter(name for account in accounts if (name := truth.get(account)))
    return counts.most_common(1)[0] if counts else (None, 0)


def _kinds(labels: Sequence[Label], reported: set[str]) -> list[Kind]:
    members: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for label in labels:
        members[label.kind, label.campaign is not None].append(label.account_id)
    return [
        Kind(kind, hostile, len(accounts), sum(account in reported for account in accounts))
        for (kind, hostile), accounts in sorted(members.items(), key=lambda entry: (not entry[0][1], entry[0][0]))
    ]
