"""The gateway as the console asks for it: plain values made of what its floor keeps."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from stillwatch.cli.console.replay import replayed
from stillwatch.cli.gateway.commands import explained, pardoned
from stillwatch.cli.gateway.correct import opinions_on
from stillwatch.errors import StillwatchError
from stillwatch.gateway.alarm import Alarms
from stillwatch.gateway.policy_file import read_policy
from stillwatch.gateway.records.correction import Corrections
from stillwatch.gateway.records.decision_log import DecisionLog
from stillwatch.gateway.records.pardon_book import PardonBook
from stillwatch.gateway.settings import load_settings
from stillwatch.gateway.snapshot.shelf import Shelf
from stillwatch.sharing.stix.objects import as_json
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.views import View

Row = Mapping[str, Any]


class Gateway:
    """A gateway by its folder."""

    def __init__(self, folder: Path, requests: Sequence[str] = (), accounts: Path | None = None) -> None:
        self._folder = folder
        self._requests = list(requests)
        self._accounts = accounts
        self._read: Row = {}

    def status(self) -> Row:
        """The snapshot in force, or why there is none. A snapshot never changes, so each is read once."""
        try:
            settings = load_settings(self._folder)
            shelf = Shelf(settings.snapshots, settings.trusted())
            number = shelf.current()
            if self._read.get("snapshot") != number:
                self._read = {"in_force": True, "snapshot": number, "mode": shelf.load(number).policy.mode}
        except StillwatchError as error:
            return {"in_force": False, "because": error.what}
        return self._read

    def decisions(self) -> Iterator[Row]:
        """Recorded decisions, the latest first."""
        return DecisionLog(self._folder, Alarms()).latest()

    def explain(self, account: str) -> Row:
        """What is known of an account. Raises NoReadableInput without a snapshot."""
        found: Row = msgspec.to_builtins(explained(load_settings(self._folder), account))
        return found

    def pardons(self) -> list[Row]:
        """All pardons, the latest first."""
        return [msgspec.to_builtins(each) for each in reversed(PardonBook(self._folder / "pardons.sqlite").all())]

    def pardon(self, account: str, because: str, days: float, by: str) -> Row:
        """Pardon an account; 0 days take a pardon back. Raises OutputNotWritten."""
        given, travels = pardoned(load_settings(self._folder), account, because, days, by)
        return {"pardon": msgspec.to_builtins(given), "correction": travels}

    def corrections(self) -> list[str]:
        """Ids of the corrections that wait. Raises NoReadableInput."""
        return [each.id for each in self._corrections.waiting()]

    def opinions(self, terms: Terms) -> list[Row]:
        """What tells them, as `gateway correct` says it."""
        return [as_json(thing) for thing in opinions_on(self._corrections.waiting(), View.DISPUTED, terms)]

    def settle(self, corrections: Collection[str], now: int) -> None:
        """Keep that they were let out. Raises OutputNotWritten."""
        for each in corrections:
            self._corrections.settle(each, now)

    def policy(self) -> str:
        """The text of the policy in force. Raises NoReadableInput without a snapshot."""
        settings = load_settings(self._folder)
        return Shelf(settings.snapshots, settings.trusted()).load().about.policy

    def check_policy(self, policy: str) -> None:
        """Raise NotAPolicy for a text that is none."""
        read_policy(policy, "policy")

    def replay(self, policy: str) -> Row:
        """What a policy would have done with the request logs. Raises NotSetUp without them, ReplayFailed."""
        return replayed(self._folder, self._requests, self._accounts, policy)

    @property
    def _corrections(self) -> Corrections:
        return Corrections(self._folder / "corrections.jsonl")
