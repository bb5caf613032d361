"""The feed: what others disclosed, what it counts for, and what members think of it; disputes stand out, and change nothing.

Rules: what we think of an object is proposed, approved and sent like a share, and what would leave is shown before.
"""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from stillwatch.console.missing import NotHere, not_set_up
from stillwatch.console.pages.received import line, member, related, told_campaigns
from stillwatch.console.pages.shares import previewed
from stillwatch.console.release import drafts, releasing
from stillwatch.console.release.releasing import Draft
from stillwatch.console.scans.listing import whole
from stillwatch.console.web.answer import Answer, Page, Redirect
from stillwatch.console.web.visit import Visit
from stillwatch.errors import UsageError
from stillwatch.sharing.feed.effect import Standing, standings
from stillwatch.sharing.feed.store import FeedStore
from stillwatch.sharing.stix.views import View

_PAGE = 100
VIEWS = {
    "confirmed": View.AGREE,
    "investigating": View.INVESTIGATING,
    "disputed": View.DISPUTED,
    "false-positive": View.FALSE_POSITIVE,
}
"""Our views by the words in an address."""
_DISPUTES = frozenset({"disagree", "strongly-disagree"})


def feed(visit: Visit) -> Answer:
    """The campaigns that others told of, and all objects of the feed: of a type, or disputed ones, if that is asked for."""
    found = _standings(visit)
    kinds = sorted({each.held.type for each in found})
    kind, disputed = visit.query.get("type", ""), "disputed" in visit.query
    chosen = [each for each in found if (not kind or each.held.type == kind) and (not disputed or _disputed(each))]
    chosen.sort(key=attrgetter("held.received"), reverse=True)
    pages = max(1, -(-len(chosen) // _PAGE))
    page = min(pages, whole(visit.query.get("page", ""), 1) or 1)
    rows = [_row(each) for each in chosen[(page - 1) * _PAGE : page * _PAGE]]
    told = told_campaigns(found) if page == 1 and not (kind or disputed) else []
    data = {"campaigns": told, "objects": rows, "total": len(chosen), "page": page, "pages": pages}
    hub = visit.desk.exchange.url if visit.desk.exchange else ""
    shown = {"kinds": kinds, "kind": kind, "disputed": disputed, "hub": hub, "member": member, "ours": visit.desk.membership.id}
    return Page("feed.html", "Feed", data, shown)


def fetch(visit: Visit) -> Answer:
    """Fetch what is new at the hub into the feed. Raises what the exchange raises."""
    if visit.desk.exchange is None:
        raise not_set_up("a hub to fetch from", "the setting hub")
    came = visit.desk.exchange.fetch()
    said = "fetched" if came.get("taken") else "fetched-other" if any(came.values()) else "nothing-new"
    return Redirect("/feed", said)


def thing(visit: Visit) -> Answer:
    """One object as every member said it."""
    everything = _standings(visit)
    found = [each for each in everything if each.held.id == visit.path["id"]]
    if not found:
        raise NotHere("the feed holds no such object", place=visit.path["id"][:120], cure="see the list of the feed")
    name = found[0].held.id
    versions = [_row(each) | {"text": each.held.text} for each in found]
    told = [each for each in told_campaigns(everything) if each["id"] == name]
    data = {"id": name, "versions": versions, "campaign": told[0] if told else None, "related": related(everything, name)}
    shown = {"views": list(VIEWS), "member": member, "ours": visit.desk.membership.id}
    return Page("feed_object.html", line(found[0].thing), data, shown)


def opinion(visit: Visit) -> Answer:
    """What would leave if we said this of an object."""
    said = {"id": visit.path["id"], "says": visit.query.get("says", ""), "because": visit.query.get("because", "")[:2000]}
    return previewed(visit, _opinion(visit, visit.query), "What would leave", said, {"opinion": said})


def say(visit: Visit) -> Answer:
    """Propose to say it. Raises RefusedByPolicy if the guard objects."""
    sha256 = releasing.propose(visit.desk, _opinion(visit, visit.form), visit.person.name, visit.now)
    return Redirect(f"/shares/{sha256}", "proposed")


def _opinion(visit: Visit, words: Mapping[str, str]) -> Draft:
    name, says = visit.path["id"], words.get("says", "")
    if says not in VIEWS:
        raise UsageError("no such view", place="says", cure=f"choose one of {', '.join(VIEWS)}")
    if all(each.held.id != name for each in _standings(visit)):
        raise NotHere("the feed holds no such object", place=name[:120], cure="see the list of the feed")
    return drafts.of_opinion(visit.desk, name, VIEWS[says], words.get("because", "").strip()[:2000], visit.time)


def _standings(visit: Visit) -> list[Standing]:
    with FeedStore.existing(visit.desk.feed_path) as store:
        return standings(store.facts(), store.opinions(), visit.time)


def _disputed(standing: Standing) -> bool:
    return not _DISPUTES.isdisjoint(standing.opinions.values())


def _row(standing: Standing) -> dict[str, Any]:
    held = standing.held
    return {
        "id": held.id,
        "type": held.type,
        "name": str(getattr(standing.thing, "name", None) or ""),
        "line": line(standing.thing),
        "author": held.author,
        "received": held.received.isoformat(),
        "weight": round(standing.weight, 3),
        "without_effect": standing.without_effect,
        "opinions": dict(standing.opinions),
        "disputed": _disputed(standing),
    }
