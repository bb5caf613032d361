"""The migrations of the hub's database."""

from pathlib import Path

from stillwatch.database.migrations import Migrations
from stillwatch.hub.store.tables import metadata

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", metadata, "alembic_version", "hub", "stillwatch hub init")
