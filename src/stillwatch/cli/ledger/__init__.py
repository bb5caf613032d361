"""The commands ``stillwatch ledger …``."""
