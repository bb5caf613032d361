"""The feed: what others disclosed, what it counts for, and what members think of it; disputes stand out, and change nothing."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stillwatch.console.scans.listing import whole
from stillwatch.console.web.answer import Answer, Page
from stillwatch.console.web.failures import NotHere
from stillwatch.console.web.visit import Visit
from stillwatch.sharing.feed.effect import Standing, standings
from stillwatch.sharing.feed.store import FeedStore

_PAGE = 100
_DISPUTES = frozenset({"disagree", "strongly-disagree"})


def feed(visit: Visit) -> Answer:
    """Objects of the feed: of a type, or disputed ones, if that is asked for."""
    found = _standings(visit)
    kinds = sorted({each.held.type for each in found})
    kind, disputed = visit.query.get("type", ""), "disputed" in visit.query
    chosen = [each for each in found if (not kind or each.held.type == kind) and (not disputed or _disputed(each))]
    pages = max(1, -(-len(chosen) // _PAGE))
    page = min(pages, whole(visit.query.get("page", ""), 1) or 1)
    rows = [_row(each) for each in chosen[(page - 1) * _PAGE : page * _PAGE]]
    data = {"objects": rows, "total": len(chosen), "page": page, "pages": pages}
    return Page("feed.html", "Feed", data, {"kinds": kinds, "kind": kind, "disputed": disputed})


def thing(visit: Visit) -> Answer:
    """One object as every member said it."""
    found = [each for each in _standings(visit) if each.held.id == visit.path["id"]]
    if not found:
        raise NotHere("the feed holds no such object", place=visit.path["id"][:120], cure="see the list of the feed")
    versions = [_row(each) | {"text": each.held.text} for each in found]
    return Page("feed_object.html", found[0].held.type.capitalize(), {"id": found[0].held.id, "versions": versions})


def _standings(visit: Visit) -> list[Standing]:
    path = visit.desk.settings.feed or visit.desk.membership.feed
    with FeedStore.existing(_file(path)) as store:
        return standings(store.facts(), store.opinions(), datetime.fromtimestamp(visit.now, UTC))


def _file(path: Path) -> Path:
    """The feed's file, if its folder is named."""
    return path / "stillwatch-feed.sqlite" if path.is_dir() else path


def _disputed(standing: Standing) -> bool:
    return not _DISPUTES.isdisjoint(standing.opinions.values())


def _row(standing: Standing) -> dict[str, Any]:
    held = standing.held
    return {
        "id": held.id,
        "type": held.type,
        "name": str(getattr(standing.thing, "name", None) or ""),
        "author": held.author,
        "received": held.received.isoformat(),
        "weight": round(standing.weight, 3),
        "without_effect": standing.without_effect,
        "opinions": dict(standing.opinions),
        "disputed": _disputed(standing),
    }
