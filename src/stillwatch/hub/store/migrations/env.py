"""Runs the migrations on the connection that ``migration.py`` hands over."""

from alembic import context

from stillwatch.hub.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
