"""How an exchange fails: nobody answers, one is not let in, the answer is none, or what was sent is refused."""

from stillwatch.errors import NoReadableInput, RefusedByPolicy, UsageError


class PeerSilent(NoReadableInput):
    """Nobody answers there, or only that it cannot now, however often one asks."""


class PeerOdd(NoReadableInput):
    """The answer is nothing that TAXII 2.1 knows."""


class NotUnderstood(PeerOdd):
    """The server cannot read what it is asked, such as a place in its feed that it did not give (400)."""


class NotLetIn(RefusedByPolicy):
    """The server does not know the key, or does not let its member do this."""


class NotThere(UsageError):
    """The server has nothing under this address, or not for this member."""


class NotTaken(RefusedByPolicy):
    """The server refused what was sent."""
