"""A list of campaigns as a person asks for it: filtered, sorted, one page of it; a pure function of campaigns and wishes.

>>> chosen([], Wishes(severity="high", page=9)).pages
1
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from stillwatch.campaigns.campaign import Campaign
from stillwatch.campaigns.report.summary import SEVERITIES, rank

PAGE_SIZE = 50
SORTS: Mapping[str, Callable[[Campaign], Any]] = {
    "severity": lambda c: (-rank(c), -c.q_value, c.coordination_bits + c.harvest_bits),
    "accounts": lambda c: len(c.accounts),
    "requests": lambda c: c.requests,
    "coordination": lambda c: c.coordination_bits,
    "harvest": lambda c: c.harvest_bits,
    "q": lambda c: -c.q_value,
    "first": lambda c: c.first_seen,
    "last": lambda c: c.last_seen,
}
"""What a list may be sorted by, each so that the largest, latest or gravest comes first."""


@dataclass(frozen=True)
class Wishes:
    """What is asked for; empty words ask for nothing.

    ``text`` is looked for in ids, accounts, organisations, signals and techniques.
    """

    text: str = ""
    severity: str = ""
    technique: str = ""
    least_accounts: int = 0
    sort: str = "severity"
    order: str = "down"
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wishes":
        """The wishes in an address; what is no wish is left out."""
        return cls(
            text=query.get("text", "").strip()[:200],
            severity=query["severity"] if query.get("severity") in SEVERITIES else "",
            technique=query.get("technique", "")[:80],
            least_accounts=whole(query.get("least_accounts", ""), 0),
            sort=query["sort"] if query.get("sort") in SORTS else "severity",
            order="up" if query.get("order") == "up" else "down",
            page=max(1, whole(query.get("page", ""), 1)),
        )

    def address(self, **changed: Any) -> str:
        """The query of an address that asks for this, with changes."""
        wanted, plain = replace(self, **changed), Wishes()
        return urlencode({name: v for name in plain.__dict__ if (v := getattr(wanted, name)) != getattr(plain, name)})

    def by(self, sort: str) -> str:
        """The query for another order: by that column, or turned round if it is already by it."""
        turned = "up" if self.sort == sort and self.order == "down" else "down"
        return self.address(sort=sort, order=turned, page=1)


@dataclass(frozen=True)
class Listing:
    """One page: its campaigns, how many there are in all, which page of how many."""

    campaigns: Sequence[Campaign]
    total: int
    page: int
    pages: int


def chosen(campaigns: Sequence[Campaign], wishes: Wishes) -> Listing:
    """The page that is wished for; a page beyond the last is the last."""
    found = [c for c in campaigns if _wanted(c, wishes)]
    found.sort(key=SORTS[wishes.sort], reverse=wishes.order == "down")
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(wishes.page, pages)
    return Listing(found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], len(found), page, pages)


def whole(text: str, otherwise: int) -> int:
    """A whole number from an address; ``otherwise`` if it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def _wanted(campaign: Campaign, wishes: Wishes) -> bool:
    if wishes.severity and campaign.severity != wishes.severity:
        return False
    if len(campaign.accounts) < wishes.least_accounts:
        return False
    if wishes.technique and all(t.id != wishes.technique for t in campaign.techniques):
        return False
    return not wishes.text or _holds(campaign, wishes.text)


def _holds(campaign: Campaign, text: str) -> bool:
    """Whether the text is one of its accounts, or part of its other words."""
    low = text.casefold()
    words = (campaign.id, *campaign.org_ids, *(e.signal for e in campaign.evidence), *(t.name for t in campaign.techniques))
    return text in campaign.accounts or any(low in word.casefold() for word in words)
