"""A campaign: why it was flagged, what speaks against it, how it ran in time, what its accounts share."""

from stillwatch.campaigns.campaign import Campaign
from stillwatch.campaigns.detail import Detail
from stillwatch.campaigns.report import page as report
from stillwatch.console.missing import NotHere
from stillwatch.console.pages.course import course_of
from stillwatch.console.scans.account_graph import account_graph
from stillwatch.console.scans.matrix import matrix
from stillwatch.console.web.answer import Answer, Json, Page
from stillwatch.console.web.visit import Visit


def campaign(visit: Visit) -> Answer:
    """All of a campaign, as in the report, with what can be done about it."""
    number, found, detail = wanted(visit)
    section = report.section(number, found, detail)
    course = course_of(visit.desk, found.id) if number else None
    data = {"number": number or None, "explained": number == 0, "campaign": found, "detail": detail, "course": course}
    title = section.name.capitalize() if number else "Explained group"
    against = [each for each in found.evidence if each.bits < 0]
    shown = {"s": section, "c": found, "columns": matrix(found.techniques), "against": against}
    return Page("one_campaign.html", title, data, shown)


def graph(visit: Visit) -> Answer:
    """The account graph for the interactive drawing."""
    _, found, detail = wanted(visit)
    return Json(account_graph(found.accounts, detail.shared if detail else []))


def timeline(visit: Visit) -> Answer:
    """The timeline for the interactive chart."""
    _, _, detail = wanted(visit)
    return Json({"bins": detail.timeline if detail else []})


def wanted(visit: Visit) -> tuple[int, Campaign, Detail | None]:
    """The campaign that the address names, with its number (0: explained innocently) and detail. Raises NotHere."""
    result = visit.desk.result
    name = visit.path["id"]
    if name not in result.by_id:
        cure = "see the list of campaigns; a new scan without --state may have given it another id"
        raise NotHere("the scan knows no such campaign", place=name[:120], cure=cure)
    number, found = result.by_id[name]
    return number, found, result.detail(name)
