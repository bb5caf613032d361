"""Bringing a database to this version's tables, with Alembic; the migrations ride in the package of what they are for."""

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect

from stillwatch.database.database import Database
from stillwatch.errors import NoReadableInput

_ALEMBIC = Path(__file__).parent / "alembic"


@dataclass(frozen=True)
class Migrations:
    """The migrations in ``folder`` to the tables of ``metadata``; a database says in ``table`` which it has had.

    ``what`` names the store in errors, ``begin`` is the command that begins one and brings an older one up to date.
    """

    folder: Path
    metadata: MetaData
    table: str
    what: str
    begin: str

    def migrate(self, database: Database) -> None:
        """Bring the tables to the newest version, in one write: all of it or nothing.

        Raises NoReadableInput if the file belongs to another program, or to a newer version of this one.
        """
        with database.reading() as connection:
            current, foreign = self._current(connection), bool(inspect(connection).get_table_names())
        if current is None and foreign and database.is_sqlite:
            cure = "name another file with --store"
            raise NoReadableInput("this is a database of something else", place=database.place, cure=cure)
        if current == self._scripts().get_current_head():
            return
        self._require_known(current, database.place)
        with database.writing() as connection:
            command.upgrade(self._config(connection), "head")

    def require_head(self, database: Database) -> None:
        """Raises NoReadableInput if there is no such store in the database, or one of another version."""
        with database.reading() as connection:
            current = self._current(connection)
        if current is None:
            cure = f"begin one with `{self.begin}`, or name another with --store"
            raise NoReadableInput(f"there is no {self.what} here", place=database.place, cure=cure)
        self._require_known(current, database.place)
        if current != self._scripts().get_current_head():
            cure = f"run `{self.begin}` on it, which brings it up to date and keeps what is in it"
            raise NoReadableInput(f"the {self.what} is of version {current}", place=database.place, cure=cure)

    def _require_known(self, current: str | None, place: str) -> None:
        known = {script.revision for script in self._scripts().walk_revisions()}
        if current is not None and current not in known:
            cure = "use the newer stillwatch that made it"
            raise NoReadableInput(f"the {self.what} is of version {current}, which is not known here", place=place, cure=cure)

    def _current(self, connection: Connection) -> str | None:
        return MigrationContext.configure(connection, opts={"version_table": self.table}).get_current_revision()

    def _scripts(self) -> ScriptDirectory:
        return ScriptDirectory.from_config(self._config())

    def _config(self, connection: Connection | None = None) -> Config:
        config = Config()
        for name, folder in (("script_location", _ALEMBIC), ("version_locations", self.folder)):
            config.set_main_option(name, str(folder).replace("%", "%%"))
        config.set_main_option("path_separator", "newline")
        config.attributes.update(connection=connection, metadata=self.metadata, table=self.table)
        return config
