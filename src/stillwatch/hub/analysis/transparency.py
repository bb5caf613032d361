"""The transparency report: what the hub did in a span of time, what it refused and what was taken back, in counts that name nobody.

>>> Transparency("2026-01-01", "2026-12-31", {}, {}, 0, 0, 0, {}, None, 0, 0.0).markdown().splitlines()[0]
'# Transparency report, 2026-01-01 to 2026-12-31'
"""

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from stillwatch.hub.exchange.appeal import course
from stillwatch.hub.hub import Hub
from stillwatch.hub.standing.remark import AGAINST
from stillwatch.hub.store import appeals
from stillwatch.hub.store.tables import budget, objects, remarks, removals
from stillwatch.hub.timestamps import written
from stillwatch.sharing.ledger.entry import Entry

_HOUR = 3600.0


@dataclass(frozen=True)
class Transparency:
    """Counts of one span: members by role (now), ledger entries by kind, object versions revoked, removed, under dispute, appeals
    by outcome.

    ``median_hours_to_confirm``: from the opening of an appeal to a member's confirmation, None if there was none.
    """

    since: str
    until: str
    members: dict[str, int]
    recorded: dict[str, int]
    revoked: int
    removed: int
    disputed: int
    appeals: dict[str, int]
    median_hours_to_confirm: float | None
    statistics_released: int
    epsilon_spent: float

    def markdown(self) -> str:
        """For people."""
        rows = [
            f"| {name.replace('_', ' ')} | {_shown(value)} |"
            for name, value in asdict(self).items()
            if name not in ("since", "until")
        ]
        head = f"# Transparency report, {self.since[:10]} to {self.until[:10]}\n\n| what | how many |\n|---|---|\n"
        return head + "\n".join(rows) + "\n"


def report(hub: Hub, since: int, until: int) -> Transparency:
    """The report of a span, from ``since`` up to ``until``, in microseconds."""
    directory = hub.directory()
    with hub.database.reading() as connection:
        cases = [case for case in appeals.all_cases(connection) if since <= case.opened < until]
        spent = select(func.count(), func.coalesce(func.sum(budget.c.epsilon), 0.0)).where(
            budget.c.at >= since, budget.c.at < until
        )
        released, epsilon = connection.execute(spent).one()
        counts = _counts(connection, since, until)
    hours = [
        one.seconds_to_confirm / _HOUR for case in cases for one in course(hub, case.id)[1] if one.seconds_to_confirm is not None
    ]
    return Transparency(
        written(since),
        written(until),
        dict(Counter(member.role.value for member in directory.members.values() if not member.suspended)),
        _recorded(hub.ledger.entries(), written(since), written(until)),
        *counts,
        dict(Counter(case.outcome or "open" for case in cases)),
        round(statistics.median(hours), 2) if hours else None,
        int(released),
        float(epsilon),
    )


def _counts(connection: Connection, since: int, until: int) -> tuple[int, int, int]:
    """Object versions that were revoked and removed in the span, and objects that are under dispute now."""
    added = objects.c.date_added.between(since, until - 1)
    revoked = select(func.count()).select_from(objects).where(objects.c.revoked, added)
    removed = select(func.count()).select_from(removals).where(removals.c.at.between(since, until - 1))
    against = select(func.count(func.distinct(remarks.c.target))).where(remarks.c.value.in_(AGAINST), ~remarks.c.withdrawn)
    return tuple(int(connection.execute(query).scalar_one()) for query in (revoked, removed, against))  # type: ignore[return-value]


def _recorded(entries: Iterable[Entry], since: str, until: str) -> dict[str, int]:
    return dict(Counter(entry.kind for entry in entries if since <= entry.time < until))


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {count}" for name, count in sorted(value.items())) or "none"
    return "none" if value is None else str(value)
