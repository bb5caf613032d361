"""The overview: what the scan found, what waits, and what could not be judged."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from stillwatch.campaigns.report import page as report
from stillwatch.campaigns.report.summary import headline, rank
from stillwatch.console.desk import Desk
from stillwatch.console.pages.campaigns import brief
from stillwatch.console.web.answer import Answer, Page
from stillwatch.console.web.visit import Visit
from stillwatch.errors import StillwatchError

_SHOWN = 10


def overview(visit: Visit) -> Answer:
    """The scan in numbers, its gravest campaigns, and what it could not judge."""
    result = visit.desk.result
    top = result.campaigns[:_SHOWN]
    said = headline(result.campaigns)
    data = {
        "headline": said,
        "waiting": _waiting(visit.desk),
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


def _waiting(desk: Desk) -> dict[str, int]:
    """How much waits for a person, by what it is; what cannot be read now is left out."""
    counts: dict[str, Callable[[], int]] = {
        "new cases": lambda: desk.cases.count(("new",)),
        "shares": lambda: sum(each.state == "waiting" for each in desk.proposals.latest()),
        "appeals": lambda: sum(each.state == "open" for each in desk.appeals.latest()),
    }
    found = {}
    for what, count in counts.items():
        with suppress(StillwatchError):
            found[what] = count()
    return found


def _techniques(visit: Visit) -> Counter[str]:
    return Counter(t.id for c in visit.desk.result.campaigns for t in c.techniques)
