"""The attribution board: each hypothesis with what speaks for it, and what people judge; a formula names nobody.

Rules: what if an item were false is shown and changes nothing. A judgement and a dissent are recorded with name, date and reason.
Evidence that the traffic does not give is entered, and an item that does not hold is struck, together with a judgement that rests
on the change; so no judgement stands on other evidence than its analyst saw.
"""

from collections.abc import Sequence
from typing import Any, get_args

import msgspec

from stillwatch.attribution.assessment import Assessment, dissented, judged
from stillwatch.attribution.estimative import Confidence
from stillwatch.attribution.grade import CREDIBILITY, RELIABILITY
from stillwatch.attribution.item import MOST_BITS, Item
from stillwatch.attribution.traffic_items import items_of
from stillwatch.attribution.weighing import Weighed
from stillwatch.case.case import CaseFile
from stillwatch.case.cases import Cases
from stillwatch.case.drafting import drafted
from stillwatch.console.missing import NotHere
from stillwatch.console.pages.campaign import wanted
from stillwatch.console.pages.course import course_of
from stillwatch.console.scans.listing import whole
from stillwatch.console.web.answer import Answer, Page, Redirect
from stillwatch.console.web.visit import Visit
from stillwatch.errors import RefusedByPolicy, UsageError

_CONFIDENCES = get_args(Confidence)
_LEVEL = 0.005


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
    if case:
        assessment = _assessment(store, store.file(case.number))
    else:
        assessment = Assessment(subject=found.id, items=items_of(found, f"campaigns.json, {found.id}"))
    supposed = visit.query.get("false", "")
    sensitivity, weighed = assessment.sensitivity(), _ordered(assessment)
    data = {
        "campaign": found.id,
        "course": course_of(visit.desk, found.id),
        "assessment": assessment,
        "weighed": weighed,
        "sensitivity": sensitivity,
        "supposed": _supposed(assessment, supposed) if supposed else None,
    }
    shown = {
        "number": number,
        "case": case,
        "confidences": _CONFIDENCES,
        "names": _names(assessment),
        "level": _level(weighed),
        "groups": _groups(assessment),
        "weighty": [each for each in assessment.items if each.effective() or each.struck],
        "weightless": [each for each in assessment.items if not (each.effective() or each.struck)],
        "without": {(each.what, each.struck): each for each in sensitivity.without},
        "reliability": RELIABILITY,
        "credibility": CREDIBILITY,
        "most_bits": MOST_BITS,
    }
    return Page("assessment.html", "Attribution", data, shown)


def judge(visit: Visit) -> Answer:
    """Record a person's judgement on a case. Raises UsageError, Conflict."""
    try:
        confidence = msgspec.convert(visit.word("confidence"), Confidence)
    except msgspec.ValidationError as error:
        raise UsageError("no such confidence", place="confidence", cure=f"choose one of {', '.join(_CONFIDENCES)}") from error
    store, number = visit.desk.cases, whole(visit.path["case"], 0)
    draft = _struck(_with_item(_assessment(store, store.file(number)), visit), visit)
    signed = judged(draft, visit.word("hypothesis"), confidence, visit.word("reason"), visit.person.name, visit.time)
    store.assess(number, signed, visit.person.name, visit.time, whole(visit.word("version", 9), 0))
    return Redirect(f"/cases/{number}", "judged")


def dissent(visit: Visit) -> Answer:
    """Record that somebody does not agree with the judgement. Raises RefusedByPolicy if there is none of somebody else."""
    store, number = visit.desk.cases, whole(visit.path["case"], 0)
    held = store.file(number).assessment
    if held is None:
        raise RefusedByPolicy("nobody has judged yet", place=f"case-{number}", cure="record a judgement first")
    entered = dissented(held.assessment, visit.word("hypothesis"), visit.word("reason"), visit.person.name, visit.time)
    store.assess(number, entered, visit.person.name, visit.time, whole(visit.word("version", 9), 0))
    return Redirect(f"/cases/{number}", "dissented")


def _assessment(store: Cases, file: CaseFile) -> Assessment:
    """The assessment that holds for a case, else a draft of what its campaigns say."""
    return file.assessment.assessment if file.assessment else drafted(file, store.actors())


def _with_item(assessment: Assessment, visit: Visit) -> Assessment:
    """The assessment with the item of evidence that the form brings, if it brings one. Raises UsageError for one that is none."""
    statement = visit.word("statement")
    if not statement:
        return assessment
    try:
        bits = float(visit.word("bits", 20))
    except ValueError as error:
        raise UsageError("no number of bits", place="bits", cure="write a number, as 3 or -2.5") from error
    item = Item(
        id=f"entered-{sum(each.id.startswith('entered-') for each in assessment.items) + 1}",
        statement=statement,
        source=visit.word("source"),
        grade=visit.word("reliability", 1) + visit.word("credibility", 1),
        group=visit.word("group", 80) or visit.word("source", 80),
        bits={visit.word("for"): bits},
        because=visit.word("because"),
    )
    return msgspec.structs.replace(assessment, items=[*assessment.items, item])


def _struck(assessment: Assessment, visit: Visit) -> Assessment:
    """The assessment without effect of the item that the form strikes, if it strikes one. Raises UsageError without a reason."""
    name, why = visit.word("strike"), visit.word("strike_because")
    if not name:
        return assessment
    if name not in {each.id for each in assessment.items}:
        raise UsageError("there is no such item", place="strike", cure="choose one on the page")
    if not why:
        raise UsageError("nothing says why the item is struck", place="strike_because", cure="say what is wrong with it")
    items = [msgspec.structs.replace(each, struck=why) if each.id == name else each for each in assessment.items]
    return msgspec.structs.replace(assessment, items=items)


def _level(ordered: Sequence[Weighed]) -> list[Weighed]:
    """The hypotheses that no evidence tells apart from the likeliest."""
    return [each for each in ordered if ordered[0].probability - each.probability < _LEVEL]


def _groups(assessment: Assessment) -> dict[str, str]:
    """What the groups of items are called: without the campaign's id where all items are of one campaign."""
    groups = {each.group for each in assessment.items}
    if len({each.partition(":")[0] for each in groups if ":" in each}) > 1:
        return {each: each for each in groups}
    return {each: each.partition(":")[2] or each for each in groups}


def _ordered(assessment: Assessment) -> list[Weighed]:
    return sorted(assessment.weighed().values(), key=lambda each: -each.probability)


def _supposed(assessment: Assessment, struck: str) -> dict[str, Any]:
    """Everything weighed anew as if an item, or a group of items, were false. Raises NotHere."""
    left = [item for item in assessment.items if struck not in (item.id, item.group)]
    if len(left) == len(assessment.items):
        raise NotHere("there is no such item", place=struck[:120], cure="choose one on the page")
    again = msgspec.structs.replace(assessment, items=left)
    return {"false": struck, "weighed": {each.hypothesis.id: each for each in _ordered(again)}}


def _names(assessment: Assessment) -> dict[str, str]:
    return {each.id: each.name for each in assessment.against()}
