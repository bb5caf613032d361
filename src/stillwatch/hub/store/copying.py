"""Copying a whole hub from one database to another, of either kind, while the first is in use.

All rows are of one moment: they are read in one transaction that sees one state. The target must be empty. Memory stays bounded.
"""

from sqlalchemy import Connection, Table, func, insert, select, text

from stillwatch.database.database import Database
from stillwatch.errors import UsageError
from stillwatch.hub.store import registry
from stillwatch.hub.store.migration import MIGRATIONS
from stillwatch.hub.store.tables import metadata

_AT_ONCE = 500


def copy(source: Database, target: Database) -> int:
    """Copy everything; how many rows there were. Raises UsageError if there is a hub in the target already, StoreUnavailable."""
    MIGRATIONS.migrate(target)
    with source.reading() as reading, target.writing() as writing:
        if registry.is_founded(writing):
            raise UsageError("there is a hub in it already", place=target.place, cure="name an empty database")
        rows = sum(_copy_table(table, reading, writing) for table in metadata.sorted_tables)
        if not target.is_sqlite:
            _set_sequences(writing)
    return rows


def _copy_table(table: Table, reading: Connection, writing: Connection) -> int:
    copied = 0
    found = reading.execution_options(yield_per=_AT_ONCE).execute(select(table)).mappings()
    for part in found.partitions(_AT_ONCE):
        writing.execute(insert(table), [dict(row) for row in part])
        copied += len(part)
    return copied


def _set_sequences(writing: Connection) -> None:
    """PostgreSQL counts on from what it gave out itself, so it must be told of what came with its number."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None and column.name != "seq":
            last = writing.execute(select(func.max(column))).scalar()
            if last is not None:
                name = {"table": table.name, "column": column.name, "last": last}
                writing.execute(text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"), name)
