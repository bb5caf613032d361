"""The commands ``stillwatch feed …``."""
