"""The gateway and the hub as the console asks for them: plain values made of what their own floors keep."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec

from stillwatch.cli.gateway.commands import explained, pardoned
from stillwatch.cli.hub.place import now, opened
from stillwatch.errors import NoReadableInput, StillwatchError
from stillwatch.gateway.alarm import Alarms
from stillwatch.gateway.records.decision_log import DecisionLog
from stillwatch.gateway.records.pardon_book import PardonBook
from stillwatch.gateway.settings import load_settings
from stillwatch.gateway.snapshot.shelf import Shelf
from stillwatch.hub.exchange.trace import trace

Row = Mapping[str, Any]
_SECONDS = 5.0


class Gateway:
    """A gateway by its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
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


class MemberOfHub:
    """A hub by its URL, as a member sees it; it tells a member nothing of what others received."""

    def __init__(self, url: str, key: Path | None, transport: httpx.BaseTransport | None = None) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._transport = transport

    def status(self) -> Row:
        """Whether it answers, and the latest changes that this member may see."""
        headers = {"authorization": f"Bearer {self._secret()}"} if self._key else {}
        try:
            with httpx.Client(base_url=self._url, headers=headers, timeout=_SECONDS, transport=self._transport) as client:
                ready = client.get("/ready/").status_code == 200
                changes = client.get("/changes/", params={"limit": 20}) if self._key else None
        except httpx.HTTPError as error:
            return {"url": self._url, "answers": False, "because": str(error)}
        known = changes.json() if changes is not None and changes.status_code == 200 else None
        return {"url": self._url, "answers": True, "ready": ready, "changes": known}

    def trace(self, stix_id: str) -> list[Row]:
        """Nothing: only an operator sees whom an object reached."""
        return []

    def _secret(self) -> str:
        assert self._key is not None
        try:
            return self._key.read_text("utf-8").strip()
        except OSError as error:
            cure = "name the file with the member's key at the hub"
            raise NoReadableInput(f"the key cannot be read ({error.strerror})", place=str(self._key), cure=cure) from error


class OperatorOfHub:
    """A hub by its folder, as its operator sees it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def status(self) -> Row:
        """Members and collections."""
        with opened(self._folder, None) as hub:
            directory = hub.directory()
            members = [{"name": member.name, "suspended": member.suspended} for member in directory.members.values()]
        return {"folder": str(self._folder), "answers": True, "ready": True, "members": members}

    def trace(self, stix_id: str) -> list[Row]:
        """Whom an object reached, and when, or why not."""
        with opened(self._folder, None) as hub:
            return [msgspec.to_builtins(each) for each in trace(hub, stix_id, now())]
