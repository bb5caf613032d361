"""The way from the console to the hub of the settings and back, by what `feed push` and `feed pull` do."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stillwatch.cli.feed.exchange import fetched
from stillwatch.cli.members import member
from stillwatch.cli.peers import Shown
from stillwatch.cli.sending import as_json, send
from stillwatch.sharing.release.membership import Membership, read_membership


class HubOfSettings:
    """The hub that the settings in a file name now, and the feed that is filled."""

    def __init__(self, config: Path, feed: Path | None) -> None:
        self._config = config
        self._feed = feed

    @property
    def url(self) -> str:
        """The hub's address; empty if there is none. Raises UsageError for settings that cannot be read."""
        return read_membership(self._config).hub

    def send(self, release: Path) -> Mapping[str, Any]:
        """Send a release. Raises as `feed push` does."""
        (progress,) = send([release], None, Shown(), None, self._membership())
        return as_json(progress)

    def fetch(self) -> Mapping[str, Any]:
        """Fetch what is new, as `feed pull` does."""
        counts: Counter[str] = Counter()
        for each in fetched(self._membership(), self._feed):
            counts["taken"] += sum(each.get("put", {}).values())
            counts["refused"] += len(each.get("refused", ()))
            counts["removed"] += each["came"] == "removal"
            counts["told"] += each["came"] == "notice"
        return dict(counts)

    def _membership(self) -> Membership:
        return member(self._config, datetime.now(UTC), dry_run=False)
