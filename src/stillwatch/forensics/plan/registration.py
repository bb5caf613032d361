"""Registration: what the ledger says about a plan, and what that means for the numbers.

Rules
- A plan counts from the moment at which its digest was entered. A look at the suspect is entered before the first question.
- A plan that was entered after a look under another plan of the same name was changed after looking. A plan file whose digest is
  not in the ledger is not the plan.
- Coins are used up by the first examination that looked; a later one, of whatever suspect or name, is told so.

>>> standing([], "example-1-october", "a" * 64, [])
Standing(registered='', first_look='', changed_after_looking=False, earlier=[], reused_by=[])
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

PLAN = "examination-plan"
LOOK = "examination-look"
RESULT = "examination-result"
SERVING = "serving-record"


class Entry(Protocol):
    """What is read of a ledger's entry."""

    @property
    def time(self) -> str:
        """When it was entered: ISO 8601 in UTC, always of the same length."""

    @property
    def kind(self) -> str:
        """One of the kinds of this module, or another's."""

    @property
    def subject(self) -> str:
        """The examination's name."""

    @property
    def details(self) -> Mapping[str, Any]:
        """What was entered with it."""


class Ledger(Protocol):
    """An append-only log; ``stillwatch.sharing.ledger`` is one."""

    def append(self, kind: str, subject: str, details: Mapping[str, Any], actor: str, now: datetime) -> Any:
        """Enter one more."""

    def entries(self, since: int = 0, kind: str | None = None) -> Iterator[Entry]:
        """All entries in their order, of one kind if it is given."""


class Standing(msgspec.Struct, frozen=True):
    """When the plan was ``registered`` and the suspect first looked at (empty: never); ``earlier`` plans of the name with their
    times; ``reused_by`` examinations that looked at some of the same coins before."""

    registered: str
    first_look: str
    changed_after_looking: bool
    earlier: list[tuple[str, str]]
    reused_by: list[str]


def standing(entries: Iterable[Entry], name: str, digest: str, coins: Sequence[str]) -> Standing:
    """Where the plan with this digest stands, from the ledger's entries in their order."""
    plans: dict[str, Entry] = {}
    looks: dict[str, Entry] = {}
    for entry in entries:
        if entry.kind in (PLAN, LOOK):
            (plans if entry.kind == PLAN else looks).setdefault(str(entry.details.get("digest")), entry)
    own = plans.get(digest)
    others = [(found, entry) for found, entry in plans.items() if entry.subject == name and found != digest]
    earlier_looks = [looks[found].time for found, _ in others if found in looks]
    return Standing(
        registered=own.time if own else "",
        first_look=looks[digest].time if digest in looks else "",
        changed_after_looking=own is not None and any(time <= own.time for time in earlier_looks),
        earlier=[(entry.time, found) for found, entry in others],
        reused_by=_reused_by(plans, looks, digest, set(coins)),
    )


def _reused_by(plans: Mapping[str, Entry], looks: Mapping[str, Entry], digest: str, coins: set[str]) -> list[str]:
    """Examinations that looked before this one did, at coins that are among its own."""
    found = []
    for other, look in looks.items():
        before = digest not in looks or look.time < looks[digest].time
        if other != digest and before and other in plans and not coins.isdisjoint(plans[other].details.get("coins", ())):
            found.append(f"{plans[other].subject}, of {plans[other].details.get('suspect', 'an unnamed suspect')}")
    return found
