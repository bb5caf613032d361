"""A policy over past traffic: whom it would have hit, when, and after how many requests, before anybody is hit.

The decisions are those of the gate itself, with the time of each request in place of the clock and the policy enforced. Only what
is not known of past requests differs: a client that is refused might have stopped, or come back.

>>> from stillwatch.gateway.snapshot.snapshot_build import Sources, build
>>> policy = 'schema = "stillwatch.policy/1"\\n[[rule]]\\nname = "often"\\nwhen = {requests = 2}\\ngrade = "watch"'
>>> past = [(60.0, Facts(account_id="acct-1", request_id=f"r{i}")) for i in range(3)]
>>> [(hit.account_id, hit.grade, hit.after) for hit in replay(past, build(Sources(), policy, number=1, created=0), {}).hits]
[('acct-1', 'watch', 2)]
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace

from stillwatch.gateway.counters.memory import Memory
from stillwatch.gateway.decide import weigh
from stillwatch.gateway.facts import Facts
from stillwatch.gateway.gate import carried_out
from stillwatch.gateway.grade import Grade
from stillwatch.gateway.records.decision_log import iso
from stillwatch.gateway.records.pardon import Pardon
from stillwatch.gateway.ruling import Ruling
from stillwatch.gateway.snapshot.hash_table import key_of
from stillwatch.gateway.snapshot.snapshot import Snapshot

_ACCOUNTS, _BLOCKS = 1_200_000, 100_000


class Hit(msgspec.Struct, frozen=True):
    """An account that a grade would have met: from which request on (``after``: how many it had sent with it), how many requests,
    how many of them refused (a 403 or a 429), and the rule, reason and evidence at the first."""

    account_id: str
    grade: str
    first: str
    first_request: str
    after: int
    requests: int
    refused: int
    rule: str
    reason: str
    evidence: tuple[str, ...]


class Replayed(msgspec.Struct, frozen=True):
    """What a replay found. ``untouched``: accounts that were only allowed or watched; ``hits``: by account, then grade; without
    ``allow``."""

    snapshot: int
    requests: int
    accounts: int
    untouched: int
    by_grade: dict[str, int]
    refused: int
    hits: list[Hit]


def replay(
    past: Iterable[tuple[float, Facts]],
    snapshot: Snapshot,
    pardons: Mapping[str, Pardon],
    mode: Literal["observe", "enforce"] = "enforce",
) -> Replayed:
    """Run a snapshot's policy over past requests (seconds since 1970, facts), which come in the order of time."""
    tried = dataclasses.replace(snapshot, policy=dataclasses.replace(snapshot.policy, mode=mode))
    memory = Memory(_ACCOUNTS, _BLOCKS)
    hits: dict[tuple[str, Grade], Hit] = {}
    sent: dict[str, int] = {}
    grades = dict.fromkeys(Grade, 0)
    refused = 0
    for at, facts in past:
        ruling = _ruled(facts, at, tried, memory, pardons)
        sent[facts.account_id] = sent.get(facts.account_id, 0) + 1
        grades[ruling.decision.action] += 1
        refused += ruling.refused
        if ruling.decision.action > Grade.ALLOW:
            place = facts.account_id, ruling.decision.action
            hits[place] = _hit(hits.get(place), ruling, sent[facts.account_id])
    touched = {account for account, grade in hits if grade > Grade.WATCH}
    return Replayed(
        snapshot.number,
        sum(sent.values()),
        len(sent),
        len(sent) - len(touched),
        {grade.word: count for grade, count in grades.items() if count},
        refused,
        [hits[place] for place in sorted(hits)],
    )


def _ruled(facts: Facts, at: float, snapshot: Snapshot, memory: Memory, pardons: Mapping[str, Pardon]) -> Ruling:
    account = key_of("account", facts.account_id)
    before = memory.state(account)
    replays = memory.send(facts.reasoning_blocks, account, at) if facts.reasoning_blocks else 0
    decision, state = weigh(facts, before, snapshot, at, pardon=pardons.get(facts.account_id), replays=replays)
    ruling, state = carried_out(facts, decision, state, snapshot, at)
    memory.remember(account, before, state)
    return ruling


def _hit(hit: Hit | None, ruling: Ruling, after: int) -> Hit:
    decision = ruling.decision
    if hit is not None:
        return replace(hit, requests=hit.requests + 1, refused=hit.refused + ruling.refused)
    return Hit(
        ruling.facts.account_id, decision.action.word, iso(ruling.at), ruling.facts.request_id, after, 1, int(ruling.refused),
        decision.rule, decision.reason, decision.evidence,
    )  # fmt: skip
