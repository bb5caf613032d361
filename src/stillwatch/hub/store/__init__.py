"""The hub's database: tables, migrations, and the queries on them, on SQLite or PostgreSQL."""
