"""The grades of what a gateway does, from the mildest to the strictest.

``allow``; ``watch`` (served and recorded); ``throttle`` (fewer requests a minute); ``hide`` (no reasoning, no log-probabilities,
one choice); ``verify`` (step-up before more is served); ``review`` (a person decides before more is served); ``block``.

>>> max(Grade.WATCH, Grade.HIDE).word
'hide'
"""

from enum import IntEnum


class Grade(IntEnum):
    """A grade; the order is that of strictness."""

    ALLOW = 0
    WATCH = 1
    THROTTLE = 2
    HIDE = 3
    VERIFY = 4
    REVIEW = 5
    BLOCK = 6

    @property
    def word(self) -> str:
        """The grade as it is written in policies and records."""
        return self.name.lower()

    @property
    def refuses(self) -> bool:
        """Whether requests of this grade are not served."""
        return self >= Grade.VERIFY


GRADES = {grade.word: grade for grade in Grade}
"""Every grade by its word."""
