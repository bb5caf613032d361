"""Naming an organisation behind a network: a person's act with a second reviewer, never a formula's.

Rules: one analyst proposes, in writing; another person agrees or declines, in writing. Only then is the name on the profile, with
both names, both dates and both reasons. A name can be withdrawn by any one person; it is never erased from the record.

>>> from datetime import UTC, datetime
>>> day = datetime(2026, 11, 2, tzinfo=UTC)
>>> asked = propose("Synthetic Example Org", "Its invoice was in the proxy's mailbox.", "Ann Analyst", day)
>>> asked.stands, review(asked, True, "I have read the invoice.", "Bo Reviewer", day).stands
(False, True)
"""

from datetime import UTC, datetime

import msgspec

from stillwatch.attribution.person import person, same_person
from stillwatch.errors import RefusedByPolicy, UsageError


class Naming(msgspec.Struct, frozen=True):
    """A proposed name with what became of it. ``agreed`` is None until somebody else has reviewed it."""

    organisation: str
    reason: str
    analyst: str
    at: str
    reviewer: str = ""
    reviewed_at: str = ""
    review_reason: str = ""
    agreed: bool | None = None
    withdrawn_by: str = ""
    withdrawn_at: str = ""
    withdrawn_because: str = ""

    @property
    def stands(self) -> bool:
        """Whether two people hold it and nobody withdrew it."""
        return self.agreed is True and not self.withdrawn_at

    @property
    def open(self) -> bool:
        """Whether it waits for a reviewer."""
        return self.agreed is None and not self.withdrawn_at


def propose(organisation: str, reason: str, analyst: str, now: datetime) -> Naming:
    """A name that one analyst proposes. Raises UsageError if anything is left unsaid."""
    return Naming(_said(organisation, "organisation"), _said(reason, "reason"), person(analyst, "analyst"), _moment(now))


def review(naming: Naming, agreed: bool, reason: str, reviewer: str, now: datetime) -> Naming:
    """What the second person says. Raises RefusedByPolicy if it is the first one, or nothing waits for a review."""
    if not naming.open:
        raise RefusedByPolicy("this name does not wait for a review", place="naming", cure="propose it anew, with what is new")
    if same_person(naming.analyst, reviewer):
        raise RefusedByPolicy("whoever proposes a name cannot review it", place="naming", cure="let a second person review it")
    reviewed = {"reviewer": person(reviewer, "reviewer"), "reviewed_at": _moment(now), "review_reason": _said(reason, "reason")}
    return msgspec.structs.replace(naming, agreed=agreed, **reviewed)


def withdraw(naming: Naming, reason: str, by: str, now: datetime) -> Naming:
    """The name taken back by one person. Raises RefusedByPolicy if it was taken back already or never stood."""
    if not (naming.stands or naming.open):
        raise RefusedByPolicy("this name does not stand", place="naming", cure="see the network's history")
    gone = {"withdrawn_by": person(by, "analyst"), "withdrawn_at": _moment(now), "withdrawn_because": _said(reason, "reason")}
    return msgspec.structs.replace(naming, **gone)


def _said(text: str, what: str) -> str:
    if not text.strip():
        raise UsageError(f"no {what} is given", place="naming", cure=f"give the {what}")
    return text.strip()


def _moment(now: datetime) -> str:
    if now.tzinfo is None:
        raise UsageError("the time has no zone", place="naming", cure="give the time in UTC")
    return now.astimezone(UTC).isoformat()
