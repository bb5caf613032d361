"""The counters of all accounts in memory of fixed size.

>>> table = AccountTable(1000)
>>> table.put(7, AccountState(last=60.0, requests=3))
>>> table.get(7).requests, table.get(8).requests
(3, 0)
"""

from stillwatch.gateway.counters.account_state import HOURS, NEVER_SEEN, AccountState
from stillwatch.gateway.counters.bounded_table import BoundedTable

_HOUR_BYTES = HOURS // 8
_LAYOUT = f"9I4HB{_HOUR_BYTES}s2x"
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
        last, until, *counts, minute, snapshot, window, in_minute, served, rule, hold, hours = row
        mask = int.from_bytes(hours, "little")
        fields = (last, until, window, *counts, minute, in_minute, served, snapshot, rule, hold, mask)
        return AccountState(*fields)

    def put(self, key: int, state: AccountState) -> None:
        """Remember the state of an account; more than 65,535 requests in one minute are as many as that."""
        s = state
        self.table.put(
            key, s.last, s.last, s.hold_until,
            s.requests, s.many_choices, s.n_stated, s.logprobs, s.reasoning, s.scaffold, s.replayed,
            s.minute, s.hold_snapshot, s.window, min(s.in_minute, _MOST), min(s.served, _MOST), s.hold_rule, s.hold,
            s.hours.to_bytes(_HOUR_BYTES, "little"),
        )  # fmt: skip
