"""The counters of all accounts in memory of fixed size. A row has the fields of AccountState in their order.

>>> table = AccountTable(1000)
>>> table.put(7, AccountState(last=60.0, requests=3))
>>> table.get(7).requests, table.get(8).requests
(3, 0)
"""

from msgspec.structs import astuple, replace

from stillwatch.gateway.counters.account_state import HOURS, NEVER_SEEN, AccountState
from stillwatch.gateway.counters.bounded_table import BoundedTable

_HOUR_BYTES = HOURS // 8
_LAYOUT = f"H8I2HIHB{_HOUR_BYTES}s2x"
_MOST = 0xFFFF


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
        *counts, hours = row
        fields = (*counts, int.from_bytes(hours, "little"))
        return AccountState(*fields)

    def put(self, key: int, state: AccountState) -> None:
        """Remember the state of an account; more than 65,535 requests in one minute are as many as that."""
        if state.in_minute > _MOST or state.served > _MOST:
            state = replace(state, in_minute=min(state.in_minute, _MOST), served=min(state.served, _MOST))
        *fields, hours = astuple(state)
        self.table.put(key, state.last, *fields, hours.to_bytes(_HOUR_BYTES, "little"))
