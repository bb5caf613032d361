"""Migrations of the store of cases, run by Alembic."""
