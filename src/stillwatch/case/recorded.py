"""What a ledger is told of an action on a case, before the action is final.

Rules: the digest that binds the action into the case's history goes along. Remarks, names of files and names of organisations stay
in the store, because a ledger may be shown to others; reasons of decisions are entered.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from stillwatch.case.case import Action
from stillwatch.case.writer import Witness

Append = Callable[[str, str, Mapping[str, Any], str, datetime], object]
"""A ledger's means to append: kind, subject, details, actor, time."""

_KINDS = {"purge": "deletion", **dict.fromkeys(("decide", "merge", "merged", "hold", "lift", "assess", "name", "link"), "decision")}
"""Under which kind an action is entered; the others under *case*."""
_KEPT_BACK = frozenset({"organisation", "name", "title", "source"})


def recorded_by(append: Append) -> Witness:
    """A witness that enters every action in a ledger."""

    def enter(action: Action) -> None:
        kind, subject = _KINDS.get(action.action, "case"), f"case-{action.case}" if action.case else "all cases"
        append(kind, subject, _told(action), action.by, datetime.fromisoformat(action.at))

    return enter


def _told(action: Action) -> Mapping[str, Any]:
    details = {name: value for name, value in action.details.items() if name not in _KEPT_BACK}
    return {"action": action.action, "place": action.place, "digest": action.digest, **details}
