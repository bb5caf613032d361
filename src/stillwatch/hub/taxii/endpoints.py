"""The end points of TAXII 2.1, one function each: from a call to a response, or a Problem.

They read the database and never wait for anything else, so they run in a worker thread, each in one go.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from starlette.responses import Response

from stillwatch.hub import metrics
from stillwatch.hub.access.directory import Collection as Held
from stillwatch.hub.access.granular import shown
from stillwatch.hub.hub import DEFAULT_ROOT, Hub
from stillwatch.hub.standing.resource import resource
from stillwatch.hub.store import appeals, objects, remarks, statuses
from stillwatch.hub.store import registers as register_rows
from stillwatch.hub.store.objects import Head, Page
from stillwatch.hub.taxii import pages
from stillwatch.hub.taxii.call import Call
from stillwatch.hub.taxii.filters import EVERY, OBJECT, OBJECTS, VERSIONS, Filter, cursor
from stillwatch.hub.taxii.media_types import TAXII
from stillwatch.hub.taxii.pages import Remarked
from stillwatch.hub.taxii.problem import not_found
from stillwatch.hub.taxii.resources import ApiRoot, Collection, Collections, Discovery, as_bytes
from stillwatch.hub.timestamps import written

PAGE_BYTES = 4 * 2**20
"""The most bytes of objects in one page; an object that is larger alone stands alone."""

Endpoint = Callable[[Hub, Call], Response]


def discovery(hub: Hub, call: Call) -> Response:
    """Section 4.1."""
    found = call.directory
    urls = [f"{call.base}/{name}/" for name in found.roots]
    default = f"{call.base}/{DEFAULT_ROOT}/" if DEFAULT_ROOT in found.roots else None
    return _taxii(as_bytes(Discovery(found.title, found.description, found.contact, default, urls or None)))


def api_root(hub: Hub, call: Call) -> Response:
    """Section 4.2."""
    root = call.root
    return _taxii(as_bytes(ApiRoot(root.title, [TAXII], root.max_content_length, root.description)))


def status(hub: Hub, call: Call) -> Response:
    """Section 4.3."""
    member = None if call.viewer.is_operator else call.viewer.member.id
    with hub.database.reading() as connection:
        found = statuses.find(connection, call.names["status"], call.root.name, member)
    if found is None:
        raise not_found("status")
    return _taxii(found)


def collections(hub: Hub, call: Call) -> Response:
    """Section 5.1."""
    found = [_collection(held, call) for held in call.directory.in_root(call.root.name, call.viewer)]
    return _taxii(as_bytes(Collections(found or None)))


def collection(hub: Hub, call: Call) -> Response:
    """Section 5.2."""
    return _taxii(as_bytes(_collection(call.collection, call)))


def get_objects(hub: Hub, call: Call) -> Response:
    """Section 5.4."""
    return _envelope(hub, call, call.filter(OBJECTS))


def get_object(hub: Hub, call: Call) -> Response:
    """Section 5.6."""
    return _envelope(hub, call, call.filter(OBJECT), call.names["object"])


def manifest(hub: Hub, call: Call) -> Response:
    """Section 5.3."""
    scope, asked = call.scope(call.readable), call.filter(OBJECTS)
    with hub.database.reading() as connection:
        page = objects.page(connection, scope, asked)
    return _taxii(pages.manifest(page.heads, more=page.more), pages.dates(page.heads))


def versions(hub: Hub, call: Call) -> Response:
    """Section 5.8."""
    page = _page_of_one(hub, call, call.filter(VERSIONS, EVERY))
    return _taxii(pages.versions(page.heads, more=page.more), pages.dates(page.heads))


def standing(hub: Hub, call: Call) -> Response:
    """Beside TAXII: what is thought of the newest version of an object that this viewer sees."""
    scope, name = call.scope(call.readable), call.names["object"]
    with hub.database.reading() as connection:
        page = objects.page(connection, scope, Filter(limit=1), name)
        if not page.heads:
            raise not_found("object")
        (head,) = page.heads
        body = _shown(head, objects.bodies(connection, [head.seq])[head.seq], call, scope.audiences)
        said, appeal = remarks.standing(connection, scope, name), appeals.state_of(connection, name)
    warned = msgspec.json.decode(head.warned) if head.warned else []
    found = resource(msgspec.json.decode(body), head.version, said, warned, appeal, call.now)
    return Response(msgspec.json.encode(found), media_type="application/json")


def registers(hub: Hub, call: Call) -> Response:
    """Beside TAXII: who may distil under a contract, and who evaluates independently, as far as that is in force."""
    with hub.database.reading() as connection:
        found = [entry for entry in register_rows.entries(connection) if entry.holds(call.now)]
    said = [
        {
            "id": entry.id,
            "register": entry.register,
            "holder": entry.holder,
            "scope": entry.scope,
            "valid_until": written(entry.valid_until),
        }
        for entry in found
    ]
    return Response(msgspec.json.encode({"registers": said}), media_type="application/json")


def _page_of_one(hub: Hub, call: Call, asked: Filter) -> Page:
    """A page of the versions of one object. Raises Problem 404 if there is none of it."""
    scope, name = call.scope(call.readable), call.names["object"]
    with hub.database.reading() as connection:
        page = objects.page(connection, scope, asked, name)
        if not page.heads and not objects.exists(connection, scope, name):
            raise not_found("object")
    return page


def _envelope(hub: Hub, call: Call, asked: Filter, name: str | None = None) -> Response:
    scope = call.scope(call.readable)
    with hub.database.reading() as connection:
        page = _bounded(objects.page(connection, scope, asked, name))
        if name is not None and not page.heads and not objects.exists(connection, scope, name):
            raise not_found("object")
        bodies = objects.bodies(connection, [head.seq for head in page.heads])
        disputed = remarks.disputed(connection, scope, [head.stix_id for head in page.heads]) if call.directory.disputes else set()
    how = "objects" if name is None else "object"
    hub.deliveries.note(call.viewer.member.id, call.now, how, bodies)
    metrics.objects_served.labels(how).inc(len(bodies))
    seen = [_shown(head, bodies[head.seq], call, scope.audiences) for head in page.heads]
    following = cursor(page.heads[-1].date_added) if page.more else None
    remarked = Remarked(sorted(disputed), {head.stix_id: msgspec.json.decode(head.warned) for head in page.heads if head.warned})
    return _taxii(pages.envelope(seen, more=page.more, following=following, remarked=remarked), pages.dates(page.heads))


def _bounded(page: Page) -> Page:
    """As much of a page as may be sent at once, one object at least."""
    total = 0
    for place, head in enumerate(page.heads):
        total += head.size
        if place and total > PAGE_BYTES:
            return Page(page.heads[:place], more=True)
    return page


def _shown(head: Head, body: bytes, call: Call, audiences: Sequence[int] | None) -> bytes:
    """An object as this viewer may see it: as it came, or without what is for a narrower audience."""
    return body if head.owner == call.viewer.member.id else shown(body, head.cuts, audiences)


def _collection(held: Held, call: Call) -> Collection:
    return Collection(
        id=held.id,
        title=held.title,
        can_read=held.may_read(call.viewer),
        can_write=held.may_write(call.viewer),
        description=held.description,
        alias=held.alias,
        media_types=[f"application/stix+json;version={version}" for version in held.spec_versions],
    )


def _taxii(body: bytes, headers: Mapping[str, str] | None = None) -> Response:
    return Response(body, 200, headers, media_type=TAXII)
