"""The watchman: correlates whenever something was added, so that members hear of linked campaigns without an operator's asking.

A look that finds nothing added since the one before costs one query.
"""

from stillwatch.hub.analysis.alerts import correlate_and_tell
from stillwatch.hub.exchange.feed import latest_change
from stillwatch.hub.hub import Hub

BY = "the hub, at its interval"
"""Who asked, as the ledger says."""


class Watchman:
    """Looks at one hub; remembers up to which change it has looked."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._seen: int | None = None

    def look(self, now: int) -> int | None:
        """How many alerts there were; None if nothing had changed. Raises StoreUnavailable, OutputNotWritten; then looks again."""
        newest = latest_change(self._hub)
        if newest == self._seen:
            return None
        _, told = correlate_and_tell(self._hub, BY, now)
        self._seen = newest + told
        return told
