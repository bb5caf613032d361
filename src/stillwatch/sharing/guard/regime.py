"""Legal regimes: settings with dates. Without both dates a regime is not in force, whatever anyone believes about the law.

>>> lapsed = Regime("cisa-2015", since=date(2015, 12, 18), until=date(2026, 9, 30))
>>> lapsed.in_force(date(2026, 9, 30)), lapsed.in_force(date(2026, 10, 1)), Regime("cisa-2015").in_force(date(2020, 1, 1))
(True, False, False)
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


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


def regimes_of(table: Mapping[str, Any]) -> tuple[Regime, ...]:
    """The regimes that a table of settings names, each with ``since``, ``until`` (dates) and ``basis``.

    Raises ValueError for another setting, a value of another kind, or an end before the beginning.
    """
    return tuple(_regime(name, settings) for name, settings in table.items())


def _regime(name: str, settings: Any) -> Regime:
    if not isinstance(settings, Mapping) or settings.keys() - {"since", "until", "basis"}:
        raise ValueError(f"{name!r:.60} is no regime; it has since, until (dates) and basis")
    since, until, basis = settings.get("since"), settings.get("until"), settings.get("basis", "")
    if not isinstance(basis, str) or not all(day is None or _is_day(day) for day in (since, until)):
        raise ValueError(f"{name!r:.60}: since and until are dates (2027-01-31), basis is a text")
    if since and until and until < since:
        raise ValueError(f"{name!r:.60} ends before it begins")
    return Regime(name, since, until, basis)


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)
