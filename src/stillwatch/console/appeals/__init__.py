"""Appeals of wrongly flagged customers: taken in by anybody, decided by those who may, cleared everywhere at once."""
