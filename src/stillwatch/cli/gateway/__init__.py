"""The commands ``stillwatch gateway …``."""
