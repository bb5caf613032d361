"""Synchrony: accounts of one hand start, pause and stop together, beyond what the time of day explains.

*Why it separates.* A dispatcher runs or does not run; its accounts share outages and holidays to the hour. *When it
misleads.* A deadline or an outage of the provider moves unrelated people alike; so does a working week, which is why the
same statistic of ordinary accounts is subtracted.

Statistic: mean correlation between two accounts' hourly counts after the group's own daily rhythm (24 hours, which
follows from where its users live and is no evidence) is removed. Hours outside the window do not count.
"""

from functools import lru_cache

import numpy as np

from stillwatch.signals.likelihood import bits_between
from stillwatch.signals.population import Floats, Group, Population, Reading, Signal, Silence, Work

_MIN_HOURS = 24
_MIN_REQUESTS = 6


def weigh(group: Group, population: Population, rng: np.random.Generator) -> Reading | Silence:
    """Bits for one hand from common pauses and starts; never much against it, since many campaigns are not in step."""
    if population.window_hours < _MIN_HOURS:
        return Silence("the window is shorter than a day, so the daily rhythm cannot be told from common starts")
    own, expected = hourly_counts(group.work), _usual(population.reference)
    if len(own) < 4 or expected is None:
        return Silence("too few accounts with enough requests to compare rhythms")
    together = common_rhythm(own)
    error = 1 / np.sqrt(len(own) * own.shape[1])
    innocent = (max(expected, 0.0), float(np.hypot(0.03 + 0.5 * abs(expected), error)))
    bits = bits_between(together, hostile=(max(expected, 0) + 0.25, 0.15), innocent=innocent, cap=8, floor=-1)
    statement = (
        f"Beyond the time of day, the accounts' hours of activity move together with correlation {together:.2f} "
        f"({expected:.2f} among ordinary accounts)."
    )
    return Reading(bits, statement, len(own), len(group.work))


@lru_cache(maxsize=2)
def _usual(reference: Work) -> float | None:
    """The reference's common rhythm, once for all groups that are compared with it."""
    table = hourly_counts(reference)
    return common_rhythm(table) if len(table) >= 8 else None


def hourly_counts(work: Work) -> Floats:
    """Square roots of requests per hour, shape (accounts with enough requests, hours from first to last)."""
    accounts, rows, counts = np.unique(work.account, return_inverse=True, return_counts=True)
    if not len(accounts):
        return np.empty((0, 0))
    hours = work.hour - work.hour.min()
    table = np.zeros((len(accounts), int(hours.max()) + 1))
    np.add.at(table, (rows, hours), 1)
    return np.sqrt(table[counts >= _MIN_REQUESTS])


def common_rhythm(table: Floats) -> float:
    """Mean pairwise correlation of the rows, after the mean day of all rows is removed from each in proportion."""
    days = np.arange(table.shape[1]) % 24
    total = table.sum(axis=0)
    daily = np.array([total[days == hour].mean() if (days == hour).any() else 0.0 for hour in range(24)])[days]
    rest = table - np.outer(table.mean(axis=1), daily / max(daily.mean(), 1e-9))
    rest /= np.maximum(np.linalg.norm(rest, axis=1, keepdims=True), 1e-9)
    accounts = len(rest)
    return float(((rest.sum(axis=0) ** 2).sum() - accounts) / (accounts * (accounts - 1)))


SIGNAL = Signal("synchronous activity", "coordination", "rhythm", weigh)
