"""The standing of an object: opinions, sightings, age and warnings, as its reader may see them; never one number made of all.

Rules: opinions are counted by what they say, one a member, and each can be read in the object that says it; one dispute among a
hundred confirmations is a dispute. Ages are shown, not judged: ``weight`` halves every HALF_LIFE_DAYS since the object was last
modified, and is 0 after ``valid_until``. An appeal that is open, or was upheld, stands beside everything else.

>>> from stillwatch.hub.timestamps import read
>>> weight({"modified": "2026-01-01T00:00:00Z"}, read("2026-04-01T00:00:00Z"))
0.5
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from stillwatch.hub.standing.remark import AGAINST, OPINIONS
from stillwatch.hub.store.remarks import Standing
from stillwatch.hub.timestamps import read, written

HALF_LIFE_DAYS = 90
_DAY = 86_400_000_000


class Said(msgspec.Struct):
    """One member's opinion: what it says, in which object, since when."""

    says: str
    object: str
    since: str


class Sightings(msgspec.Struct, omit_defaults=True):
    """How many members met the object, how often they say they did, and when one last said so."""

    members: int
    times: int
    last: str | None = None


class Resource(msgspec.Struct, omit_defaults=True):
    """The standing of one object; ``opinions`` counts members by opinion."""

    id: str
    version: str
    revoked: bool
    expired: bool
    weight: float
    disputed: bool
    opinions: dict[str, int]
    remarks: list[Said]
    sightings: Sightings
    warnings: list[str]
    valid_until: str | None = None
    appeal: str | None = None


def resource(
    value: Mapping[str, Any], version: str, standing: Sequence[Standing], warnings: list[str], appeal: str | None, now: int
) -> Resource:
    """The standing of an object that is ``value``, at a time in microseconds."""
    latest = _latest(standing)
    counts = Counter(one.value for one in latest)
    until = _time(value.get("valid_until"))
    return Resource(
        id=str(value["id"]),
        version=version,
        revoked=value.get("revoked") is True,
        expired=until is not None and until <= now,
        weight=weight(value, now),
        disputed=any(one.value in AGAINST for one in latest) or appeal in ("open", "upheld"),
        opinions={word: counts[word] for word in dict.fromkeys(OPINIONS.values())},
        remarks=[Said(one.value or "", one.source, written(one.since)) for one in latest],
        sightings=_sightings([one for one in standing if one.kind == "sighting"]),
        warnings=warnings,
        valid_until=written(until) if until is not None else None,
        appeal=appeal,
    )


def weight(value: Mapping[str, Any], now: int) -> float:
    """How much of its weight an object has left, from 1 down to 0."""
    until, since = _time(value.get("valid_until")), _time(value.get("modified", value.get("created")))
    if until is not None and until <= now:
        return 0.0
    age = max(0, now - since) / _DAY if since is not None else 0.0
    return float(round(0.5 ** (age / HALF_LIFE_DAYS), 3))


def _latest(standing: Iterable[Standing]) -> list[Standing]:
    """Each member's last opinion."""
    return list({one.owner: one for one in standing if one.kind == "opinion"}.values())


def _sightings(seen: Sequence[Standing]) -> Sightings:
    last = max((one.since for one in seen), default=None)
    return Sightings(len({one.owner for one in seen}), sum(one.times or 0 for one in seen), written(last) if last else None)


def _time(text: object) -> int | None:
    try:
        return read(text) if isinstance(text, str) else None
    except ValueError:
        return None
