"""The result of a scan, read once and indexed: campaigns by id, their details, and what lists need.

Rules: the folder is looked at again when its ``campaigns.json`` is another file than before; a folder that is missing or half-
written is an error with its cure, and the result that was read before is not shown in its place. Details are read campaign by
campaign.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from stillwatch.campaigns.campaign import SCHEMA, Campaign, Campaigns
from stillwatch.campaigns.detail import Detail
from stillwatch.campaigns.report.summary import by_severity
from stillwatch.console.scans.accounts import Accounts
from stillwatch.console.scans.failure import NoScan

_CURE = "run `stillwatch scan … --out` with this folder, and wait until it has ended"


@dataclass(frozen=True)
class Result:
    """A scan's result in its folder; ``campaigns`` the gravest first."""

    folder: Path
    document: Campaigns
    campaigns: tuple[Campaign, ...]
    accounts: Accounts
    places: Mapping[str, tuple[int, int]]

    @cached_property
    def by_id(self) -> Mapping[str, tuple[int, Campaign]]:
        """Campaigns by id, with their number from 1; what was explained innocently has the number 0."""
        found = {c.id: (0, c) for c in self.document.explained}
        return found | {c.id: (number, c) for number, c in enumerate(self.campaigns, start=1)}

    @cached_property
    def techniques(self) -> Mapping[str, str]:
        """The techniques that any campaign shows: names by id."""
        return dict(sorted({t.id: t.name for c in self.campaigns for t in c.techniques}.items()))

    def detail(self, campaign_id: str) -> Detail | None:
        """Timeline and shared things of a campaign; None if the scan kept none. Raises NoScan for what is of another scan."""
        if campaign_id not in self.places:
            return None
        start, length = self.places[campaign_id]
        path = self.folder / "details.jsonl"
        try:
            with path.open("rb") as file:
                file.seek(start)
                found = msgspec.json.decode(file.read(length), type=Detail)
        except (OSError, msgspec.MsgspecError) as error:
            raise NoScan(f"the details cannot be read ({error})", place=str(path), cure=_CURE) from error
        if not _fits(found, self.by_id[campaign_id][1]):
            raise NoScan("the details are not those of this scan", place=str(path), cure=_CURE)
        return found


class Scan:
    """A folder that `scan` writes and may write again. Safe for several threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._seen: tuple[int, ...] = ()
        self._result: Result | None = None

    def result(self) -> Result:
        """The result as it is now. Raises NoScan if there is none that can be read."""
        with self._lock:
            seen = self._state()
            if self._result is None or seen != self._seen:
                self._result = read_result(self.folder)
                self._seen = seen
            return self._result

    def _state(self) -> tuple[int, ...]:
        path = self.folder / "campaigns.json"
        try:
            found = path.stat()
        except OSError as error:
            self._result = None
            raise NoScan(f"there is no result of a scan ({error.strerror})", place=str(path), cure=_CURE) from error
        return found.st_ino, found.st_size, found.st_mtime_ns


def _fits(detail: Detail, campaign: Campaign) -> bool:
    """Whether a detail speaks of accounts that its campaign has."""
    return all(0 <= member < len(campaign.accounts) for thing in detail.shared for member in thing.members)


def read_result(folder: Path) -> Result:
    """The result in a folder. Raises NoScan."""
    path = folder / "campaigns.json"
    try:
        document = msgspec.json.decode(path.read_bytes(), type=Campaigns)
    except (OSError, msgspec.MsgspecError) as error:
        raise NoScan(f"the result of the scan cannot be read ({error})", place=str(path), cure=_CURE) from error
    if document.schema != SCHEMA:
        raise NoScan(f"the schema is {document.schema!r}, not {SCHEMA!r}", place=str(path), cure="use a stillwatch that knows it")
    ordered = tuple(by_severity(document.campaigns))
    return Result(folder, document, ordered, Accounts(folder / "accounts.parquet"), _places(folder / "details.jsonl"))


class _Named(msgspec.Struct):
    campaign_id: str


def _places(path: Path) -> dict[str, tuple[int, int]]:
    """Where each campaign's line is; nothing if an older scan kept no details."""
    places: dict[str, tuple[int, int]] = {}
    start = 0
    try:
        with path.open("rb") as file:
            for line in file:
                if line.strip():
                    places[msgspec.json.decode(line, type=_Named).campaign_id] = start, len(line)
                start += len(line)
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        raise NoScan(f"the details cannot be read ({error})", place=str(path), cure=_CURE) from error
    return places
