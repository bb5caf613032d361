"""Admission: whether a candidate becomes a new object version, given what the collection has of the same object.

Rules:

1. what is there already, in whatever spelling, is not stored twice; the request succeeds;
2. a version that is there with other content stays as it is, and the other is refused: versions do not change (STIX 2.1, 3.6.2);
3. in a guarded collection only who contributed an object may give new versions of it. Somebody else's is refused; if it cannot
   see the object, a refusal would tell of it, so the version is kept, but for its contributor and the operators alone;
4. what has no version of its own (observables) belongs to nobody, and is stored once for each content.

What the poster cannot see counts for nothing in rules 1, 2 and 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from stillwatch.hub.receipt.candidate import Candidate


class Outcome(StrEnum):
    """What becomes of a candidate."""

    STORED = "stored"
    HELD = "held"
    THERE_ALREADY = "there already"
    REFUSED = "refused"


@dataclass(frozen=True)
class KnownVersion:
    """A version that the collection has, as far as it matters here; ``seen``: whether the poster may see it."""

    spec_version: str
    key: str
    digest: bytes
    own: bool
    seen: bool


@dataclass(frozen=True)
class Admission:
    """The outcome and, for a refusal, the reason."""

    outcome: Outcome
    reason: str = ""


def admit(one: Candidate, known: Sequence[KnownVersion], *, guarded: bool) -> Admission:
    """What becomes of a candidate; ``known`` are the versions of the same object."""
    seen = [version for version in known if version.seen]
    if one.key is None:
        return Admission(Outcome.THERE_ALREADY if any(v.digest == one.digest for v in seen) else Outcome.STORED)
    same = [version for version in seen if (version.spec_version, version.key) == (one.spec_version, one.key)]
    if any(version.digest == one.digest for version in same):
        return Admission(Outcome.THERE_ALREADY)
    if same:
        return Admission(Outcome.REFUSED, "this version is here with other content; give the change a later modified")
    if not guarded or not known or any(version.own for version in known):
        return Admission(Outcome.STORED)
    if seen:
        return Admission(
            Outcome.REFUSED, "another member contributed this object; say what you think of it in an opinion or a note"
        )
    return Admission(Outcome.HELD)
