"""The states of a case, and from which to which a decision may take it.

Rules: *new* → *triaged* (worth an analyst's time) → *confirmed* (held to be a campaign) → *shared* (others were told) → *closed*.
*reversed*: it was confirmed, perhaps shared, and that was wrong. Closed and reversed cases can be taken up again, as *triaged*.

>>> allowed("new", "confirmed"), allowed("confirmed", "reversed")
(False, True)
"""

from typing import Literal

from stillwatch.errors import UsageError

State = Literal["new", "triaged", "confirmed", "shared", "closed", "reversed"]
STATES: tuple[State, ...] = ("new", "triaged", "confirmed", "shared", "closed", "reversed")

TRANSITIONS: dict[State, tuple[State, ...]] = {
    "new": ("triaged", "closed"),
    "triaged": ("confirmed", "closed"),
    "confirmed": ("shared", "closed", "reversed"),
    "shared": ("closed", "reversed"),
    "closed": ("triaged", "reversed"),
    "reversed": ("triaged", "closed"),
}
ENDED: frozenset[State] = frozenset({"closed", "reversed"})
"""States in which the time of retention runs."""


def allowed(before: State, after: State) -> bool:
    """Whether one decision may take a case from ``before`` to ``after``."""
    return after in TRANSITIONS[before]


def state_named(name: str) -> State:
    """The state of this name. Raises UsageError if there is none."""
    for state in STATES:
        if state == name:
            return state
    raise UsageError(f"no such state: {name!r:.40}", place="state", cure=f"name one of {', '.join(STATES)}")
