"""The end points that change something: adding objects and deleting one."""

import re

from starlette.responses import Response

from stillwatch.hub import metrics
from stillwatch.hub.access.directory import Directory
from stillwatch.hub.hub import Hub
from stillwatch.hub.receipt.write import Request
from stillwatch.hub.store import counter, objects
from stillwatch.hub.store.objects import Head
from stillwatch.hub.taxii.call import Call
from stillwatch.hub.taxii.filters import EVERY, OBJECT
from stillwatch.hub.taxii.media_types import TAXII
from stillwatch.hub.taxii.problem import Problem, not_found
from stillwatch.hub.taxii.resources import as_bytes
from stillwatch.hub.timestamps import moment
from stillwatch.sharing.ledger.entry import Draft
from stillwatch.sharing.stix.entries import NotABundle

AUDIENCE_HEADER = "Stillwatch-Audience"
"""Names the only ones who may see what is added: ``member:NAME`` and ``group:NAME``, with commas between.

A name that nobody has reaches nobody and is answered like any other, so that no answer tells of a group or member.
The ledger has it.
"""

_MOST_NAMED = 200
_NAME = re.compile(r"(member|group):.+")


def add_objects(hub: Hub, call: Call, body: bytes, audience: str | None) -> Response:
    """Section 5.5. Raises Problem 422 for a body that is no envelope."""
    named, unknown = (None, ()) if audience is None else _named(audience, call.directory)
    request = Request(body, call.viewer, call.writable, named, call.now, unknown=unknown)
    try:
        status = hub.addition.add(request, call.directory)
    except NotABundle as error:
        raise Problem(422, f"the body is no envelope: {error}") from error
    metrics.objects_received.labels("taken").inc(status.success_count)
    metrics.objects_received.labels("refused").inc(status.failure_count)
    return Response(as_bytes(status), 202, media_type=TAXII)


def delete_object(hub: Hub, call: Call) -> Response:
    """Section 5.7: all versions in sight, unless some are named. Only who contributed them, and operators, may."""
    collection, name = call.readable, call.names["object"]
    asked = call.filter(OBJECT, EVERY)
    if not collection.may_write(call.viewer):
        raise Problem(403, "you may not delete here (can_write is false)")
    with hub.database.writing() as connection:
        numbers = counter.take(connection)
        found = objects.removable(connection, call.scope(collection), asked, name)
        if not found:
            raise not_found("object")
        if not call.viewer.is_operator and any(head.owner != call.viewer.member.id for head in found):
            raise Problem(403, "another member contributed it; an opinion or a note can say what is wrong with it")
        places = [numbers.next_seq() for _ in found]
        objects.remove(connection, [head.seq for head in found], places, call.viewer.member.id, call.now)
        counter.save(connection, numbers)
        hub.ledger.append_many([_deletion(head, collection.id) for head in found], moment(call.now))
    return Response(b"", 200, media_type=TAXII)


def _deletion(head: Head, collection: str) -> Draft:
    return Draft("deletion", head.stix_id, {"version": head.version, "collection": collection}, "its contributor or an operator")


def _named(header: str, directory: Directory) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The members and groups that a header names, by number, and the names that nobody has.

    Raises Problem 400 for what is no name.
    """
    names = [part.strip() for part in header.split(",") if part.strip()]
    if not names or len(names) > _MOST_NAMED or not all(map(_NAME.fullmatch, names)):
        raise Problem(400, f"{AUDIENCE_HEADER}: name members and groups, like member:NAME, group:NAME; at most {_MOST_NAMED}")
    members = {f"member:{member.name}": f"member:{member.id}" for member in directory.members.values()}
    known = members | {f"group:{name}": f"group:{number}" for number, name in directory.groups.items()}
    return tuple(sorted({known[name] for name in names if name in known})), tuple(name for name in names if name not in known)
