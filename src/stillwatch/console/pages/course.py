"""How far the work on a campaign has come: read, taken up as a case, judged, shared; shown on each of its pages as the way through.

Rules: what cannot be read now, such as a store that is locked, is told as such and hides nothing else of the page.
"""

from dataclasses import dataclass
from typing import Any

from stillwatch.attribution.assessment import Judgement
from stillwatch.case.case import Case
from stillwatch.console.desk import Desk
from stillwatch.errors import StillwatchError
from stillwatch.sharing.release.outbox import place


@dataclass(frozen=True)
class Course:
    """``case`` is that of the campaign; ``judgement`` holds now, in the words of ``judged_for``; ``share`` is the latest proposal
    that it leaves. ``outbox``: whether it was shared before, here or by command. ``trouble``: why the cases cannot be told."""

    campaign: str
    case: Case | None = None
    judgement: Judgement | None = None
    judged_for: str = ""
    share: dict[str, Any] | None = None
    outbox: bool = False
    trouble: str = ""


def course_of(desk: Desk, campaign: str) -> Course:
    """The course of a campaign. Raises StoreUnavailable if the console's own file cannot be read."""
    proposals = [each.told for each in desk.proposals.about(campaign) if each.kind == "campaign"]
    left = place(desk.settings.outbox, f"{campaign}.json").exists()
    share = proposals[0] if proposals else None
    try:
        case = desk.cases.of_campaign(campaign)
        entered = desk.cases.file(case.number).assessment if case else None
    except StillwatchError as error:
        return Course(campaign, share=share, outbox=left, trouble=error.what)
    if entered is None or (judgement := entered.assessment.judgement) is None:
        return Course(campaign, case, share=share, outbox=left)
    names = {each.id: each.name for each in entered.assessment.against()}
    return Course(campaign, case, judgement, names.get(judgement.hypothesis, judgement.hypothesis), share, left)
