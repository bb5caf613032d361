"""The hub as the console asks for it: by its URL, as the key lets one see it; by its folder, as its operator works with it.

Rules: a member learns of appeals by the notices that came with its feed, and may answer; the operator opens and decides them, and
sees when each member was told, confirmed and answered.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec

from stillwatch.cli.feed.exchange import answered
from stillwatch.cli.hub.place import now, opened
from stillwatch.cli.members import member
from stillwatch.cli.peers import Shown, peer_at
from stillwatch.console.missing import NotHere
from stillwatch.errors import NoReadableInput, RefusedByPolicy, UsageError
from stillwatch.hub.exchange.appeal import OUTCOMES, course, decide_appeal, open_appeal
from stillwatch.hub.exchange.trace import trace
from stillwatch.hub.store import appeals
from stillwatch.hub.store.appeals import Appeal
from stillwatch.hub.timestamps import written
from stillwatch.sharing.exchange import operator
from stillwatch.sharing.exchange.bookmark import BookmarkFile
from stillwatch.sharing.exchange.connection import Connection
from stillwatch.sharing.exchange.failures import NotLetIn, NotThere, PeerOdd, PeerSilent
from stillwatch.sharing.exchange.receiver import Notice, notices
from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.release.membership import read_membership

Row = Mapping[str, Any]
_SECONDS = 5.0
_Told = TypeVar("_Told")


class HubByUrl:
    """A hub by its URL. A member's key sees what the hub told that member; an operator's sees traces, and the course of appeals."""

    operates = False

    def __init__(self, url: str, key: Path | None, config: Path) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._config = config

    def status(self) -> Row:
        """Whether it answers, and the first changes that this member did not fetch yet; for an operator, how much it holds."""
        headers = {"authorization": f"Bearer {self._secret()}"} if self._key else {}
        try:
            with httpx.Client(base_url=self._url, headers=headers, timeout=_SECONDS) as client:
                ready = client.get("/ready/").status_code == 200
                changes = client.get("/changes/", params=self._after_the_last_fetch()) if self._key else None
        except httpx.HTTPError as error:
            return {"url": self._url, "answers": False, "because": str(error)}
        known = changes.json() if changes is not None and changes.status_code == 200 else None
        held = self._as_operator(lambda to: operator.status(to, self._beside))
        more = {} if held is None else msgspec.to_builtins(held)
        return {"url": self._url, "answers": True, "ready": ready, "changes": known, **more}

    def trace(self, stix_id: str) -> list[Row]:
        """Whom an object reached; nothing for a member, for only an operator sees that."""
        found = self._as_operator(lambda to: operator.trace(to, self._beside, stix_id))
        return [msgspec.to_builtins(each) for each in found or ()]

    def appeals(self) -> list[Row]:
        """All appeals for an operator; for a member those that the hub told of, as it told them last."""
        found = self._as_operator(lambda to: operator.appeals(to, self._beside))
        if found is not None:
            return [msgspec.to_builtins(each) for each in reversed(found)]
        latest = {notice.subject: notice for notice in self._notices()}
        return [_told(notice) for notice in sorted(latest.values(), key=lambda notice: notice.at, reverse=True)]

    def appeal(self, name: str) -> Row:
        """An appeal with its course for an operator; for a member, with the times at which it was told. Raises NotHere."""
        found = self._as_operator(lambda to: operator.appeal(to, self._beside, name))
        if found is not None:
            return {**msgspec.to_builtins(found), "notices": []}
        mine = [notice for notice in self._notices() if notice.subject == name]
        if not mine:
            raise NotHere("the hub told of no such appeal", place=name[:120], cure="fetch what is new, on the page of the feed")
        return {**_told(mine[-1]), "members": [], "notices": [{"at": each.at, "state": each.said["state"]} for each in mine]}

    def open_appeal(self, objects: Sequence[str], because: str, by: str) -> str:
        """Refused: that is done where the hub is."""
        raise _at_the_hub_alone("opened")

    def decide_appeal(self, name: str, outcome: str, by: str) -> None:
        """Refused: that is done where the hub is."""
        raise _at_the_hub_alone("decided")

    def answer(self, name: str, what: str, by: str) -> None:
        """Tell the hub what we did, as `feed answer` does. Raises UsageError, and as the exchange does."""
        answered(member(self._config, datetime.now(UTC), dry_run=False), name, what, Shown(key=self._key), datetime.now(UTC))

    @property
    def _beside(self) -> str:
        return f"{self._url}/"

    def _as_operator(self, ask: Callable[[Connection], _Told]) -> _Told | None:
        """What the hub tells its operator; None if we are none to it, or it does not answer."""
        if self._key is None:
            return None
        try:
            with Connection(peer_at(self._url, Shown(member="", key=self._key), read_membership(self._config))) as connection:
                return ask(connection)
        except (NotThere, NotLetIn, PeerSilent, PeerOdd):
            return None

    def _notices(self) -> list[Notice]:
        """The notices of appeals, by time."""
        return [notice for notice in notices(read_membership(self._config).exchange) if notice.kind == "appeal"]

    def _after_the_last_fetch(self) -> dict[str, str]:
        """Which changes to ask for. Raises NoReadableInput, UsageError."""
        files = read_membership(self._config).exchange.glob("bookmark-*.json")
        marks = [BookmarkFile(file, self._url).read() for file in sorted(files, key=lambda file: file.stat().st_mtime)]
        cursors = [mark.cursor for mark in marks if mark.cursor and mark.url.startswith(f"{self._url}/")]
        return {"limit": "20", **({"after": cursors[-1]} if cursors else {})}

    def _secret(self) -> str:
        assert self._key is not None
        try:
            return self._key.read_text("utf-8").strip()
        except OSError as error:
            cure = "name the file with the member's key at the hub"
            raise NoReadableInput(f"the key cannot be read ({error.strerror})", place=str(self._key), cure=cure) from error


class OperatorOfHub:
    """A hub by its folder, as its operator sees it."""

    operates = True

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

    def appeals(self) -> list[Row]:
        """All appeals, the latest first."""
        with opened(self._folder, None) as hub, hub.database.reading() as connection:
            return [_case(each) for each in reversed(appeals.all_cases(connection))]

    def appeal(self, name: str) -> Row:
        """An appeal with its course at every member. Raises UsageError."""
        with opened(self._folder, None) as hub:
            case, courses = course(hub, name)
        return {**_case(case), "members": [asdict(each) for each in courses], "notices": []}

    def open_appeal(self, objects: Sequence[str], because: str, by: str) -> str:
        """Open one, and tell every member that received one of the objects. Raises UsageError, RefusedByPolicy."""
        with opened(self._folder, None) as hub:
            return open_appeal(hub, Guard("member-standard"), objects, because, f"operator {by}", now())

    def decide_appeal(self, name: str, outcome: str, by: str) -> None:
        """Decide one, and tell every member that received one of the objects. Raises UsageError."""
        if outcome not in OUTCOMES:
            raise UsageError("no such outcome", place="outcome", cure=f"choose one of {', '.join(OUTCOMES)}")
        with opened(self._folder, None) as hub:
            decide_appeal(hub, name, outcome, f"operator {by}", now())

    def answer(self, name: str, what: str, by: str) -> None:
        """Refused: members answer."""
        raise UsageError("the operator does not answer", place=name, cure="members answer in their own consoles")


def _told(notice: Notice) -> dict[str, Any]:
    """An appeal as a notice tells it."""
    state = notice.said["state"]
    outcome = None if state == "open" else state
    known = {name: notice.said[name] for name in ("objects", "because")}
    return {"id": notice.subject, "opened": notice.at, "outcome": outcome, "decided": notice.at if outcome else None, **known}


def _case(case: Appeal) -> dict[str, Any]:
    decided = written(case.decided) if case.decided is not None else None
    return {**asdict(case), "objects": list(case.objects), "opened": written(case.opened), "decided": decided}


def _at_the_hub_alone(done: str) -> RefusedByPolicy:
    cure = "say with an opinion what is wrong with an object, and ask the operator, whose console names the hub's folder"
    return RefusedByPolicy(f"an appeal is {done} by the operator, where the hub is", place="hub", cure=cure)
