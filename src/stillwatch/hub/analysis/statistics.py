"""Statistics over all members: how many campaigns show each technique, so that nobody is named and nobody can be worked out.

A number is given only if at least FEWEST_CONTRIBUTORS members contributed to it and none of them more than LARGEST_SHARE of it
(the floor of the old antitrust statistics zone; no safe harbour). Then discrete Laplace noise is added (OpenDP) and the sum
rounded to 1, 2 or 5 times a power of ten. The unit that the noise protects is one campaign, which counts for at most
MOST_TECHNIQUES techniques. What each release spends of the year's budget is recorded before the numbers are shown; when it is
spent, there are no more. The floor is judged on the true counts.

>>> bucket(0), bucket(7), bucket(140)
(0, 5, 100)
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC

import opendp.prelude as dp
from sqlalchemy import Connection, func, insert, select

from stillwatch.errors import RefusedByPolicy
from stillwatch.hub.analysis.correlation import Report
from stillwatch.hub.store.tables import budget
from stillwatch.hub.timestamps import moment

FEWEST_CONTRIBUTORS = 5
LARGEST_SHARE = 0.25
MOST_TECHNIQUES = 5
YEARS_EPSILON = 4.0

dp.enable_features("contrib")


@dataclass(frozen=True)
class Number:
    """A released number of campaigns, or None with the reason."""

    technique: str
    campaigns: int | None
    withheld: str | None = None


def campaigns_by_technique(reports: Iterable[Report]) -> dict[str, Counter[int]]:
    """For each technique the number of campaigns by contributing member; a campaign counts for its MOST_TECHNIQUES most
    frequent.
    """
    found: dict[str, Counter[int]] = {}
    for report in reports:
        uses = sorted(report.disclosure.figures.techniques, key=lambda use: (-(use.share or 0), use.technique))
        for technique in list(dict.fromkeys(use.technique for use in uses))[:MOST_TECHNIQUES]:
            found.setdefault(technique, Counter())[report.owner] += 1
    return found


def release(counts: Mapping[str, Counter[int]], epsilon: float) -> list[Number]:
    """The numbers, noisy and in buckets, or why they are withheld. ``epsilon`` above 0 is what the release spends."""
    noisy = dp.m.make_laplace(dp.atom_domain(T=int), dp.absolute_distance(T=int), scale=MOST_TECHNIQUES / epsilon)
    return [_number(technique, by_member, noisy) for technique, by_member in sorted(counts.items())]


def spend(connection: Connection, what: str, epsilon: float, now: int) -> float:
    """Record what a release spends, within a write; what is left of the year. Raises RefusedByPolicy if it is not there."""
    year = moment(now).astimezone(UTC).year
    spent = connection.execute(select(func.coalesce(func.sum(budget.c.epsilon), 0.0)).where(budget.c.year == year)).scalar_one()
    if not 0 < epsilon <= YEARS_EPSILON - spent + 1e-9:
        left = max(0.0, YEARS_EPSILON - spent)
        raise RefusedByPolicy(f"of the year's budget {left:.2f} is left", place=f"epsilon {epsilon}", cure="spend less, or wait")
    connection.execute(insert(budget).values(year=year, at=now, epsilon=epsilon, what=what))
    return float(YEARS_EPSILON - spent - epsilon)


def bucket(count: int) -> int:
    """The largest of 0 and 1, 2, 5 times a power of ten that is not above the count."""
    if count < 1:
        return 0
    power: int = 10 ** (len(str(count)) - 1)
    return next(step * power for step in (5, 2, 1) if step * power <= count)


def _number(technique: str, by_member: Counter[int], noisy: dp.Measurement) -> Number:
    total = by_member.total()
    if len(by_member) < FEWEST_CONTRIBUTORS:
        return Number(technique, None, f"fewer than {FEWEST_CONTRIBUTORS} contributors")
    if max(by_member.values()) > LARGEST_SHARE * total:
        return Number(technique, None, f"one contributor has more than {LARGEST_SHARE:.0%}")
    return Number(technique, bucket(noisy(total)))
