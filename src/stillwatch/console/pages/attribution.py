"""The attribution board: each hypothesis with what speaks for it, and what people judge; a formula names nobody."""

from datetime import UTC, datetime

import msgspec

from stillwatch.attribution.assessment import Assessment, judged
from stillwatch.attribution.estimative import Confidence
from stillwatch.attribution.traffic_items import items_of
from stillwatch.case.cases import Cases
from stillwatch.console.pages.campaign import wanted
from stillwatch.console.scans.listing import whole
from stillwatch.console.web.answer import Answer, Page, Redirect
from stillwatch.console.web.failures import NotHere
from stillwatch.console.web.visit import Visit
from stillwatch.errors import UsageError


def board(visit: Visit) -> Answer:
    """Networks of campaigns that are kept as actors, and the cases that wait for a judgement."""
    store = visit.desk.cases
    actors = store.actors()
    open_cases = store.find(("new", "triaged", "confirmed"), limit=50)
    return Page("attribution.html", "Attribution", {"actors": actors, "cases": open_cases})


def of_campaign(visit: Visit) -> Answer:
    """A campaign's hypotheses with bits and probability, the items they rest on, and what the leading one hangs on."""
    number, found, _ = wanted(visit)
    store = visit.desk.cases
    case = store.of_campaign(found.id)
    assessment = _assessment(store, case.number) if case else None
    assessment = assessment or Assessment(subject=found.id, items=items_of(found, _pointer(found.id)))
    weighed = sorted(assessment.weighed().values(), key=lambda each: -each.probability)
    data = {"campaign": found.id, "assessment": assessment, "weighed": weighed, "sensitivity": assessment.sensitivity()}
    shown = {"number": number, "case": case, "items": assessment.items, "confidences": _CONFIDENCES}
    return Page("assessment.html", "Attribution", data, shown)


def judge(visit: Visit) -> Answer:
    """Record a person's judgement on a case. Raises UsageError, Conflict."""
    now, number = datetime.fromtimestamp(visit.now, UTC), whole(visit.path["case"], 0)
    try:
        confidence = msgspec.convert(visit.word("confidence"), Confidence)
    except msgspec.ValidationError as error:
        raise UsageError("no such confidence", place="confidence", cure=f"choose one of {', '.join(_CONFIDENCES)}") from error
    store = visit.desk.cases
    case = store.case(number)
    campaign = visit.desk.result.by_id.get(case.campaign_id)
    draft = _assessment(store, number)
    if draft is None and campaign is None:
        raise NotHere("the scan does not know the case's campaign", place=case.name, cure="start the console with its scan")
    draft = draft or Assessment(
        subject=case.campaign_id, items=items_of(campaign[1], _pointer(case.campaign_id)) if campaign else []
    )
    signed = judged(draft, visit.word("hypothesis"), confidence, visit.word("reason"), visit.person.name, now)
    store.assess(number, signed, visit.person.name, now, whole(visit.word("version", 9), 0))
    return Redirect(f"/cases/{number}", "judged")


_CONFIDENCES = ("low", "moderate", "high")


def _assessment(store: Cases, number: int) -> Assessment | None:
    """The assessment that holds for a case, if there is one."""
    held = store.file(number).assessment
    return held.assessment if held else None


def _pointer(campaign_id: str) -> str:
    """Where the items come from."""
    return f"campaigns.json, {campaign_id}"
