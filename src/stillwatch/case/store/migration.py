"""Bringing a database to this version's tables, with Alembic; the migrations ride in the package.

>>> database = Database.open("sqlite://")
>>> migrate(database)
>>> require_head(database)
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from stillwatch.case.store.database import Database
from stillwatch.errors import NoReadableInput

_SCRIPTS = Path(__file__).parent / "migrations"
_VERSIONS = "stillwatch_case_version"


def migrate(database: Database) -> None:
    """Bring the tables to the newest version, in one write: all of it or nothing.

    Raises NoReadableInput if the file belongs to another program, or to a newer version of this one.
    """
    with database.reading() as connection:
        current, foreign = _current(connection), _is_foreign(connection)
    if current is None and foreign and database.is_sqlite:
        raise NoReadableInput("this is a database of something else", place=database.place, cure="name another file with --store")
    if current == _head():
        return
    _require_known(current, database.place)
    with database.writing() as connection:
        command.upgrade(_config(connection), "head")


def require_head(database: Database) -> None:
    """Raises NoReadableInput if there is no store of cases in the database, or one of another version."""
    with database.reading() as connection:
        current = _current(connection)
    if current is None:
        cure = "begin one with `stillwatch case add`, or name another with --store"
        raise NoReadableInput("there is no store of cases here", place=database.place, cure=cure)
    _require_known(current, database.place)
    if current != _head():
        cure = "run `stillwatch case add` on it, which brings it up to date and keeps what is in it"
        raise NoReadableInput(f"the store is of version {current}", place=database.place, cure=cure)


def _require_known(current: str | None, place: str) -> None:
    known = {script.revision for script in ScriptDirectory(str(_SCRIPTS)).walk_revisions()}
    if current is not None and current not in known:
        cure = "use the newer stillwatch that made it"
        raise NoReadableInput(f"the store is of version {current}, which is not known here", place=place, cure=cure)


def _head() -> str | None:
    return ScriptDirectory(str(_SCRIPTS)).get_current_head()


def _is_foreign(connection: Connection) -> bool:
    return bool(inspect(connection).get_table_names())


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection, opts={"version_table": _VERSIONS}).get_current_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = _VERSIONS
    return config
