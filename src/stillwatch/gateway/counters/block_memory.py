"""Which account sent in a sealed reasoning block first, so that a replay by another is noticed.

The definition is that of the scan (``traffic.measures.replayed_blocks``): every sending of a block that more than one account
sent counts, also those of the first account before the second came, which are credited to it then.

>>> memory = BlockMemory(1000)
>>> memory.send(block=5, account=1, now=1.0), memory.send(block=5, account=1, now=2.0)
(Replay(own=0, first=0, credit=0), Replay(own=0, first=0, credit=0))
>>> memory.send(block=5, account=2, now=3.0)
Replay(own=1, first=1, credit=2)
"""

from typing import NamedTuple

from stillwatch.gateway.counters.bounded_table import BoundedTable


class Replay(NamedTuple):
    """What one sending adds: ``own`` to the sender's count, and ``credit`` to that of the account ``first`` (0: nobody)."""

    own: int
    first: int
    credit: int


class BlockMemory:
    """First senders of blocks, in memory of fixed size; the least recently sent is forgotten first."""

    def __init__(self, capacity: int) -> None:
        self.table = BoundedTable("QIB3x", capacity)

    def send(self, block: int, account: int, now: float) -> Replay:
        """An account sends a block in. ``block`` and ``account`` are keys."""
        known = self.table.get(block)
        _, _, first, sends, shared = known or (0.0, 0, account, 0, 0)
        another = first != account
        self.table.put(block, now, now, 0, first, sends if shared or another else sends + 1, shared or another)
        if another and not shared:
            return Replay(1, first, sends)
        return Replay(int(bool(shared)), 0, 0)
