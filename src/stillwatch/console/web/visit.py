"""A visit: who asks, for what, with which words; all that a page knows of the request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from stillwatch.console.access.people import Person
from stillwatch.console.access.role import Right, Role
from stillwatch.console.desk import Desk
from stillwatch.errors import RefusedByPolicy

STRANGER = Person("", Role.VIEWER, "", 0)
"""Who has not signed in; only pages that ask for no right are shown to it."""


@dataclass(frozen=True)
class Upload:
    """A file that came with a form; its name and type are what the browser says."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Visit:
    """One request; ``cookie`` is the browser's token, ``place`` its address, ``now`` in seconds since 1970."""

    desk: Desk
    person: Person
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    upload: Upload | None = None
    cookie: str = ""
    place: str = ""
    now: int = 0

    @property
    def time(self) -> datetime:
        """When it came, in UTC."""
        return datetime.fromtimestamp(self.now, UTC)

    def word(self, name: str, longest: int = 2000) -> str:
        """A field of the form, without blanks around it; empty if it is not there."""
        return self.form.get(name, "").strip()[:longest]

    def need(self, right: Right) -> None:
        """Raise RefusedByPolicy if the user has not this right."""
        if not self.person.may(right):
            cure = "ask an administrator for another role, or a colleague who has it"
            raise RefusedByPolicy(f"the role {self.person.role} may not {right}", place=self.person.name or "visitor", cure=cure)
