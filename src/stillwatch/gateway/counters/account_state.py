"""The counters of one account, and what one more request makes of them.

Definitions are those of the batch scan (``traffic.measures.account_measures``), over windows of seven days that begin at fixed
times (multiples of seven days since 1970), and over fixed minutes. So after the last request of a window the counters are what a
scan of that window's rows counts.

>>> state = after(AccountState(), Facts(account_id="a", n=3), carries=True, replays=0, now=0.0)
>>> state.requests, state.hours_active, state.share("many_choices"), state.share("scaffold")
(1, 1, 1.0, 1.0)
"""

import msgspec

from stillwatch.gateway.facts import Facts

HOURS = 168
"""Hours of a window."""
_WINDOW = HOURS * 3600
_TOLERANCE = 120.0
"""Seconds by which a state may lie ahead of the clock (another process's clock) before it counts as written under a wrong one."""

SHARES = ("many_choices", "logprobs", "reasoning", "scaffold", "replayed")
"""The measures that are shares of requests, ``many_choices`` of those that say how many choices they want."""


class AccountState(msgspec.Struct, frozen=True):
    """Counters in the current window; ``last`` is the latest request in seconds since 1970, 0.0 for an account never seen.

    ``window``: number of the window; ``n_stated``: requests that say how many choices they want; ``scaffold``: requests that carry
    a listed scaffold; ``replayed``: reasoning blocks sent in that another account sent in too; ``minute``: minutes since 1970;
    ``in_minute`` and ``served``: requests in that minute and those of them that were passed on; ``hours``: a mask of the window's
    hours with a request. ``hold``: a grade that lasts to ``hold_until`` (seconds since 1970) for the rule numbered ``hold_rule``,
    decided under snapshot ``hold_snapshot``.
    """

    last: float = 0.0
    hold_until: int = 0
    window: int = 0
    requests: int = 0
    many_choices: int = 0
    n_stated: int = 0
    logprobs: int = 0
    reasoning: int = 0
    scaffold: int = 0
    replayed: int = 0
    minute: int = 0
    in_minute: int = 0
    served: int = 0
    hold_snapshot: int = 0
    hold_rule: int = 0
    hold: int = 0
    hours: int = 0

    @property
    def hours_active(self) -> int:
        """Distinct hours of the window with a request."""
        return self.hours.bit_count()

    def share(self, name: str) -> float:
        """A measure of SHARES in [0, 1], 0 where nothing was counted."""
        of = self.n_stated if name == "many_choices" else self.requests
        return min(1.0, getattr(self, name) / of) if of else 0.0


NEVER_SEEN = AccountState()


def current(state: AccountState, now: float) -> AccountState:
    """The state as it stands at ``now``: with counters of a window that is over, or of a time that is not yet, set back."""
    if not state.last or (state.window == int(now) // _WINDOW and state.last <= now + _TOLERANCE):
        return state
    ahead = state.last > now + _TOLERANCE
    return msgspec.structs.replace(
        NEVER_SEEN,
        last=0.0 if ahead else state.last,
        window=int(now) // _WINDOW,
        minute=0 if ahead else state.minute,
        in_minute=0 if ahead else state.in_minute,
        served=0 if ahead else state.served,
        hold=state.hold,
        hold_until=state.hold_until,
        hold_rule=state.hold_rule,
        hold_snapshot=state.hold_snapshot,
    )


def after(state: AccountState, facts: Facts, carries: bool, replays: int, now: float) -> AccountState:
    """The state after one more request at ``now``; ``replays`` counts its reasoning blocks that another account sent before."""
    state = current(state, now)
    seconds = int(now)
    minute = max(seconds // 60, state.minute)
    same = minute == state.minute
    return AccountState(
        max(now, state.last),
        state.hold_until,
        seconds // _WINDOW,
        state.requests + 1,
        state.many_choices + (facts.n is not None and facts.n > 1),
        state.n_stated + (facts.n is not None),
        state.logprobs + (facts.top_logprobs is not None),
        state.reasoning + bool(facts.reasoning_requested),
        state.scaffold + carries,
        state.replayed + replays,
        minute,
        state.in_minute + 1 if same else 1,
        state.served if same else 0,
        state.hold_snapshot,
        state.hold_rule,
        state.hold,
        state.hours | 1 << seconds // 3600 % HOURS,
    )
