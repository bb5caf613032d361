"""The desk: everything that the pages look at, opened from the settings.

Rules: what belongs to the floors beside the console (gateway, hub) is given to it as an object that does what a protocol of
`sources` says. What was not named is `NotSetUp`, an error that tells the option.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from stillwatch.case.case import Action
from stillwatch.case.cases import Cases
from stillwatch.case.recorded import recorded_by
from stillwatch.console.access.challenge import Challenges
from stillwatch.console.access.database import Database
from stillwatch.console.access.lockout import Lockout
from stillwatch.console.access.login import Logins
from stillwatch.console.access.oidc import IdentityProvider
from stillwatch.console.access.passkey import Passkeys
from stillwatch.console.access.people import People
from stillwatch.console.appeals.appeal import Appeals
from stillwatch.console.missing import not_set_up
from stillwatch.console.release.proposal import Proposals
from stillwatch.console.replays.replays import Replays
from stillwatch.console.scans.failure import NoScan
from stillwatch.console.scans.result import Result, Scan
from stillwatch.console.settings import Settings
from stillwatch.console.sources import Exchange, GatewayRecords, HubRecords, Logs
from stillwatch.database.database import is_absent
from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.membership import Membership, read_membership

_PATIENCE_SECONDS = 3.0


@dataclass(frozen=True)
class Desk:
    """The settings, the scan, the console's own database, and the sources that the command line gave."""

    settings: Settings
    scan: Scan
    database: Database
    gateway: GatewayRecords | None = None
    hub: HubRecords | None = None
    logs: Logs | None = None
    exchange: Exchange | None = None
    provider: IdentityProvider | None = None

    @property
    def people(self) -> People:
        """The users."""
        return People(self.database)

    @property
    def logins(self) -> Logins:
        """The login records."""
        return Logins(self.database)

    @property
    def lockout(self) -> Lockout:
        """The failed attempts."""
        return Lockout(self.database)

    @property
    def challenges(self) -> Challenges:
        """What browsers must bring back."""
        return Challenges(self.database)

    @property
    def passkeys(self) -> Passkeys:
        """The users' passkeys."""
        return Passkeys(self.database, self.settings.origin)

    @property
    def appeals(self) -> Appeals:
        """What customers say who were held back."""
        return Appeals(self.database)

    @property
    def proposals(self) -> Proposals:
        """What waits to leave, and what became of it."""
        return Proposals(self.database)

    @cached_property
    def replays(self) -> Replays:
        """The replays, whose work begins when they are first wanted. Raises NotSetUp without a gateway."""
        if self.gateway is None:
            raise not_set_up("a gateway", "--gateway DIR")
        return Replays(self.database, self.gateway)

    @property
    def result(self) -> Result:
        """The scan's result as it is now. Raises NoScan."""
        return self.scan.result()

    def number_of(self, campaign: str) -> int | None:
        """A campaign's number in the scan; None if the scan does not know it, or cannot be read now."""
        try:
            found = self.result.by_id.get(campaign)
        except NoScan:
            return None
        return found[0] if found else None

    @property
    def cases(self) -> Cases:
        """The store of cases, opened when it is first wanted and kept open; every change is recorded in the ledger too.

        Raises NotSetUp, NoReadableInput, StoreUnavailable.
        """
        store = self._cases
        if is_absent(str(self.settings.cases)):
            cure = "bring it back, or start the console anew to begin another"
            raise NoReadableInput("the store of cases is gone", place=str(self.settings.cases), cure=cure)
        return store

    @cached_property
    def _cases(self) -> Cases:
        if self.settings.cases is None:
            raise not_set_up("a store of cases", "--cases URL")
        return Cases.open(self.settings.cases, self._record, patience_seconds=_PATIENCE_SECONDS)

    def _record(self, action: Action) -> None:
        with self.open_ledger() as ledger:
            recorded_by(ledger.append)(action)

    @property
    def membership(self) -> Membership:
        """The member's settings as they are now. Raises UsageError."""
        return read_membership(self.settings.config)

    @property
    def whose(self) -> str:
        """Whose console this is, as every page says; empty if nobody gave the member a name."""
        try:
            name = self.membership.name
        except UsageError:
            return ""
        if name != Membership.name:
            return name
        return "the hub's operator" if self.only_hub else ""

    @property
    def only_hub(self) -> bool:
        """Whether it is the console of a hub's operator, who has no scan."""
        return self.hub is not None and self.hub.operates and not self.settings.scan.exists()

    @property
    def feed_path(self) -> Path:
        """The feed's file; that in the folder, if its folder is named."""
        path = self.settings.feed or self.membership.feed
        return path / "stillwatch-feed.sqlite" if path.is_dir() else path

    @property
    def ledger_path(self) -> Path:
        """The ledger's file."""
        return self.settings.ledger or self.membership.ledger

    def open_ledger(self) -> Ledger:
        """The ledger, to record in. Raises NoReadableInput, OutputNotWritten."""
        return Ledger.open(self.ledger_path, patience_seconds=_PATIENCE_SECONDS)
