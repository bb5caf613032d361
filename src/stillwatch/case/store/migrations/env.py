"""Runs the migrations on the connection that ``migration.py`` hands over."""

from alembic import context

from stillwatch.case.store.tables import metadata

connection = context.config.attributes["connection"]
table = context.config.attributes["version_table"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True, version_table=table)
context.run_migrations()
