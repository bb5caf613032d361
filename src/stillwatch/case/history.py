"""The history of a case: what was done to it, each action bound to the one before by its digest.

Rules: ``digest`` is SHA-256 over the previous digest and the action in its canonical form; the first one's previous is empty. So
nobody alters, drops or reorders an action without it showing, unless all later digests are made anew; against that stands the
ledger, to which the commands report every action with its digest.

>>> one = chained(7, None, "2026-11-02T00:00:00.000000Z", "Ann Analyst", "open", {})
>>> faults([one]), faults([one, one])
([], ['action 2 of case-7: its place is 1', 'action 2 of case-7: it does not follow on the one before'])
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from stillwatch.case.case import Action


def chained(case: int, last: Action | None, at: str, by: str, action: str, details: Mapping[str, Any]) -> Action:
    """The action that follows ``last`` in the case's history."""
    previous = last.digest if last else ""
    made = Action(case, last.place + 1 if last else 1, at, by, action, dict(details), previous, "")
    return msgspec.structs.replace(made, digest=_digest(made))


def faults(history: Sequence[Action]) -> list[str]:
    """What does not fit in a history, from its first action on; nothing if it is sound."""
    found, previous = [], ""
    for place, action in enumerate(history, start=1):
        name = f"action {place} of case-{action.case}"
        if action.place != place:
            found.append(f"{name}: its place is {action.place}")
        if action.previous != previous:
            found.append(f"{name}: it does not follow on the one before")
        if _digest(action) != action.digest:
            found.append(f"{name}: its content is not what was recorded")
        previous = action.digest
    return found


def _digest(action: Action) -> str:
    content = msgspec.json.encode(msgspec.structs.replace(action, digest=""), order="deterministic")
    return hashlib.sha256(content).hexdigest()
