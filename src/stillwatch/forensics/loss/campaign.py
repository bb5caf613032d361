"""The campaign whose loss is asked for, read from a scan's ``campaigns.json``.

>>> CampaignOf("campaign--1", ["acct-1"]).techniques
[]
"""

from pathlib import Path

import msgspec

from stillwatch.errors import NoReadableInput
from stillwatch.forensics.documents import read_document


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
