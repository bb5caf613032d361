"""The migrations of the store of cases."""

from pathlib import Path

from stillwatch.case.store.tables import metadata
from stillwatch.database.migrations import Migrations

MIGRATIONS = Migrations(
    Path(__file__).parent / "migrations", metadata, "stillwatch_case_version", "store of cases", "stillwatch case add"
)
