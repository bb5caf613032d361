"""The hub: whether it answers, what waits there for us, and whom an object reached and when, or why not.

Rules: what a hub says of changes is shown as far as it has the form of changes; a hub that says anything else breaks no page.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from stillwatch.console.missing import not_set_up
from stillwatch.console.web.answer import Answer, Page
from stillwatch.console.web.visit import Visit


class Change(msgspec.Struct, frozen=True):
    """One change at the hub that we did not fetch yet: when, of what kind, and which object."""

    at: str
    kind: str
    id: str = ""
    object: dict[str, Any] | None = None

    @property
    def type(self) -> str:
        """The object's type; empty if the change brings none."""
        return str((self.object or {}).get("type", ""))


class _Changes(msgspec.Struct, frozen=True):
    changes: list[Change]


def hub(visit: Visit) -> Answer:
    """The hub's state and, of an object that is asked for, its trace."""
    if visit.desk.hub is None:
        raise not_set_up("a hub", "--hub URL")
    name = visit.query.get("trace", "").strip()[:200]
    status = visit.desk.hub.status()
    data = {"status": status, "traced": name, "trace": visit.desk.hub.trace(name) if name else []}
    return Page("hub.html", "Hub", data, {"waiting": _waiting(status), "operates": visit.desk.hub.operates})


def _waiting(status: Mapping[str, Any]) -> list[Change] | None:
    """The changes that wait for us; None if the hub does not say."""
    try:
        return msgspec.convert(status.get("changes"), _Changes).changes
    except msgspec.ValidationError:
        return None
