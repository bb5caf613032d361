"""SQLite or PostgreSQL by URL, for whatever keeps rows: the hub and the store of cases."""
