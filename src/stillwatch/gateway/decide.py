"""The decision: a pure function of facts, the account's counters, a snapshot and the time.

Steps:

1. Everything that the request meets in the snapshot is found; what has expired is left out.
2. A pardon, if there is one, allows.
3. Each rule is tried with this request counted in. Its grade is that for the account's plan, brought down to the bounds of the
   policy: received evidence alone, shared egress, disputed evidence (see ``policy``).
4. A grade that earlier conduct led to stays until its end.
5. The strictest grade applies, brought down for authorised accounts and registered evaluators.

Doubt: in a stale snapshot a rule that rests on evidence holds only if its grade fails *closed*; where counters are not complete a
rule that demands more than they show holds if its grade fails *closed*.

>>> from stillwatch.gateway.snapshot.snapshot_build import Sources, build
>>> snapshot = build(Sources(), 'schema = "stillwatch.policy/1"', number=1, created=0)
>>> decide(Facts(account_id="acct-1"), NEVER_SEEN, snapshot, 60.0).action
<Grade.ALLOW: 0>
"""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from stillwatch.gateway.counters.account_state import NEVER_SEEN, AccountState, after
from stillwatch.gateway.decision import ALLOWED, Decision
from stillwatch.gateway.evidence import BY_ADDRESS, Evidence
from stillwatch.gateway.facts import Facts
from stillwatch.gateway.grade import Grade
from stillwatch.gateway.policy import Policy, Rule
from stillwatch.gateway.records.pardon import Pardon
from stillwatch.gateway.snapshot.snapshot import Met, Snapshot

_CITED = 8
"""Evidence ids that a decision names at most."""


def decide(facts: Facts, state: AccountState | None, snapshot: Snapshot, now: float, pardon: Pardon | None = None) -> Decision:
    """What should be done with a request at ``now`` (seconds since 1970).

    ``state``: the account's counters before this request, None if they cannot be had; ``pardon``: one of this account.
    """
    return weigh(facts, state or NEVER_SEEN, snapshot, now, pardon=pardon, complete=state is not None)[0]


def weigh(
    facts: Facts,
    state: AccountState,
    snapshot: Snapshot,
    now: float,
    *,
    pardon: Pardon | None = None,
    replays: int = 0,
    complete: bool = True,
) -> tuple[Decision, AccountState]:
    """The decision, and the counters after this request.

    ``replays``: its reasoning blocks that another account sent before; ``complete``: whether ``state`` holds all that was counted.
    """
    met = snapshot.meets(facts)
    evidence = [item for item in met.evidence if not item.valid_until or item.valid_until > now] if met.evidence else []
    carries = bool(evidence) and any(item.kind == "scaffold" for item in evidence)
    counted = after(state, facts, carries, replays, now)
    if pardon is not None and pardon.holds(now):
        decision = Decision(Grade.ALLOW, pardon.reason_given, (pardon.id,), pardon.until, "pardon", carries)
        return _with_standing(decision, met, snapshot.policy, now), counted
    found = _held(_strictest(_Case(facts, counted, snapshot, now, met, evidence, complete)), counted, snapshot, now)
    if found is not None:
        decision = _decision(found, counted, snapshot, now, carries)
    else:
        decision = Decision(Grade.ALLOW, ALLOWED.reason, carries=True) if carries else ALLOWED
    return (_with_standing(decision, met, snapshot.policy, now) if met.standing else decision), counted


class _Case(NamedTuple):
    """All that rules are tried on; ``state`` counts this request in."""

    facts: Facts
    state: AccountState
    snapshot: Snapshot
    now: float
    met: Met
    evidence: Sequence[Evidence]
    complete: bool


class _Found(NamedTuple):
    """A grade, the number of the rule that leads to it, and the evidence that meets the rule."""

    grade: Grade
    rule: int
    evidence: Sequence[Evidence]


def _strictest(case: _Case) -> _Found | None:
    policy = case.snapshot.policy
    stale = case.now >= case.snapshot.stale_at
    best: _Found | None = None
    for number, rule in enumerate(policy.rules) if case.evidence else policy.by_conduct:
        meeting = _meeting(rule, case.evidence) if rule.evidence else ()
        if rule.evidence and not meeting:
            continue
        conduct = _conduct(rule, case.state)
        if not conduct and case.complete:
            continue
        grade = _bounded(rule.grade_for(case.facts.plan or case.met.plan), rule, meeting, case.met, policy)
        if best is not None and grade <= best.grade:
            continue
        closed = policy.measures_of(grade).on_failure == "closed"
        believed = not (stale and rule.evidence) or closed
        if believed and (conduct or closed):
            best = _Found(grade, number, meeting)
    return best


def _held(best: _Found | None, state: AccountState, snapshot: Snapshot, now: float) -> _Found | None:
    """The grade that earlier conduct led to, if stricter. It goes with its snapshot: under another it must be reached anew."""
    if not state.hold or state.hold_until <= now or state.hold_snapshot != snapshot.number:
        return best
    return best if best is not None and best.grade >= state.hold else _Found(Grade(state.hold), state.hold_rule, ())


def _meeting(rule: Rule, evidence: Sequence[Evidence]) -> list[Evidence]:
    return [
        item
        for item in evidence
        if item.kind in rule.evidence
        and item.confidence >= rule.min_confidence
        and (rule.origin == "any" or item.origin == rule.origin)
    ]


def _bounded(grade: Grade, rule: Rule, meeting: Sequence[Evidence], met: Met, policy: Policy) -> Grade:
    """The grade that the evidence can carry: that of its least bounded piece."""
    if not rule.evidence or grade <= Grade.WATCH:
        return grade
    return min(grade, max(_carried_by(item, met, policy) for item in meeting))


def _carried_by(item: Evidence, met: Met, policy: Policy) -> Grade:
    bound = Grade.BLOCK if item.origin == "own" else policy.received_at_most
    if item.disputed:
        bound = min(bound, policy.disputed_at_most)
    if met.shared_egress and item.kind in BY_ADDRESS:
        bound = min(bound, policy.shared_egress_at_most)
    return bound


def _conduct(rule: Rule, state: AccountState) -> bool:
    return all(_counter(name, state) >= least for name, least in rule.when)


def _counter(name: str, state: AccountState) -> float:
    if name == "requests":
        return state.requests
    if name == "requests_per_minute":
        return state.in_minute
    if name == "hours_active":
        return state.hours_active
    return state.share(name)


def _with_standing(decision: Decision, met: Met, policy: Policy, now: float) -> Decision:
    """The decision brought down for accounts with a contract and for evaluators."""
    for standing in met.standing:
        if standing.until and standing.until <= now:
            continue
        bound = policy.evaluators_at_most if standing.evaluator else policy.authorised_at_most
        what = "registered evaluator" if standing.evaluator else "authorised under"
        if decision.action > bound:
            decision = replace(
                decision, action=bound, reason=f"{decision.reason}; {what} {standing.name}: {bound.word}", holds=False
            )
        if standing.evaluator:
            decision = replace(decision, evaluator=True)
    return decision


def _decision(found: _Found, state: AccountState, snapshot: Snapshot, now: float, carries: bool) -> Decision:
    rule, grade = snapshot.policy.rules[found.rule], found.grade
    if rule.when and state.hold == found.grade and state.hold_rule == found.rule and state.hold_until > now:
        expires = state.hold_until
    elif rule.when:
        expires = int(now + snapshot.policy.measures_of(grade).hours * 3600)
    else:
        expires = min([int(snapshot.stale_at), *(item.valid_until for item in found.evidence if item.valid_until)])
    cited = tuple(item.id for item in found.evidence[:_CITED])
    return Decision(grade, _reason(rule, grade, found.evidence, state), cited, expires, rule.name, carries, bool(rule.when))


def _reason(rule: Rule, grade: Grade, cited: Sequence[Evidence], state: AccountState) -> str:
    """A sentence: the rule, the evidence that meets it, and the counters that it demands."""
    parts = []
    if cited:
        first = cited[0]
        whose = f"received{f' from {first.member}' if first.member else ''}" if first.origin == "received" else "own"
        more = f" and {len(cited) - 1} more" if len(cited) > 1 else ""
        parts.append(f"{first.kind} {first.id} ({whose}, confidence {first.confidence}){more}")
    parts += [f"{name} {_counter(name, state):g}, {least:g} or more" for name, least in rule.when]
    return f"rule “{rule.name}” leads to {grade.word}" + (f": {'; '.join(parts)}" if parts else "")
