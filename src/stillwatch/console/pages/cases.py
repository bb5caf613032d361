"""Cases: the list, one case with its history, and what people do to it; every change names the version that was seen.

Rules: an attachment is kept as it came and never shown: it is only ever handed out to be saved. A litigation hold is counsel's.
"""

from typing import get_args

from stillwatch.case.cases import ATTACHMENT_BYTES, RETENTION_DAYS
from stillwatch.case.source import read_scan
from stillwatch.case.states import TRANSITIONS, State
from stillwatch.console.access.role import Right
from stillwatch.console.missing import NotHere
from stillwatch.console.pages.course import course_of
from stillwatch.console.pages.dossiers import FORMATS
from stillwatch.console.scans.listing import whole
from stillwatch.console.web.answer import Answer, Download, Page, Redirect
from stillwatch.console.web.visit import Visit
from stillwatch.errors import UsageError

_PAGE = 50
MEANINGS: dict[State, str] = {
    "new": "nobody has looked yet",
    "triaged": "worth an analyst's time",
    "confirmed": "held to be a campaign",
    "shared": "others were told",
    "closed": "the work is done",
    "reversed": "it was confirmed, and that was wrong",
}
"""What each state means, for people."""


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
    store = visit.desk.cases
    file = store.file(_number(visit))
    holds = [each for each in store.holds() if each.case in (None, file.case.number)]
    shown = {
        "next_states": {each: MEANINGS[each] for each in TRANSITIONS[file.case.state]},
        "most_bytes": ATTACHMENT_BYTES,
        "retention_days": RETENTION_DAYS,
        "forms": FORMATS,
    }
    data = {"file": file, "holds": holds, "course": course_of(visit.desk, file.case.campaign_id)}
    return Page("case.html", file.case.name, data, shown)


def open_case(visit: Visit) -> Answer:
    """Open a case for a campaign of the scan."""
    campaign_id = visit.word("campaign", 200)
    scan = read_scan(visit.desk.settings.scan)
    chosen = [each for each in scan.campaigns if each.id == campaign_id]
    if not chosen:
        raise NotHere("the scan knows no such campaign", place=campaign_id, cure="see the list of campaigns")
    (made,) = visit.desk.cases.add(scan, visit.person.name, visit.time, chosen)
    return Redirect(f"/cases/{made.number}", "case-opened")


def change(visit: Visit) -> Answer:
    """Do to a case what the form says. Raises Conflict if somebody else was faster, RefusedByPolicy without the right."""
    number, version, who = _number(visit), _version(visit), visit.person.name
    store, now, why = visit.desk.cases, visit.time, visit.word("reason")
    match visit.word("what"):
        case "assign":
            store.assign(number, visit.word("assignee", 80), who, now, version)
            said = "assigned"
        case "comment":
            store.comment(number, visit.word("text"), who, now, version)
            said = "commented"
        case "decide":
            store.decide(number, _state(visit.word("state")), why, who, now, version)
            said = "decided"
        case "merge":
            store.merge(number, _numbers(visit.word("others")), why, who, now, version)
            said = "merged"
        case "hold":
            visit.need(Right.HOLD)
            store.hold(number, why, who, now, version)
            said = "held"
        case "lift":
            visit.need(Right.HOLD)
            store.lift(whole(visit.word("hold"), 0), why, who, now)
            said = "lifted"
        case _:
            raise UsageError("no such change", place="what", cure="use the forms of the page")
    return Redirect(f"/cases/{number}", said)


def attach(visit: Visit) -> Answer:
    """Add a file to a case. Raises Conflict, UsageError if it is empty or too large."""
    number, upload = _number(visit), visit.upload
    if upload is None:
        raise UsageError("no file came with the form", place="file", cure="choose a file")
    visit.desk.cases.attach(number, upload.name, upload.media_type, upload.content, visit.person.name, visit.time, _version(visit))
    return Redirect(f"/cases/{number}", "attached")


def attachment(visit: Visit) -> Answer:
    """An attachment, to be saved. Raises NoSuchCase, NotHere, Damaged."""
    number, wanted = _number(visit), whole(visit.path["attachment"], 0)
    store = visit.desk.cases
    found = [each for each in store.file(number).attachments if each.id == wanted]
    if not found:
        raise NotHere("the case has no such attachment", place=visit.path["attachment"][:80], cure="see the page of the case")
    return Download(found[0].name, store.attachment(number, wanted))


def _version(visit: Visit) -> int:
    return whole(visit.word("version", 9), 0)


def _numbers(text: str) -> list[int]:
    """Numbers of cases as a person writes them. Raises UsageError."""
    words = text.replace(",", " ").replace("case-", " ").split()
    if not words or not all(whole(word, 0) for word in words):
        raise UsageError("these are no numbers of cases", place="others", cure="write them as 2, 3")
    return [whole(word, 0) for word in words]


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
