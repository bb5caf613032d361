"""Runs migrations on the connection that ``migrations.py`` hands over."""

from alembic import context

given = context.config.attributes
context.configure(
    connection=given["connection"], target_metadata=given["metadata"], version_table=given["table"], transactional_ddl=True
)
context.run_migrations()
