"""Networks: campaigns linked by what is rare and shared; and the naming of an organisation, by two people and never by a formula.

Rules: one person proposes a name in writing, another agrees or declines in writing; any one person withdraws it. Nothing of this is
ever erased. Of two people at once, the one who comes second is told.
"""

from collections.abc import Callable

from stillwatch.attribution.actor import Actor
from stillwatch.attribution.naming import Naming, propose, review, withdraw
from stillwatch.console.elsewhere import told_elsewhere
from stillwatch.console.scans.listing import whole
from stillwatch.console.web.answer import Answer, Page, Redirect
from stillwatch.console.web.visit import Visit
from stillwatch.errors import UsageError
from stillwatch.sharing.feed.store import FeedStore

_US = "us"


def network(visit: Visit) -> Answer:
    """A network: what holds it together, its campaigns, and every name that was proposed. Raises NoReadableInput."""
    actor, version = visit.desk.cases.actor(visit.path["id"])
    data = {"network": actor, "version": version}
    return Page("network.html", actor.name, data, {"campaigns": _known(visit, actor)})


def link(visit: Visit) -> Answer:
    """Link the campaigns of all cases, with those that others told of, into networks. Raises Conflict, NoReadableInput."""
    store, feed = visit.desk.cases, visit.desk.feed_path
    elsewhere = told_elsewhere(feed, visit.time, store.sighted(_US)) if feed.is_file() else []
    store.link(_US, elsewhere, visit.person.name, visit.time)
    return Redirect("/attribution", "linked")


def name(visit: Visit) -> Answer:
    """Propose, review or withdraw a name, as the form says. Raises RefusedByPolicy for the same person twice, Conflict."""
    store, who, now, why = visit.desk.cases, visit.person.name, visit.time, visit.word("reason")
    actor, _ = store.actor(visit.path["id"])
    match visit.word("what"):
        case "propose":
            made, said = propose(visit.word("organisation", 300), why, who, now), "name-proposed"
        case "agree" | "decline" as what:
            made = review(_meant(visit, actor, lambda naming: naming.open), what == "agree", why, who, now)
            said = "name-reviewed"
        case "withdraw":
            made = withdraw(_meant(visit, actor, lambda naming: naming.open or naming.stands), why, who, now)
            said = "name-withdrawn"
        case _:
            raise UsageError("no such act", place="what", cure="use the forms of the page")
    store.name(actor.id, made, who, now, whole(visit.word("version", 9), 0))
    return Redirect(f"/networks/{actor.id}", said)


def _meant(visit: Visit, actor: Actor, fits: Callable[[Naming], bool]) -> Naming:
    """The naming that the form means, by organisation and time. Raises UsageError."""
    wanted = visit.word("organisation", 300), visit.word("at", 60)
    found = [naming for naming in actor.namings if (naming.organisation, naming.at) == wanted and fits(naming)]
    if not found:
        raise UsageError("no such name waits or stands", place=wanted[0] or "organisation", cure="load the page again")
    return found[0]


def _known(visit: Visit, actor: Actor) -> list[tuple[str, int | None, bool]]:
    """The network's campaigns, with their number in this scan if it knows them, and whether another member told of them."""
    by_id = visit.desk.result.by_id
    return [(each, by_id[each][0] if each in by_id else None, _told(visit, each)) for each in actor.campaigns]


def _told(visit: Visit, campaign: str) -> bool:
    feed = visit.desk.feed_path
    if not feed.is_file():
        return False
    with FeedStore.existing(feed) as store:
        return bool(store.find(campaign))
