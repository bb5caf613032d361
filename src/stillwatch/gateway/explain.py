"""Why: what a gateway knows of an account or did with a request, so that a person can judge it.

An account's explanation is the decision on a plain request of its now: its evidence, counters, standing and pardon. What depends
on a request (address, client, scaffold) shows in the recorded decisions that come with it.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from stillwatch.gateway.counters.account_state import SHARES, AccountState, current
from stillwatch.gateway.decide import decide
from stillwatch.gateway.decision import Decision
from stillwatch.gateway.evidence import Evidence
from stillwatch.gateway.facts import Facts
from stillwatch.gateway.records.pardon import Pardon
from stillwatch.gateway.snapshot.snapshot import Snapshot, Standing

_RECENT = 10


class Explanation(msgspec.Struct, frozen=True):
    """What is known of an account. ``decision``: on a plain request of its now; ``cited``: further evidence in the snapshot in
    force that its recorded decisions rest on; ``recent``: the latest of them."""

    account_id: str
    snapshot: int
    mode: str
    plan: str | None
    grade: str
    decision: Decision
    evidence: list[Evidence]
    cited: list[Evidence]
    standing: list[Standing]
    pardon: Pardon | None
    counters: dict[str, float]
    recent: list[dict[str, Any]]

    @property
    def shared(self) -> list[str]:
        """Ids of the evidence that others know too: received, or own and passed on."""
        return [item.id for item in (*self.evidence, *self.cited) if item.shared or item.origin == "received"]


def explain_account(
    account: str, snapshot: Snapshot, state: AccountState, pardon: Pardon | None, rows: Iterable[Mapping[str, Any]], now: float
) -> Explanation:
    """Explain an account at ``now`` (seconds since 1970); ``rows``: recorded decisions, in any order."""
    facts = Facts(account_id=account)
    met = snapshot.meets(facts)
    mine = sorted((dict(row) for row in rows if row.get("account_id") == account), key=lambda row: str(row.get("ts")))
    decision = decide(facts, state, snapshot, now, pardon)
    return Explanation(
        account,
        snapshot.number,
        snapshot.policy.mode,
        met.plan,
        decision.action.word,
        decision,
        list(met.evidence),
        _cited(mine, {item.id for item in met.evidence}, snapshot),
        list(met.standing),
        pardon if pardon is not None and pardon.holds(now) else None,
        _counters(current(state, now)),
        mine[-_RECENT:],
    )


def _cited(rows: Iterable[Mapping[str, Any]], known: Collection[str], snapshot: Snapshot) -> list[Evidence]:
    names = dict.fromkeys(name for row in rows for name in row.get("gateway_evidence") or () if name not in known)
    return [item for name in names if (item := snapshot.evidence_named(name)) is not None]


def recorded(request: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The recorded decision on a request, or None: requests that nothing spoke against are not recorded."""
    return next((dict(row) for row in rows if row.get("request_id") == request), None)


def _counters(state: AccountState) -> dict[str, float]:
    counts = {"requests": state.requests, "hours_active": state.hours_active, "requests_per_minute": state.in_minute}
    return {**counts, **{name: round(state.share(name), 4) for name in SHARES}}
