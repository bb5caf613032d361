"""Appeals at the hub: opened and decided by its operator, answered by members, with the time that each took."""

from stillwatch.console.missing import not_set_up
from stillwatch.console.sources import HubRecords
from stillwatch.console.web.answer import Answer, Page, Redirect
from stillwatch.console.web.visit import Visit
from stillwatch.errors import UsageError


def appeal(visit: Visit) -> Answer:
    """One appeal and its course. Raises NotHere, UsageError."""
    hub = _hub(visit)
    data = {"appeal": hub.appeal(visit.path["id"])}
    return Page("hub_appeal.html", "Appeal at the hub", data, {"operates": hub.operates})


def open_appeal(visit: Visit) -> Answer:
    """Open an appeal about objects. Raises UsageError, RefusedByPolicy for a text that may not cross the border."""
    objects, because = visit.word("objects").replace(",", " ").split(), visit.word("because")
    if not objects or not because:
        raise UsageError("an appeal names objects and what is wrong with them", place="appeal", cure="fill in both")
    name = _hub(visit).open_appeal(objects, because, visit.person.name)
    return Redirect(f"/hub/appeals/{name}", "hub-appeal-opened")


def change(visit: Visit) -> Answer:
    """Decide it, or answer it, as the form says. Raises UsageError, RefusedByPolicy, and as the exchange does."""
    hub, name = _hub(visit), visit.path["id"]
    match visit.word("what"):
        case "decide":
            hub.decide_appeal(name, visit.word("outcome"), visit.person.name)
            said = "hub-appeal-decided"
        case "answer":
            if not visit.word("did"):
                raise UsageError("an answer says what was done", place="did", cure="say it in a sentence that names nobody")
            hub.answer(name, visit.word("did"), visit.person.name)
            said = "hub-appeal-answered"
        case _:
            raise UsageError("no such act", place="what", cure="use the forms of the page")
    return Redirect(f"/hub/appeals/{name}", said)


def _hub(visit: Visit) -> HubRecords:
    if visit.desk.hub is None:
        raise not_set_up("a hub", "--hub URL")
    return visit.desk.hub
