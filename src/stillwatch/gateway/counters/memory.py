"""What one gateway process remembers of accounts and reasoning blocks, and what of it other processes have not heard yet.

Whoever reads or writes states, with other threads about, holds ``lock`` meanwhile; the other methods take it themselves. The
size is fixed; see ``bounded_table`` for what is forgotten first.
"""

import threading
from collections.abc import Mapping, Sequence

import msgspec

from stillwatch.gateway.counters.account_state import AccountState
from stillwatch.gateway.counters.account_table import AccountTable
from stillwatch.gateway.counters.block_memory import BlockMemory
from stillwatch.gateway.counters.bounded_table import BoundedTable
from stillwatch.gateway.snapshot.hash_table import key_of

_MOST_UNHEARD = 200_000
"""Accounts and blocks that wait for the shared state at most, while it cannot be reached."""


class Change(msgspec.Struct, frozen=True):
    """What an account's state was when other processes last heard of it, and what it is now."""

    key: int
    before: AccountState
    now: AccountState


class Sent(msgspec.Struct, frozen=True):
    """A reasoning block that an account sent in."""

    block: int
    account: int


class Memory:
    """Account states and first senders; with ``shared``, changes are kept for the shared state, which then judges replays too."""

    def __init__(self, accounts: int, blocks: int, *, shared: bool = False) -> None:
        self._accounts, self._blocks = AccountTable(accounts), BlockMemory(blocks)
        self._shared = shared
        self._before: dict[int, AccountState] = {}
        self._sent: list[Sent] = []
        self.lock = threading.RLock()

    @property
    def tables(self) -> Mapping[str, BoundedTable]:
        """What a store saves and restores."""
        return {"accounts": self._accounts.table, "blocks": self._blocks.table}

    def state(self, account: int) -> AccountState:
        """The state of an account. The caller holds ``lock``."""
        return self._accounts.get(account)

    def remember(self, account: int, before: AccountState, state: AccountState) -> None:
        """Put ``state`` in the place of ``before``. The caller holds ``lock``."""
        if self._shared and account not in self._before and len(self._before) < _MOST_UNHEARD:
            self._before[account] = before
        self._accounts.put(account, state)

    def send(self, blocks: Sequence[str], account: int, now: float) -> int:
        """An account sends reasoning blocks in; how many of them another account sent before, as far as is known here."""
        keys = [key_of("block", block) for block in blocks]
        with self.lock:
            if self._shared:
                room = max(0, _MOST_UNHEARD - len(self._sent))
                self._sent += [Sent(key, account) for key in keys[:room]]
                return 0
            found = [self._blocks.send(key, account, now) for key in keys]
            for replay in found:
                if replay.first:
                    self._credit(replay.first, replay.credit)
        return sum(replay.own for replay in found)

    def _credit(self, account: int, replays: int) -> None:
        state = self._accounts.get(account)
        if state.last:
            self._accounts.put(account, msgspec.structs.replace(state, replayed=state.replayed + replays))

    def unheard(self) -> tuple[list[Change], list[Sent]]:
        """Take what other processes have not heard yet."""
        with self.lock:
            before, self._before = self._before, {}
            sent, self._sent = self._sent, []
            return [Change(key, state, self._accounts.get(key)) for key, state in before.items()], sent

    def adopt(self, change: Change, total: AccountState) -> None:
        """Put what all processes counted in the place of what was known here, with what came in the meantime on top."""
        with self.lock:
            state = self._accounts.get(change.key)
            if state is change.now or state == change.now:
                self._accounts.put(change.key, total)
            elif state.window == total.window:
                merged = _on_top(total, change.now, state)
                self._accounts.put(change.key, merged)
                if change.key in self._before:
                    self._before[change.key] = total

    def give_back(self, changes: Sequence[Change], sent: Sequence[Sent]) -> None:
        """Keep for later what could not be told."""
        with self.lock:
            self._before = {**self._before, **{change.key: change.before for change in changes}}
            self._sent = [*sent, *self._sent][:_MOST_UNHEARD]


COUNTED = ("requests", "many_choices", "n_stated", "logprobs", "reasoning", "scaffold", "replayed")
"""The counters of a window that add up over processes."""


def _on_top(total: AccountState, before: AccountState, now: AccountState) -> AccountState:
    """``total`` with what was counted here between ``before`` and ``now``."""
    added = {name: getattr(total, name) + getattr(now, name) - getattr(before, name) for name in COUNTED}
    if now.minute == total.minute == before.minute:
        added["in_minute"] = total.in_minute + now.in_minute - before.in_minute
        added["served"] = total.served + now.served - before.served
        added["minute"] = now.minute
    return msgspec.structs.replace(now, **added, hours=now.hours | total.hours)
