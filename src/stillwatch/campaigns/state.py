"""The state of repeated scans: what earlier windows left, so that the next one goes on from there.

A folder holds the derived rows of every request seen so far (keys and fingerprints, no text) and the campaigns found. A scan with
the folder adds the requests that it has not seen, weighs everything together, and gives a campaign the id that it had:
the one of the earlier campaign of whose accounts it holds the largest part, half at least. So a pool that replaces a banned one
joins its campaign, and a scan of the same logs again changes nothing.

>>> State(Path("state")).parts
[]
"""

import os
import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from stillwatch.campaigns.campaign import Campaign
from stillwatch.errors import UsageError

_KNOWN = "campaigns.json"
_PART = "part-*.parquet"
_KEPT = 0.5


@dataclass(frozen=True)
class State:
    """The folder of a state; it need not exist yet."""

    folder: Path

    @property
    def parts(self) -> list[Path]:
        """The derived rows of earlier scans, oldest first."""
        return sorted(self.folder.glob(_PART))

    def earlier(self) -> list[Campaign]:
        """All campaigns that scans with this state reported, as last seen. Raises UsageError if the folder holds something else."""
        try:
            return msgspec.json.decode((self.folder / _KNOWN).read_bytes(), type=list[Campaign])
        except FileNotFoundError:
            return []
        except (msgspec.MsgspecError, OSError) as error:
            cure = "name the folder of an earlier --state, or a new one"
            raise UsageError(f"this is no state of earlier scans: {error}", place=str(self.folder), cure=cure) from error

    def add(self, fresh: Path) -> None:
        """Take in the derived rows of a scan (a Parquet file), whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{len(self.parts):06d}-{uuid.uuid4().hex[:8]}.parquet"
        shutil.copyfile(fresh, self.folder / f".{name}")
        os.replace(self.folder / f".{name}", self.folder / f"part-{name}")

    def remember(self, campaigns: Sequence[Campaign]) -> None:
        """Take in the campaigns of a scan; those that it did not find again stay known."""
        self.folder.mkdir(parents=True, exist_ok=True)
        now = {campaign.id for campaign in campaigns}
        known = [*campaigns, *(old for old in self.earlier() if old.id not in now)]
        waiting = self.folder / f".{_KNOWN}.{uuid.uuid4().hex[:8]}"
        waiting.write_bytes(msgspec.json.encode(known))
        os.replace(waiting, self.folder / _KNOWN)


def with_earlier_ids(campaigns: Sequence[Campaign], earlier: Sequence[Campaign]) -> list[Campaign]:
    """The campaigns, each with the id of the earlier one that lives on in it; no id is given twice."""
    names = {campaign.id: campaign.id for campaign in campaigns}
    free = list(earlier)
    for campaign in sorted(campaigns, key=lambda campaign: -len(campaign.accounts)):
        heir_of = max(free, key=lambda old: _kept(campaign, old), default=None)
        if heir_of and _kept(campaign, heir_of) >= _KEPT:
            names[campaign.id] = heir_of.id
            free.remove(heir_of)
    return [msgspec.structs.replace(campaign, id=names[campaign.id]) for campaign in campaigns]


def _kept(campaign: Campaign, old: Campaign) -> float:
    """The share of the old campaign's accounts that are in the new one."""
    return len(set(old.accounts) & set(campaign.accounts)) / len(old.accounts)
