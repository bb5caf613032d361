"""Remarks: what opinions and sightings say of other objects, as it is read off them when they come in.

An opinion is one member's word on an indicator, in the scale of STIX; the hub reads it as the members use it (OPINIONS). A later
version takes the place of an earlier one, a revoked one is no remark any more.

>>> [made.value for made in remarks({"type": "opinion", "opinion": "disagree", "object_refs": ["indicator--1"]})]
['disputed']
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

OPINIONS: Mapping[str, str] = {
    "strongly-agree": "confirmed here too",
    "agree": "confirmed here too",
    "neutral": "investigating",
    "disagree": "disputed",
    "strongly-disagree": "false positive here",
}
"""What the words of STIX 2.1 (section 10.16) mean among members."""

AGAINST = ("disputed", "false positive here")
"""The opinions that put an object under dispute."""


@dataclass(frozen=True)
class Remark:
    """What is said of ``target``: an opinion with its ``value``, or a sighting so many ``times``."""

    target: str
    kind: str
    value: str | None = None
    times: int | None = None


def remarks(value: Mapping[str, Any]) -> Iterator[Remark]:
    """The remarks that an object makes; none if it is no opinion and no sighting, or is not written as one."""
    if value.get("type") == "opinion" and (said := OPINIONS.get(str(value.get("opinion")))):
        refs = value.get("object_refs")
        for target in dict.fromkeys(refs) if isinstance(refs, list) and all(isinstance(ref, str) for ref in refs) else ():
            yield Remark(target, "opinion", said)
    target, times = value.get("sighting_of_ref"), value.get("count", 1)
    if value.get("type") == "sighting" and isinstance(target, str):
        yield Remark(target, "sighting", None, times if isinstance(times, int) and 0 <= times < 2**53 else 1)
