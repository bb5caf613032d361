"""The commands ``stillwatch case …``."""
