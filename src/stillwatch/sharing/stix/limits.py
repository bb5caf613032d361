"""How much of what strangers send is looked at. Beyond a limit the thing is refused, with the limit as the reason."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class Limits:
    """Bounds on a received bundle; the defaults are far above what any campaign needs.

    ``bundle_bytes``: the file; the memory needed is at most some six times as much. ``objects``: entries in a bundle.
    ``object_bytes``: one object (in characters of its text). ``depth``: levels of objects and lists in one object.
    ``earliest``: no event lies before it; ``ahead``: how far clocks may differ; ``validity``: how long anything may stay valid.
    """

    bundle_bytes: int = 96 * 2**20
    objects: int = 200_000
    object_bytes: int = 2**20
    depth: int = 40
    earliest: datetime = datetime(2015, 1, 1, tzinfo=UTC)
    ahead: timedelta = timedelta(days=1)
    validity: timedelta = timedelta(days=3660)

    def at(self, now: datetime) -> "Times":
        """Between which times an event, and a validity, may lie."""
        return Times(self.earliest, now + self.ahead, now + self.validity)


@dataclass(frozen=True)
class Times:
    """The bounds of times at the time of reading: of all, of events, and of validities."""

    earliest: datetime
    latest: datetime
    latest_validity: datetime
