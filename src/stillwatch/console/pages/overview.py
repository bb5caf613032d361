"""The overview: what the scan found, what waits, and what could not be judged."""

from collections import Counter

from stillwatch.campaigns.report import page as report
from stillwatch.campaigns.report.summary import headline, rank
from stillwatch.console.pages.campaigns import brief
from stillwatch.console.web.answer import Answer, Page
from stillwatch.console.web.visit import Visit

_SHOWN = 10


def overview(visit: Visit) -> Answer:
    """The scan in numbers, its gravest campaigns, and what it could not judge."""
    result = visit.desk.result
    top = result.campaigns[:_SHOWN]
    said = headline(result.campaigns)
    data = {
        "headline": said,
        "run": result.document.run,
        "severities": dict(Counter(c.severity for c in sorted(result.campaigns, key=rank))),
        "techniques": [
            {"id": name, "name": result.techniques[name], "campaigns": count} for name, count in _techniques(visit).most_common(8)
        ],
        "campaigns": [brief(result, c) for c in top],
        "explained": len(result.document.explained),
    }
    shown = {"facts": report.facts(result.document.run), "rows": list(enumerate(top, start=1))}
    return Page("overview.html", said, data, shown)


def _techniques(visit: Visit) -> Counter[str]:
    return Counter(t.id for c in visit.desk.result.campaigns for t in c.techniques)
