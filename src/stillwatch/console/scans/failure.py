"""A scan that cannot be shown."""

from stillwatch.errors import NoReadableInput


class NoScan(NoReadableInput):
    """The folder holds no result of a scan that can be read whole."""
