"""Alerts: what correlation found, told to the members concerned, each no more than it may know.

Rules: what is for nobody but its contributor, who named nobody, takes no part. An alert goes to the member whose own campaign is
linked; it names the relation, the kinds of things that are shared, and the other report only if that member may see it. Each link
is told once, and again if its relation changes. It is evidence; it asks for nothing.
"""

from collections import defaultdict
from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, insert, select

from stillwatch.hub.access.directory import Directory
from stillwatch.hub.access.member import Viewer
from stillwatch.hub.analysis.correlation import Link, Report, correlate
from stillwatch.hub.hub import Hub
from stillwatch.hub.store import counter
from stillwatch.hub.store.tables import notices, objects
from stillwatch.hub.timestamps import moment
from stillwatch.sharing.stix.objects import TYPES, Object, decode
from stillwatch.sharing.stix.reading import disclosures
from stillwatch.sharing.stix.tlp import TLP


class Alert(msgspec.Struct, omit_defaults=True):
    """What a member is told: its own campaign, how it is linked, what is shared, and the other report if it may see that."""

    campaign: str
    relation: str
    shared: list[str]
    role: str
    other: str | None = None


def correlate_and_tell(hub: Hub, by: str, now: int) -> tuple[list[Link], int]:
    """Find all links, and tell the members concerned of what is new; the links, and how many alerts there were."""
    directory = hub.directory()
    with hub.database.reading() as connection:
        reports, audiences = reports_of(connection, directory)
    links = correlate(reports)
    with hub.database.writing() as connection:
        numbers = counter.take(connection)
        told = 0
        for member, alert in _alerts(links, audiences, directory, now):
            if not _was_told(connection, member, alert):
                body = msgspec.json.encode(alert).decode()
                row = {"at": now, "member": member, "kind": "correlation", "subject": alert.campaign, "body": body}
                connection.execute(insert(notices).values(seq=numbers.next_seq(), **row))
                told += 1
        counter.save(connection, numbers)
        hub.ledger.append("correlation", "all campaigns", {"links": len(links), "alerts": told}, by, moment(now))
    return links, told


def reports_of(connection: Connection, directory: Directory) -> tuple[list[Report], dict[tuple[int, str], int]]:
    """What each member reported, apart from what is for itself alone; and the audience of each campaign."""
    shared = [
        number for number, audience in directory.audiences.items() if audience.level is not TLP.RED or audience.named is not None
    ]
    query = select(objects.c.owner, objects.c.body, objects.c.audience, objects.c.stix_id, objects.c.revoked)
    query = query.where(objects.c.type.in_(TYPES), objects.c.audience.in_(shared)).order_by(objects.c.seq)
    held: defaultdict[int, dict[str, Object]] = defaultdict(dict)
    audiences: dict[tuple[int, str], int] = {}
    for owner, body, audience, name, revoked in connection.execute(query).all():
        try:
            thing = decode(body)
        except msgspec.DecodeError:
            continue
        held[owner][name] = thing
        audiences[owner, name] = audience
        if revoked:
            held[owner].pop(name, None)
    return [Report(owner, told) for owner, things in held.items() for told in disclosures(things.values())], audiences


def _alerts(
    links: list[Link], audiences: dict[tuple[int, str], int], directory: Directory, now: int
) -> Iterator[tuple[int, Alert]]:
    for link in links:
        for own, other, role in (
            (link.earlier, link.later, "began here first"),
            (link.later, link.earlier, "began elsewhere first"),
        ):
            viewer = Viewer(directory.members[own.owner], may_write=False, encrypted=True)
            name = other.disclosure.campaign
            seen = directory.audiences[audiences[other.owner, name]].admits(viewer, now)
            yield own.owner, Alert(own.disclosure.campaign, link.relation, list(link.shared), role, name if seen else None)


def _was_told(connection: Connection, member: int, alert: Alert) -> bool:
    """Whether the member was told the same before, apart from what is shared."""
    earlier = select(notices.c.body).where(
        notices.c.member == member, notices.c.kind == "correlation", notices.c.subject == alert.campaign
    )
    told = (msgspec.json.decode(row.body, type=Alert) for row in connection.execute(earlier))
    return any((one.relation, one.role, one.other) == (alert.relation, alert.role, alert.other) for one in told)
