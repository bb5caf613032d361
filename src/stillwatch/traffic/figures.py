"""Figures: what a scan asks about all accounts at once, from the rows themselves or from what a history has kept of them.

Both give the same tables, named after ``measures``. ``FromRows`` counts all rows.
"""

from typing import Protocol

import ibis.expr.types as ir

from stillwatch.traffic import measures


class Keeping(Protocol):
    """The part of an engine that figures need."""

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        """Evaluate an expression once."""

    def hits(self, rows: ir.Table) -> ir.Table:
        """One row per request and sample."""


class Figures(Protocol):
    """Tables over all rows of a scan."""

    def accounts(self) -> ir.Table:
        """``measures.account_measures``."""

    def values(self, attribute: str) -> ir.Table:
        """``measures.values`` of an attribute."""

    def samples(self) -> tuple[ir.Table, ir.Table]:
        """``measures.uses`` of the samples that several accounts share, and their ``measures.sample_totals``."""

    def system_hits(self) -> ir.Table:
        """``measures.system_hits``."""


class FromRows:
    """Figures that are counted from ``rows``, by ``engine``."""

    def __init__(self, engine: Keeping, rows: ir.Table) -> None:
        self._engine = engine
        self._rows = rows

    def accounts(self) -> ir.Table:
        """Counted from all rows."""
        return measures.account_measures(self._rows)

    def values(self, attribute: str) -> ir.Table:
        """Counted from all rows."""
        return measures.values(self._rows, attribute)

    def samples(self) -> tuple[ir.Table, ir.Table]:
        """Counted from all hits."""
        hits = self._engine.hits(self._rows)
        used = self._engine.keep("uses", measures.uses(hits))
        shared = self._engine.keep("shared_samples", measures.shared_samples(used))
        return used.semi_join(shared, "sample"), measures.sample_totals(hits, shared)

    def system_hits(self) -> ir.Table:
        """Counted from all rows."""
        return measures.system_hits(self._rows)
