"""The family of errors that Stillwatch raises on purpose.

Each error says what is wrong, where, and what to do about it; the command line prints exactly that and ends with the
error's exit status. Anything else that escapes is a bug and ends with status 1.

>>> print(NoReadableInput("no request could be read", place="logs/", cure="name a folder that holds request logs"))
logs/: no request could be read
  to mend it: name a folder that holds request logs
"""


class StillwatchError(Exception):
    """What is wrong, the place (a file, ``file:line``, an option) and the cure.

    ``exit_status`` is the status with which the command line ends (contracts, section 3).
    """

    exit_status = 1

    def __init__(self, what: str, *, place: str = "", cure: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.place = place
        self.cure = cure

    def __str__(self) -> str:
        text = f"{self.place}: {self.what}" if self.place else self.what
        return f"{text}\n  to mend it: {self.cure}" if self.cure else text


class UsageError(StillwatchError):
    """The command was called with something that it does not take."""

    exit_status = 2


class RefusedByPolicy(StillwatchError):
    """A policy forbids what was asked."""

    exit_status = 3


class NoReadableInput(StillwatchError):
    """Nothing in the input could be read."""

    exit_status = 4


class OutputNotWritten(StillwatchError):
    """The result could not be written whole (a full disk, a folder that may not be written); nothing was left half-written."""


class EngineFailed(StillwatchError):
    """The engine could not go on (a lost worker, a full disk, input that cannot be read or changed meanwhile).

    No result was written, and running the command again starts clean.
    """


class StoreUnavailable(StillwatchError):
    """A database cannot be read or written now: locked, full, or gone. Nothing was changed; try again."""
