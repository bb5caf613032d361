"""What can go wrong with a case, by name; each says where and what to do.

>>> print(Conflict("case-1", seen=3, now=4, last="decide by Ann Analyst"))
case-1: it was changed meanwhile (you saw version 3, it is at 4; last: decide by Ann Analyst); nothing was written
  to mend it: look at the case again and repeat what you still want
"""

from stillwatch.errors import NoReadableInput, RefusedByPolicy, StillwatchError


class Conflict(StillwatchError):
    """Somebody else changed the case since it was looked at; nothing was written."""

    def __init__(self, case: str, *, seen: int, now: int, last: str) -> None:
        super().__init__(
            f"it was changed meanwhile (you saw version {seen}, it is at {now}; last: {last}); nothing was written",
            place=case,
            cure="look at the case again and repeat what you still want",
        )
        self.seen, self.now, self.last = seen, now, last


class NoSuchCase(NoReadableInput):
    """No case has this name."""


class NotAllowed(RefusedByPolicy):
    """The state of the case does not allow what was asked."""


class Held(RefusedByPolicy):
    """A litigation hold forbids to delete it."""


class Damaged(StillwatchError):
    """The store holds what it cannot have written itself; somebody changed it from outside."""
