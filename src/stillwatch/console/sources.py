"""What the console wants of its neighbours, as protocols; the command line gives objects that do it.

Rules: values that cross are plain data (what JSON has), so that a page and its twin show the same.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

Row = Mapping[str, Any]


class Logs(Protocol):
    """The provider's own request logs."""

    def requests_of(self, accounts: Collection[str], most: int, now: datetime) -> list[Row]:
        """Some requests of these accounts: ``request_id``, ``account_id``, ``ts``, ``model``, ``system_prompt``, ``prompt``.

        Raises NoReadableInput if no log can be read.
        """


class GatewayRecords(Protocol):
    """A gateway's folder: what is in force, what was decided, who is pardoned."""

    def status(self) -> Row:
        """The snapshot in force (number, created, mode, counts), or why there is none."""

    def decisions(self) -> Iterator[Row]:
        """Recorded decisions, the latest first."""

    def explain(self, account: str) -> Row:
        """What the gateway knows of an account, and what it would do with a plain request of it."""

    def pardons(self) -> list[Row]:
        """All pardons, the latest first, with whether each holds."""

    def pardon(self, account: str, because: str, days: float, by: str) -> Row:
        """Pardon an account, recorded in the gateway's ledger; 0 days take a pardon back."""


class HubRecords(Protocol):
    """An exchange hub, as far as this member or its operator may see it."""

    def status(self) -> Row:
        """Whether it answers, its collections, and the latest changes."""

    def trace(self, stix_id: str) -> list[Row]:
        """Whom an object reached and when, or why not; empty if that cannot be seen from here."""
