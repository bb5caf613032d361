"""Finds of a hunt as sightings, which are offered to those who disclosed the thing: how many, which days, how near; nothing else.

Rules: a sighting says nothing of which accounts. Its id follows from who saw what, so that seeing it again is a later version.
"""

from collections.abc import Iterable

from stillwatch.sharing.feed.find import Find
from stillwatch.sharing.stix.extensions import Match
from stillwatch.sharing.stix.ids import statement_id
from stillwatch.sharing.stix.objects import Extensions, Identity, Object, Sighting
from stillwatch.sharing.stix.terms import Terms

_MOST_COUNTED = 999_999_999


def sightings_of(finds: Iterable[Find], terms: Terms) -> list[Object]:
    """The sightings of these finds, before the guard; the member's identity first."""
    who: tuple[Identity, ...] = (terms.producer,) if terms.producer else ()
    return [*who, *(_sighting(find, terms) for find in finds)]


def _sighting(find: Find, terms: Terms) -> Sighting:
    seer = terms.producer.id if terms.producer else ""
    return Sighting(
        **terms.said(statement_id("sighting", seer, find.kind, find.target)),
        sighting_of_ref=find.target,
        first_seen=find.first_seen,
        last_seen=find.last_seen,
        count=min(find.requests, _MOST_COUNTED),
        where_sighted_refs=(seer,) if seer else None,
        extensions=Extensions(match=Match(matched=find.kind, overlap=round(find.overlap, 2), accounts=len(find.accounts))),
    )
