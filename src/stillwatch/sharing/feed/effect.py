"""What of the feed has effect at a time, and how much weight: a pure function of what is held.

Rules: what is revoked has no effect from the moment it was taken in, and neither has an indicator all of whose campaigns are
revoked. What is no longer valid has none. Weight halves every HALF_LIFE from when the thing was last seen by anyone: its own
time, or a sighting's. Opinions are listed beside an object, one for each member, and change neither effect nor weight.

>>> from datetime import UTC
>>> weight(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 31, tzinfo=UTC))
0.5
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from stillwatch.sharing.feed.held import Held
from stillwatch.sharing.stix.objects import Campaign, Foreign, Indicator, Object, Opinion, Relationship, Sighting

HALF_LIFE = timedelta(days=30)

_Things = Sequence[tuple[Held, Object | Foreign]]


@dataclass(frozen=True)
class Standing:
    """An object of the feed with what it counts for: ``weight`` in [0, 1] and the reason why it is 0, if it is.

    ``opinions`` holds the latest opinion of each member that gave one, by member.
    """

    held: Held
    thing: Object | Foreign
    weight: float
    without_effect: str
    opinions: Mapping[str, str]


def standings(facts: Iterable[Held], opinions: Iterable[Held], now: datetime) -> list[Standing]:
    """Everything in the feed with its standing at ``now``, in the order of the facts."""
    things = [(held, held.thing()) for held in facts]
    indicated = _indicated(things)
    seen, judged = _last_seen(things, indicated), _opinions(opinions)
    revoked = {thing.id for held, thing in things if held.revoked and isinstance(thing, Campaign)}
    made = []
    for held, thing in things:
        reason = _why_not(held, thing, indicated.get(thing.id, set()), revoked, now)
        size = 0.0 if reason else weight(seen.get(thing.id, held.received), now)
        made.append(Standing(held, thing, size, reason, judged.get(thing.id, {})))
    return made


def weight(last_seen: datetime, now: datetime) -> float:
    """The weight at ``now`` of what was last seen then: 1 for what is fresh, half after each HALF_LIFE."""
    return float(0.5 ** (max(now - last_seen, timedelta(0)) / HALF_LIFE))


def expired(thing: Object | Foreign, now: datetime) -> bool:
    """Whether the time for which it was said to be valid is over."""
    return isinstance(thing, Indicator) and thing.valid_until is not None and thing.valid_until <= now


def _why_not(held: Held, thing: Object | Foreign, campaigns: set[str], revoked: set[str], now: datetime) -> str:
    if held.revoked:
        return "revoked"
    if campaigns and campaigns <= revoked:
        return "its campaign is revoked"
    return "no longer valid" if expired(thing, now) else ""


def _last_seen(things: _Things, indicated: Mapping[str, set[str]]) -> dict[str, datetime]:
    """When each object was last seen: the latest of its own time, sightings of it, and for an indicator its campaigns'."""
    seen: dict[str, datetime] = {}
    for held, thing in things:
        moment = getattr(thing, "last_seen", None) or getattr(thing, "last_observed", None)
        if moment and not held.revoked:
            target = thing.sighting_of_ref if isinstance(thing, Sighting) else thing.id
            seen[target] = max(moment, seen.get(target, moment))
    for indicator, campaigns in indicated.items():
        if moments := [seen[name] for name in (indicator, *campaigns) if name in seen]:
            seen[indicator] = max(moments)
    return seen


def _indicated(things: _Things) -> dict[str, set[str]]:
    """The campaigns that each indicator indicates, according to whoever made the indicator and nobody else."""
    authors = {thing.id: held.author for held, thing in things}
    found: dict[str, set[str]] = defaultdict(set)
    for held, thing in things:
        if not isinstance(thing, Relationship) or held.revoked or thing.relationship_type != "indicates":
            continue
        if authors.get(thing.source_ref) == held.author:
            found[thing.source_ref].add(thing.target_ref)
    return found


def _opinions(opinions: Iterable[Held]) -> dict[str, dict[str, str]]:
    """The latest opinion of each member on each object."""
    found: dict[str, dict[str, tuple[datetime, str]]] = defaultdict(dict)
    for held in opinions:
        thing = held.thing()
        if isinstance(thing, Opinion) and not held.revoked:
            for target in thing.object_refs:
                before = found[target].get(held.author)
                if before is None or before[0] <= thing.modified:
                    found[target][held.author] = (thing.modified, thing.opinion)
    return {target: {author: said for author, (_, said) in by.items()} for target, by in found.items()}
