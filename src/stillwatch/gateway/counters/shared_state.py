"""Counters and pardons shared by several gateway processes through Redis or Valkey.

Rules: the request path never waits for it. Every process decides on what it knows and tells the others, at short intervals, what
it has counted; what they counted comes back with the answer. So a limit is overrun at most by what the others served in one
interval. Scripts run on the server, one key each, so that nothing is counted twice or lost between processes; a cluster will do.

What is stored: keys (64-bit hashes) of accounts and blocks, numbers, and pardons as they were written. All but pardons lapses by
itself.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import redis

from stillwatch.errors import StillwatchError
from stillwatch.gateway.counters.account_state import HOURS, NEVER_SEEN, AccountState
from stillwatch.gateway.counters.memory import COUNTED, Change, Memory, Sent
from stillwatch.gateway.records.pardon import Pardon

_TIMEOUT_SECONDS = 1.0
_BATCH = 1000
_DAYS = HOURS // 24
_DAY = (1 << 24) - 1
_WINDOW_MS = (_DAYS + 1) * 86_400_000
_ACCOUNT = """
local key, window = KEYS[1], tonumber(ARGV[1])
local known = tonumber(redis.call('HGET', key, 'window') or -1)
if window < known then return {} end
if window > known then
  local minute = redis.call('HMGET', key, 'minute', 'in_minute', 'served')
  redis.call('DEL', key)
  redis.call('HSET', key, 'window', window, 'minute', minute[1] or 0, 'in_minute', minute[2] or 0, 'served', minute[3] or 0)
end
for i = 1, 7 do redis.call('HINCRBY', key, 'c' .. i, ARGV[1 + i]) end
for i = 1, 7 do
  local hours = tonumber(redis.call('HGET', key, 'd' .. i) or 0)
  redis.call('HSET', key, 'd' .. i, bit.bor(hours, tonumber(ARGV[8 + i])))
end
local minute, last = tonumber(ARGV[16]), tonumber(redis.call('HGET', key, 'minute') or 0)
if minute > last then redis.call('HSET', key, 'minute', minute, 'in_minute', ARGV[17], 'served', ARGV[18])
elseif minute == last then
  redis.call('HINCRBY', key, 'in_minute', ARGV[17])
  redis.call('HINCRBY', key, 'served', ARGV[18])
end
redis.call('PEXPIRE', key, ARGV[19])
return redis.call('HMGET', key, 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7',
  'd1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7', 'minute', 'in_minute', 'served')
"""
"""KEYS: account. ARGV: window, 7 added counts (COUNTED), 7 masks of hours, minute, added in_minute and served, life in ms."""
_BLOCK = """
local known = redis.call('HMGET', KEYS[1], 'first', 'sends', 'shared')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
if not known[1] then
  redis.call('HSET', KEYS[1], 'first', ARGV[1], 'sends', ARGV[2], 'shared', 0)
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return {0, '0', 0}
end
if known[1] == ARGV[1] then
  if known[3] == '1' then return {tonumber(ARGV[2]), '0', 0} end
  redis.call('HINCRBY', KEYS[1], 'sends', ARGV[2])
  return {0, '0', 0}
end
if known[3] == '1' then return {tonumber(ARGV[2]), '0', 0} end
redis.call('HSET', KEYS[1], 'shared', 1)
return {tonumber(ARGV[2]), known[1], tonumber(known[2])}
"""
"""KEYS: block. ARGV: account, times sent, life in ms. Returns what BlockMemory.send does: own, first, credit."""


class SharedStateUnreachable(StillwatchError):
    """The server does not answer, or not as it should; counting goes on in this process alone."""


class SharedState:
    """What processes share under names that begin with ``prefix``; ``url`` as redis-py takes it."""

    def __init__(self, url: str, prefix: str = "stillwatch") -> None:
        timeouts: dict[str, Any] = {"socket_timeout": _TIMEOUT_SECONDS, "socket_connect_timeout": _TIMEOUT_SECONDS}
        self._server = redis.Redis.from_url(url, decode_responses=True, **timeouts)
        self._prefix = prefix
        self._account = self._server.register_script(_ACCOUNT)
        self._block = self._server.register_script(_BLOCK)
        self._pardons_seen = ""

    def sync(self, memory: Memory) -> None:
        """Tell what was counted here and take in what all counted. Raises SharedStateUnreachable; then it is told next time."""
        changes, sent = memory.unheard()
        try:
            self._server.ping()
            replays = self._replays(sent)
            sent = []
            known = {change.key for change in changes}
            window = max((change.now.window for change in changes), default=0)
            with memory.lock:
                others = [_credited(key, memory.state(key), window) for key in replays.keys() - known]
            while changes or others:
                batch = [*changes[:_BATCH], *others[:_BATCH]]
                for change, total in zip(batch, self._totals(batch, replays), strict=True):
                    memory.adopt(change, total)
                changes, others = changes[_BATCH:], others[_BATCH:]
        except redis.RedisError as error:
            memory.give_back(changes, sent)
            cure = "see that it runs and is reachable"
            raise SharedStateUnreachable(f"shared counters cannot be reached ({error})", cure=cure) from error

    def add_pardon(self, pardon: Pardon) -> None:
        """Tell all gateways of a pardon. Raises SharedStateUnreachable."""
        try:
            with self._server.pipeline() as pipe:
                pipe.hset(f"{self._prefix}:pardons", pardon.account_id, msgspec.json.encode(pardon).decode())
                pipe.incr(f"{self._prefix}:pardons:version")
                pipe.execute()
        except redis.RedisError as error:
            raise SharedStateUnreachable(f"the pardon could not be told ({error})", cure="give it again when it runs") from error

    def new_pardons(self) -> dict[str, Pardon] | None:
        """By account all pardons, or None if there are no others than last time. Raises SharedStateUnreachable."""
        try:
            version = str(self._server.get(f"{self._prefix}:pardons:version") or "")
            if version == self._pardons_seen:
                return None
            found: Any = self._server.hgetall(f"{self._prefix}:pardons")
        except redis.RedisError as error:
            raise SharedStateUnreachable(f"pardons cannot be read ({error})", cure="see that it runs and is reachable") from error
        self._pardons_seen = version
        return {account: msgspec.json.decode(text, type=Pardon) for account, text in found.items()}

    def close(self) -> None:
        """Close the connections."""
        self._server.close()

    def _replays(self, sent: Sequence[Sent]) -> Counter[int]:
        """Per account the replays that the given sendings add."""
        times = Counter((entry.block, entry.account) for entry in sent)
        found: Counter[int] = Counter()
        with self._server.pipeline(transaction=False) as pipe:
            for (block, account), count in times.items():
                self._block(keys=[f"{self._prefix}:block:{block:016x}"], args=[f"{account:016x}", count, _WINDOW_MS], client=pipe)
            for (_, account), (own, first, credit) in zip(times, pipe.execute(), strict=True):
                found[account] += own
                found[int(first, 16)] += credit
        return +found

    def _totals(self, changes: Sequence[Change], replays: Counter[int]) -> list[AccountState]:
        with self._server.pipeline(transaction=False) as pipe:
            for change in changes:
                self._account(
                    keys=[f"{self._prefix}:account:{change.key:016x}"], args=_told(change, replays.pop(change.key, 0)), client=pipe
                )
            return [_total(change.now, answer) for change, answer in zip(changes, pipe.execute(), strict=True)]


def _credited(key: int, state: AccountState, window: int) -> Change:
    """No change, for an account to which only replays are credited; it may not be remembered here."""
    state = state if state.last else AccountState(window=window)
    return Change(key, state, state)


def _told(change: Change, replays: int) -> list[int]:
    """What a process counted, as arguments of the script."""
    now = change.now
    before = change.before if change.before.window == now.window else NEVER_SEEN
    added = [getattr(now, name) - getattr(before, name) for name in COUNTED]
    added[COUNTED.index("replayed")] += replays
    same = change.before.minute == now.minute
    in_minute = now.in_minute - change.before.in_minute if same else now.in_minute
    served = now.served - change.before.served if same else now.served
    days = [now.hours >> 24 * day & _DAY for day in range(_DAYS)]
    return [now.window, *added, *days, now.minute, in_minute, served, _WINDOW_MS]


def _total(state: AccountState, answer: Sequence[str]) -> AccountState:
    """The state with what all processes counted; as it is where another process's clock is a window ahead."""
    if not answer:
        return state
    numbers = [int(text or 0) for text in answer]
    counts = dict(zip(COUNTED, numbers[:7], strict=True))
    if numbers[14] == state.minute:
        counts |= {"in_minute": numbers[15], "served": numbers[16]}
    hours = sum(mask << 24 * day for day, mask in enumerate(numbers[7:14]))
    return msgspec.structs.replace(state, **counts, hours=hours)
