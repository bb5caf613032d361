"""The campaign whose loss is asked for: read from a scan's ``campaigns.json``, with its accounts' requests from the logs.

>>> CampaignOf("campaign--1", ["acct-1"]).techniques
[]
"""

import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import pyarrow.compute as pc
import pyarrow.dataset as ds

from stillwatch.errors import NoReadableInput
from stillwatch.forensics.documents import read_document
from stillwatch.forensics.loss.estimate import Traffic
from stillwatch.traffic.intake import take_in

_COLUMNS = ("status", "n", "output_tokens", "reasoning_tokens")


class TechniqueShare(msgspec.Struct, frozen=True):
    """A technique and the share of the campaign's requests in [0, 1] that show it."""

    name: str
    share: float


class CampaignOf(msgspec.Struct, frozen=True):
    """What of a campaign is needed here (contracts, section 3)."""

    id: str
    accounts: list[str]
    techniques: list[TechniqueShare] = []
    q_value: float = 1.0


class _Campaigns(msgspec.Struct, frozen=True):
    campaigns: list[CampaignOf]


def read_campaign(path: Path, campaign_id: str | None) -> CampaignOf:
    """The campaign with this id; without one the only campaign of the file. Raises NoReadableInput if there is no such one."""
    found = read_document(path, _Campaigns, "campaigns.json").campaigns
    chosen = found if campaign_id is None else [campaign for campaign in found if campaign.id == campaign_id]
    if len(chosen) != 1:
        known = ", ".join(campaign.id for campaign in found[:3]) or "none"
        raise NoReadableInput(
            f"{len(chosen)} campaigns fit {campaign_id or 'any id'}",
            place=str(path),
            cure=f"name one by its id; there are: {known}",
        )
    return chosen[0]


def read_traffic(logs: Sequence[str], accounts: Sequence[str], now: datetime) -> Traffic:
    """The accounts' requests out of logs of any format that a scan reads. Raises NoReadableInput if they have none there."""
    with tempfile.TemporaryDirectory(prefix="stillwatch-loss-") as folder:
        workshop = Path(folder)
        staging = workshop / "staging"
        staging.mkdir()
        intake = take_in(logs, staging=staging, rejected=workshop / "rejected.jsonl", now=now)
        parts = [_requests(path, accounts) for path in intake.parquet]
    columns = {name: [value for part in parts for value in part[name]] for name in _COLUMNS}
    if not columns["status"]:
        raise NoReadableInput(
            "the campaign's accounts have no request in these logs", place=", ".join(logs), cure="name the logs that were scanned"
        )
    return Traffic(columns["status"], columns["n"], columns["output_tokens"], columns["reasoning_tokens"])


def _requests(path: Path, accounts: Sequence[str]) -> dict[str, list[int | None]]:
    """The columns that are needed, null where the file has none, for rows of these accounts."""
    dataset = ds.dataset(path)
    present = [name for name in _COLUMNS if name in dataset.schema.names]
    table = dataset.to_table(columns=present, filter=pc.field("account_id").isin(list(accounts)))
    return {name: table.column(name).to_pylist() if name in present else [None] * table.num_rows for name in _COLUMNS}
