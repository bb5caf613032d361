"""The state of repeated scans: the campaigns that earlier ones found, so that the next one goes on from there.

An engine keeps the derived rows of every request seen so far (keys and fingerprints, no text), and beside them, as its note, the
campaigns found. A scan with the state adds the requests that it has not seen, weighs everything together, and gives a campaign the
id that it had: the one of the earlier campaign of whose accounts it holds the largest part, half at least. So a pool that replaces
a banned one joins its campaign, and a scan of the same logs again changes nothing.

>>> known(b"null")
[]
"""

from collections.abc import Sequence

import msgspec

from stillwatch.campaigns.campaign import Campaign
from stillwatch.traffic.engines.history import no_state

_KEPT = 0.5


def known(note: bytes, place: str = "--state") -> list[Campaign]:
    """All campaigns in the note of a history, as last seen. Raises UsageError if it is none of ours."""
    try:
        return msgspec.json.decode(note, type=list[Campaign] | None) or []
    except msgspec.MsgspecError as error:
        raise no_state(place, str(error)) from error


def note(campaigns: Sequence[Campaign], earlier: Sequence[Campaign]) -> bytes:
    """The note after a scan; ``earlier`` campaigns that it did not find again stay known."""
    now = {campaign.id for campaign in campaigns}
    return msgspec.json.encode([*campaigns, *(old for old in earlier if old.id not in now)])


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
