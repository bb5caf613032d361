"""The list of campaigns, filtered, sorted, page by page."""

from typing import Any

from stillwatch.campaigns.campaign import Campaign
from stillwatch.campaigns.report.summary import SEVERITIES, strongest
from stillwatch.console.scans.listing import SORTS, Wishes, chosen
from stillwatch.console.scans.result import Result
from stillwatch.console.web.answer import Answer, Page
from stillwatch.console.web.visit import Visit


def campaigns(visit: Visit) -> Answer:
    """The campaigns that the address asks for."""
    result = visit.desk.result
    wishes = Wishes.of(visit.query)
    listing = chosen(result.campaigns, wishes)
    data = {
        "total": listing.total,
        "of": len(result.campaigns),
        "page": listing.page,
        "pages": listing.pages,
        "campaigns": [brief(result, c) for c in listing.campaigns],
    }
    shown = {
        "wishes": wishes,
        "severities": SEVERITIES,
        "techniques": result.techniques,
        "sorts": list(SORTS),
        "rows": [(result.by_id[c.id][0], c) for c in listing.campaigns],
    }
    return Page("campaigns.html", "Campaigns", data, shown)


def brief(result: Result, campaign: Campaign) -> dict[str, Any]:
    """A campaign as a row of a list."""
    best = strongest(campaign.evidence)
    return {
        "number": result.by_id[campaign.id][0],
        "id": campaign.id,
        "severity": campaign.severity,
        "accounts": len(campaign.accounts),
        "requests": campaign.requests,
        "coordination_bits": campaign.coordination_bits,
        "harvest_bits": campaign.harvest_bits,
        "q_value": campaign.q_value,
        "first_seen": campaign.first_seen,
        "last_seen": campaign.last_seen,
        "strongest": best.statement if best else None,
        "techniques": [t.id for t in campaign.techniques],
    }
