"""The decision: a pure function of facts, the account's counters, a snapshot and the time.

Steps:

1. Everything that the request meets in the snapshot is found; what has expired is left out.
2. A pardon, if there is one, allows.
3. Each rule is tried with this request counted in. Its grade is that for the account's plan, brought down to the bounds of the
   policy: received evidence alone, shared egress, disputed evidence (see ``policy``).
4. A grade that earlier conduct led to stays until its end.
5. The strictest grade applies, brought down for authorised accounts and registered evaluators.

Doubt: in a stale snapshot a rule that rests on evidence, and without counters (``state`` is None) a rule that demands some,
holds only if its grade fails *closed*.

>>> from stillwatch.gateway.snapshot_build import Sources, build
>>> snapshot = build(Sources(), 'schema = "stillwatch.policy/1"', number=1, created=0)
>>> decide(Facts(account_id="acct-1"), NEVER_SEEN, snapshot, 60.0).action
<Grade.ALLOW: 0>
"""

from collections.abc import Sequence

from stillwatch.gateway.account_state import NEVER_SEEN, AccountState, after
from stillwatch.gateway.decision import ALLOWED, Decision
from stillwatch.gateway.evidence import BY_ADDRESS, Evidence
from stillwatch.gateway.facts import Facts
from stillwatch.gateway.grade import Grade
from stillwatch.gateway.pardon import Pardon
from stillwatch.gateway.policy import Policy, Rule
from stillwatch.gateway.snapshot import Met, Snapshot

_CITED = 8
"""Evidence ids that a decision names at most."""


def decide(facts: Facts, state: AccountState | None, snapshot: Snapshot, now: float, pardon: Pardon | None = None) -> Decision:
    """What should be done with a request at ``now`` (seconds since 1970).

    ``state``: the account's counters before this request, None if they cannot be had; ``pardon``: one of this account.
    """
    return weigh(facts, state, snapshot, now, pardon)[0]


def weigh(
    facts: Facts,
    state: AccountState | None,
    snapshot: Snapshot,
    now: float,
    pardon: Pardon | None = None,
    replays: int = 0,
) -> tuple[Decision, AccountState]:
    """The decision, and the counters after this request; ``replays``: its reasoning blocks that another account sent before."""
    met = snapshot.meets(facts)
    evidence = [item for item in met.evidence if not item.valid_until or item.valid_until > now] if met.evidence else []
    carries = any(item.kind == "scaffold" for item in evidence)
    counted = after(state or NEVER_SEEN, facts, carries, replays, now)
    known = counted if state is not None else None
    if pardon is not None and pardon.holds(now):
        return Decision(Grade.ALLOW, pardon.reason_given, (pardon.id,), pardon.until, "pardon", carries), counted
    found = _strictest(facts, known, snapshot, now, met, evidence)
    if found is None:
        return (Decision(Grade.ALLOW, ALLOWED.reason, carries=True) if carries else ALLOWED), counted
    grade, rule, cited = found
    grade = _for_standing(grade, met, snapshot.policy, now)
    return _decision(grade, rule, cited, known, snapshot, now, carries), counted


_Found = tuple[Grade, int, Sequence[Evidence]]
"""A grade, the number of the rule that leads to it, and the evidence that meets the rule."""


def _strictest(
    facts: Facts, state: AccountState | None, snapshot: Snapshot, now: float, met: Met, evidence: Sequence[Evidence]
) -> _Found | None:
    policy, stale = snapshot.policy, now >= snapshot.stale_at
    best: _Found | None = None
    for number, rule in enumerate(policy.rules):
        meeting = _meeting(rule, evidence) if rule.evidence else ()
        if rule.evidence and not meeting:
            continue
        grade = _bounded(rule.grade_for(facts.plan or met.plan), rule, meeting, met, policy)
        if best is not None and grade <= best[0]:
            continue
        doubtful = (stale and rule.evidence) or (state is None and rule.when)
        if doubtful and policy.measures_of(grade).on_failure != "closed":
            continue
        if state is not None and rule.when and not _conduct(rule, state):
            continue
        best = grade, number, meeting
    return _held(best, state, snapshot, now)


def _held(best: _Found | None, state: AccountState | None, snapshot: Snapshot, now: float) -> _Found | None:
    """The grade that earlier conduct led to, if stricter. It goes with its snapshot: under another it must be reached anew."""
    if state is None or not state.hold or state.hold_until <= now or state.hold_snapshot != snapshot.number:
        return best
    return best if best is not None and best[0] >= state.hold else (Grade(state.hold), state.hold_rule, ())


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


def _for_standing(grade: Grade, met: Met, policy: Policy, now: float) -> Grade:
    """The grade for accounts with a contract and for evaluators."""
    for standing in met.standing:
        if not standing.until or standing.until > now:
            grade = min(grade, policy.evaluators_at_most if standing.evaluator else policy.authorised_at_most)
    return grade


def _decision(
    grade: Grade,
    number: int,
    cited: Sequence[Evidence],
    state: AccountState | None,
    snapshot: Snapshot,
    now: float,
    carries: bool,
) -> Decision:
    rule = snapshot.policy.rules[number]
    holds = state is not None and bool(rule.when)
    if holds and state is not None and state.hold == grade and state.hold_rule == number and state.hold_until > now:
        expires = state.hold_until
    elif holds:
        expires = int(now + snapshot.policy.measures_of(grade).hours * 3600)
    else:
        expires = min([int(snapshot.stale_at), *(item.valid_until for item in cited if item.valid_until)])
    return Decision(
        grade, _reason(rule, grade, cited, state), tuple(item.id for item in cited[:_CITED]), expires, rule.name, carries, holds
    )


def _reason(rule: Rule, grade: Grade, cited: Sequence[Evidence], state: AccountState | None) -> str:
    """A sentence: the rule, the evidence that meets it, and the counters that it demands."""
    parts = []
    if cited:
        first = cited[0]
        whose = f"received{f' from {first.member}' if first.member else ''}" if first.origin == "received" else "own"
        more = f" and {len(cited) - 1} more" if len(cited) > 1 else ""
        parts.append(f"{first.kind} {first.id} ({whose}, confidence {first.confidence}){more}")
    if state is not None:
        parts += [f"{name} {_counter(name, state):g}, {least:g} or more" for name, least in rule.when]
    return f"rule “{rule.name}” leads to {grade.word}" + (f": {'; '.join(parts)}" if parts else "")
