"""The commands ``stillwatch examine …``."""
