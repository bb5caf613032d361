"""What a page looks for and does not find: an address without a thing, a source that the console was not given.

>>> print(not_set_up("a hub", "--hub URL"))
--hub URL: the console was started without a hub
  to mend it: start it with --hub URL
"""

from stillwatch.errors import StillwatchError


class NotHere(StillwatchError):
    """There is nothing under this address."""

    exit_status = 2


class NotSetUp(StillwatchError):
    """The console was started without something that a page looks at."""

    exit_status = 2


def not_set_up(what: str, option: str) -> NotSetUp:
    """The error for a page whose source was not named."""
    return NotSetUp(f"the console was started without {what}", place=option, cure=f"start it with {option}")
