"""Bringing a database to this version's tables, with Alembic; the migrations ride in the package.

>>> database = Database.open("sqlite://")
>>> migrate(database)
>>> at_head(database)
True
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from stillwatch.errors import NoReadableInput
from stillwatch.hub.store.database import Database

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Bring the tables to the newest version, in one write: all of it or nothing."""
    with database.writing() as connection:
        command.upgrade(_config(connection), "head")


def at_head(database: Database) -> bool:
    """Whether the tables are those of this version."""
    with database.reading() as connection:
        return _current(connection) == ScriptDirectory.from_config(_config(connection)).get_current_head()


def require_head(database: Database) -> None:
    """Raises NoReadableInput if there is no hub in the database, or one of another version."""
    with database.reading() as connection:
        current = _current(connection)
    if current is None:
        raise NoReadableInput("there is no hub here", place=database.place, cure="begin one with `stillwatch hub init`")
    if not at_head(database):
        cure = "run `stillwatch hub init` on it, which brings it up to date and keeps what is in it; or use the newer stillwatch"
        raise NoReadableInput(f"the hub's tables are of version {current}", place=database.place, cure=cure)


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config
