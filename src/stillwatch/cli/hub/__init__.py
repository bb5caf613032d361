"""The commands ``stillwatch hub …``."""
