"""Legal regimes: settings with dates. Without both dates a regime is not in force, whatever anyone believes about the law.

>>> lapsed = Regime("cisa-2015", since=date(2015, 12, 18), until=date(2026, 9, 30))
>>> lapsed.in_force(date(2026, 9, 30)), lapsed.in_force(date(2026, 10, 1)), Regime("cisa-2015").in_force(date(2020, 1, 1))
(True, False, False)
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Regime:
    """A law or order under which some rules may relax (a rule names the regimes; ``rules.toml``).

    ``since`` and ``until`` are its first and last day; counsel sets them, and their ground belongs into ``basis``. If either is
    absent, the regime is not in force.
    """

    name: str
    since: date | None = None
    until: date | None = None
    basis: str = ""

    def in_force(self, day: date) -> bool:
        """Whether ``day`` lies within the dates, both of which count."""
        return self.since is not None and self.until is not None and self.since <= day <= self.until


def regime_in_force(names: Collection[str], regimes: Collection[Regime], day: date) -> Regime | None:
    """The first of ``regimes`` that is among ``names`` and in force on ``day``."""
    return next((regime for regime in regimes if regime.name in names and regime.in_force(day)), None)
