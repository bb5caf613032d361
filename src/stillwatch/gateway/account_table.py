"""The counters of all accounts in memory of fixed size.

>>> table = AccountTable(1000)
>>> table.put(7, AccountState(last=60.0, requests=3))
>>> table.get(7).requests, table.get(8).requests
(3, 0)
"""

from msgspec.structs import astuple

from stillwatch.gateway.account_state import DAYS, NEVER_SEEN, AccountState
from stillwatch.gateway.bounded_table import BoundedTable

_LAYOUT = f"13IHBx{DAYS}I"
"""The fields of AccountState after ``last`` and ``hold_until``, in their order."""


class AccountTable:
    """Account states by key."""

    def __init__(self, capacity: int) -> None:
        self.table = BoundedTable(_LAYOUT, capacity)

    def __len__(self) -> int:
        return len(self.table)

    def get(self, key: int) -> AccountState:
        """The state of an account; one that is not remembered has never been seen."""
        row = self.table.get(key)
        if row is None:
            return NEVER_SEEN
        fields = [*row[:-DAYS], row[-DAYS:]]
        return AccountState(*fields)

    def put(self, key: int, state: AccountState) -> None:
        """Remember the state of an account."""
        *counts, days = astuple(state)
        self.table.put(key, state.last, *counts, *days)
