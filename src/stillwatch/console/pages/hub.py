"""The hub: whether it answers, and whom an object reached and when, or why not."""

from stillwatch.console.missing import not_set_up
from stillwatch.console.web.answer import Answer, Page
from stillwatch.console.web.visit import Visit


def hub(visit: Visit) -> Answer:
    """The hub's state and, of an object that is asked for, its trace."""
    if visit.desk.hub is None:
        raise not_set_up("a hub", "--hub URL")
    name = visit.query.get("trace", "").strip()[:200]
    data = {"status": visit.desk.hub.status(), "traced": name, "trace": visit.desk.hub.trace(name) if name else []}
    return Page("hub.html", "Hub", data)
