"""The hook for canaries: per-account marks in served text. ``stillwatch.forensics`` has makers of marks; any other will do."""

from collections.abc import Callable
from typing import Protocol


class Marker(Protocol):
    """Whatever marks text."""

    def mark(self, text: str, account: str) -> str:
        """The text as this account gets it: the same in meaning, with a mark that is found again in what is trained on it.

        The same text and account give the same result.
        """
        ...


Mark = Callable[[str], str]
"""A marker for one account."""
