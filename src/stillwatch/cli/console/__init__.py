"""The commands ``stillwatch console …``."""
