"""A pardon: a person's word that an account is to be served, whatever speaks against it, until some day.

>>> pardon = Pardon(id="pardon--1", account_id="acct-1", by="analyst-1", because="our mistake (synthetic)", at=0, until=100)
>>> pardon.holds(99), pardon.holds(100)
(True, False)
"""

import msgspec


class Pardon(msgspec.Struct, frozen=True):
    """One pardon; ``at`` and ``until`` in seconds since 1970; ``evidence``: ids of what spoke against the account when it was
    given."""

    id: str
    account_id: str
    by: str
    because: str
    at: int
    until: int
    evidence: tuple[str, ...] = ()

    def holds(self, now: float) -> bool:
        """Whether it is in force."""
        return now < self.until

    @property
    def reason_given(self) -> str:
        """A sentence for records."""
        return f"pardoned by {self.by}: {self.because}"
