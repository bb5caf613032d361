"""What the console wants of its neighbours, as protocols; the command line gives objects that do it.

Rules: values that cross are plain data (what JSON has), so that a page and its twin show the same.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from stillwatch.campaigns.campaign import Campaign
from stillwatch.sharing.release.traces import Traces
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.tokens.token import Token

Row = Mapping[str, Any]


class Logs(Protocol):
    """The provider's own request logs and table of accounts."""

    @property
    def makes_tokens(self) -> bool:
        """Whether there is a table of accounts to make tokens of."""

    def requests_of(self, accounts: Collection[str], most: int, now: datetime) -> list[Row]:
        """Some requests of these accounts: ``request_id``, ``account_id``, ``ts``, ``model``, ``system_prompt``, ``prompt``.

        Raises NoReadableInput if no log can be read.
        """

    def traces_of(self, campaign: Campaign, now: datetime) -> Traces:
        """The clients and networks that a campaign came through. Raises NoReadableInput, StoreUnavailable if many ask."""

    def tokens_of(self, accounts: Sequence[str]) -> list[Token]:
        """The tokens of accounts and of what they share. Raises NotSetUp without a table of accounts, UsageError without a key."""


class GatewayRecords(Protocol):
    """A gateway's folder: what is in force, what was decided, who is pardoned, what others must still be told."""

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

    def corrections(self) -> list[str]:
        """Ids of the corrections that wait to be told to others."""

    def opinions(self, terms: Terms) -> list[Row]:
        """The objects that tell them, our identity first; nobody who was pardoned is in them."""

    def settle(self, corrections: Collection[str], now: int) -> None:
        """Keep that these corrections were let out."""

    def policy(self) -> str:
        """The text of the policy that is in force. Raises NoReadableInput without a snapshot."""

    def check_policy(self, policy: str) -> None:
        """Raise UsageError, with its place, for a text that is no policy."""

    def replay(self, policy: str) -> Row:
        """Run a policy over past traffic, in a process of its own: what it would have done; each of its ``hits`` with its ``plan``.

        Raises NotSetUp without request logs, and a StillwatchError for a run that ends badly or takes too long.
        """


class HubRecords(Protocol):
    """An exchange hub, as far as this member or its operator may see it."""

    @property
    def operates(self) -> bool:
        """Whether this is the hub's operator, who opens and decides appeals."""

    def status(self) -> Row:
        """Whether it answers; its members for an operator; for a member the first ``changes`` that it did not fetch yet."""

    def trace(self, stix_id: str) -> list[Row]:
        """Whom an object reached and when, or why not; empty if that cannot be seen from here."""

    def appeals(self) -> list[Row]:
        """Appeals at the hub, the latest first, each with its ``objects``, ``because``, ``outcome`` and ``opened``."""

    def appeal(self, name: str) -> Row:
        """An appeal with its course at every member (``members``), as far as can be seen from here. Raises NotHere, UsageError."""

    def open_appeal(self, objects: Sequence[str], because: str, by: str) -> str:
        """Open an appeal about objects; its id. Raises RefusedByPolicy for a text that may not cross the border, or a member."""

    def decide_appeal(self, name: str, outcome: str, by: str) -> None:
        """Decide it as ``upheld`` or ``rejected``. Raises UsageError, RefusedByPolicy for a member."""

    def answer(self, name: str, what: str, by: str) -> None:
        """Tell the hub what we did about an appeal that it told us of. Raises UsageError, and as the exchange does."""


class Exchange(Protocol):
    """The way to the hub of the settings and back."""

    @property
    def url(self) -> str:
        """The hub's address; empty if the settings name none."""

    def send(self, release: Path) -> Row:
        """Send what was released; what the hub took and refused. Raises RefusedByPolicy if nothing was, and as the exchange."""

    def fetch(self) -> Row:
        """Fetch what is new into the feed: how much was ``taken``, ``refused``, ``removed``, ``told``. Raises as the exchange."""
