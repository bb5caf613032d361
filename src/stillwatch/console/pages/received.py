"""What others disclosed, as people read it: a campaign with its figures and what it can be recognised by, an object in a line.

Rules: figures are those that its finder let out, mostly rounded. Names of members do not travel with the feed; a member is called
by the beginning of its id, and ourselves *us*.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from stillwatch.campaigns.report.wording import number
from stillwatch.sharing.feed.effect import Standing
from stillwatch.sharing.stix.disclosure import Disclosure
from stillwatch.sharing.stix.objects import (
    Campaign,
    Foreign,
    Indicator,
    Infrastructure,
    Object,
    ObservedData,
    Relationship,
)
from stillwatch.sharing.stix.reading import disclosures
from stillwatch.vocabulary.taxonomy import taxonomy

_LONGEST = 80
_QUOTED = re.compile(r"'([^'\\]+)'")


def told_campaigns(found: Sequence[Standing]) -> list[dict[str, Any]]:
    """The campaigns of a feed, those received last first: what each comes to, and its standing."""
    standing = {each.held.id: each for each in found if each.held.type == "campaign"}
    read = disclosures(each.thing for each in found if not isinstance(each.thing, Foreign))
    rows = [_campaign(each) | _standing(standing[each.campaign]) for each in read if each.campaign in standing]
    return sorted(rows, key=lambda row: str(row["received"]), reverse=True)


def related(found: Iterable[Standing], name: str) -> list[dict[str, Any]]:
    """The objects that a relationship joins to one: id, what they are in a line, and how they are joined."""
    things = {each.held.id: each.thing for each in found}
    rows = []
    for joined in things.values():
        if isinstance(joined, Relationship) and name in (joined.source_ref, joined.target_ref):
            other = joined.target_ref if joined.source_ref == name else joined.source_ref
            if other in things:
                rows.append({"id": other, "line": line(things[other]), "how": joined.relationship_type})
    return rows


def line(thing: Object | Foreign) -> str:
    """An object in a line."""
    match thing:
        case Campaign():
            return f"Campaign {thing.id.removeprefix('campaign--')[:8]}"
        case Infrastructure() if thing.extensions and thing.extensions.network and thing.extensions.network.prefix:
            return f"Network {thing.extensions.network.prefix}"
        case Indicator():
            sought = thing.description or ", ".join(_QUOTED.findall(thing.pattern)) or thing.pattern
            return f"Look for {(thing.name or 'this').lower()} {sought}"[:_LONGEST]
        case ObservedData():
            return f"{number(thing.number_observed)} observed"
        case Relationship():
            ends = (name.partition("--")[0] for name in (thing.source_ref, thing.target_ref))
            return f" {thing.relationship_type} ".join(ends)
    said = next((str(value) for name in ("name", "value", "description") if (value := getattr(thing, name, None))), "")
    return said[:_LONGEST] or f"{thing.id.partition('--')[0]} {thing.id.partition('--')[2][:8]}"


def member(author: str, ours: str) -> str:
    """A member in a word."""
    if not author:
        return "unsigned"
    return "us" if author == ours else f"member {author.partition('--')[2][:8]}"


def _campaign(told: Disclosure) -> dict[str, Any]:
    figures = told.figures
    return {
        "id": told.campaign,
        "line": f"Campaign {told.campaign.removeprefix('campaign--')[:8]}",
        "severity": figures.severity,
        "accounts": figures.accounts,
        "requests": figures.requests,
        "coordination_bits": figures.coordination_bits,
        "harvest_bits": figures.harvest_bits,
        "first_seen": told.first_seen.isoformat() if told.first_seen else None,
        "last_seen": told.last_seen.isoformat() if told.last_seen else None,
        "techniques": [_technique(each.technique) for each in figures.techniques],
        "evidence": figures.evidence,
        "alternatives": figures.alternatives,
        "recognised_by": {
            "scaffold": len(told.scaffolds),
            "network": len(told.networks),
            "client": len(told.clients),
            "token": len(told.tokens),
        },
    }


def _standing(found: Standing) -> dict[str, Any]:
    return {
        "author": found.held.author,
        "received": found.held.received.isoformat(),
        "weight": round(found.weight, 3),
        "without_effect": found.without_effect,
        "opinions": dict(found.opinions),
    }


def _technique(name: str) -> str:
    kinds = {each.id: each.name for each in taxonomy().techniques}
    return kinds.get(name, name)
