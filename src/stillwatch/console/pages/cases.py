"""Cases: the list, one case with its history, and what people do to it; every change names the version that was seen."""

from datetime import UTC, datetime
from typing import get_args

from stillwatch.case.source import read_scan
from stillwatch.case.states import TRANSITIONS, State
from stillwatch.console.scans.listing import whole
from stillwatch.console.web.answer import Answer, Page, Redirect
from stillwatch.console.web.failures import NotHere
from stillwatch.console.web.visit import Visit
from stillwatch.errors import UsageError

_PAGE = 50


def cases(visit: Visit) -> Answer:
    """Cases by state and words; for a campaign, its case or the offer to open one."""
    campaign_id, words = visit.query.get("campaign", ""), visit.query.get("text", "")[:200]
    state = [name for name in get_args(State) if name == visit.query.get("state")]
    page = max(1, whole(visit.query.get("page", ""), 1))
    store = visit.desk.cases
    if campaign_id and (case := store.of_campaign(campaign_id)):
        return Redirect(f"/cases/{case.number}")
    total = store.count(state, words=words)
    found = store.find(state, words=words, limit=_PAGE, offset=(page - 1) * _PAGE)
    data = {"cases": found, "total": total, "page": page, "pages": max(1, -(-total // _PAGE))}
    shown = {"campaign": campaign_id, "text": words, "state": state[0] if state else "", "states": get_args(State)}
    return Page("cases.html", "Cases", data, shown)


def case(visit: Visit) -> Answer:
    """All of a case."""
    file = visit.desk.cases.file(_number(visit))
    return Page("case.html", file.case.name, {"file": file}, {"next_states": TRANSITIONS[file.case.state]})


def open_case(visit: Visit) -> Answer:
    """Open a case for a campaign of the scan."""
    campaign_id = visit.word("campaign", 200)
    scan = read_scan(visit.desk.settings.scan)
    chosen = [each for each in scan.campaigns if each.id == campaign_id]
    if not chosen:
        raise NotHere("the scan knows no such campaign", place=campaign_id, cure="see the list of campaigns")
    (made,) = visit.desk.cases.add(scan, visit.person.name, _time(visit), chosen)
    return Redirect(f"/cases/{made.number}", "case-opened")


def change(visit: Visit) -> Answer:
    """Assign, comment or decide, as the form says. Raises Conflict if somebody else was faster."""
    number, version, who, now = _number(visit), whole(visit.word("version", 9), 0), visit.person.name, _time(visit)
    store = visit.desk.cases
    match visit.word("what"):
        case "assign":
            store.assign(number, visit.word("assignee", 80), who, now, version)
            said = "assigned"
        case "comment":
            store.comment(number, visit.word("text"), who, now, version)
            said = "commented"
        case "decide":
            store.decide(number, _state(visit.word("state")), visit.word("reason"), who, now, version)
            said = "decided"
        case _:
            raise UsageError("no such change", place="what", cure="use the forms of the page")
    return Redirect(f"/cases/{number}", said)


def _state(word: str) -> State:
    states: dict[str, State] = {name: name for name in get_args(State)}
    if word not in states:
        raise UsageError("no such state", place="state", cure=f"choose one of {', '.join(states)}")
    return states[word]


def _number(visit: Visit) -> int:
    number = whole(visit.path["case"], 0)
    if not number:
        raise NotHere("no such case", place=visit.path["case"][:80], cure="see the list of cases")
    return number


def _time(visit: Visit) -> datetime:
    return datetime.fromtimestamp(visit.now, UTC)
