"""The gate: judges each request by the snapshot in force and what it remembers, and never raises in the request path.

Rules: a ruling takes tens of microseconds and waits for nothing (no disk, no network). What goes wrong is an alarm, and the
request is treated as the settings say for a gateway without a snapshot. ``keeper`` does the slow things beside it; ``opening``
puts it together.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from stillwatch.gateway.adapters.body import Read, facts_of_body
from stillwatch.gateway.alarm import Alarm
from stillwatch.gateway.answers.alterations import Alterations
from stillwatch.gateway.answers.marker import Mark, Marker
from stillwatch.gateway.clock import SteadyClock
from stillwatch.gateway.counters.account_state import AccountState
from stillwatch.gateway.counters.memory import Memory
from stillwatch.gateway.decide import weigh
from stillwatch.gateway.decision import Decision
from stillwatch.gateway.facts import Facts
from stillwatch.gateway.grade import GRADES, Grade
from stillwatch.gateway.policy import NOTHING
from stillwatch.gateway.records.decision_log import DecisionLog, row_of
from stillwatch.gateway.records.pardon import Pardon
from stillwatch.gateway.ruling import REFUSED, SERVED, TOO_MANY, Ruling
from stillwatch.gateway.settings import Settings
from stillwatch.gateway.snapshot.hash_table import key_of
from stillwatch.gateway.snapshot.snapshot import Snapshot


class Gate:
    """One gateway in one process. Safe to call from several threads.

    ``snapshot``, ``pardons`` and ``complete`` (whether counters hold what other processes counted) are replaced by the keeper.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        snapshot: Snapshot | None,
        memory: Memory,
        log: DecisionLog,
        alarm: Alarm,
        alterations: Alterations,
        clock: SteadyClock,
        marker: Marker | None = None,
    ) -> None:
        self.settings = settings
        self.snapshot = snapshot
        self.pardons: Mapping[str, Pardon] = {}
        self.complete = True
        self._memory, self._log, self._alarm, self._clock = memory, log, alarm, clock
        self._alterations, self._marker = alterations, marker

    def read(self, body: bytes | Mapping[str, Any], path: str, headers: Mapping[str, str], known: Mapping[str, Any]) -> list[Read]:
        """The requests in a body, at least one, as ``facts_of_body`` reads them. Never raises."""
        try:
            return facts_of_body(body, path, headers, known)
        except Exception as error:
            self._alarm.raise_alarm("body", f"a request could not be read: {error!r}")
            return [(Facts(account_id=str(known.get("account_id") or ""), request_id=str(known.get("request_id") or "")), {})]

    def judge(self, facts: Facts) -> Ruling:
        """The ruling on one request, which it counts. Never raises."""
        try:
            return self._ruling(facts)
        except Exception as error:
            self._alarm.raise_alarm("gateway", f"a request could not be judged: {error!r}")
            return self._without(facts, "the gateway failed", self._clock.now())

    def judge_all(self, requests: Sequence[Read]) -> Ruling:
        """The strictest ruling on requests that came in as one; each is counted. Never raises."""
        rulings = [self.judge(facts) for facts, _ in requests]
        return max(rulings, key=lambda ruling: (ruling.status, ruling.decision.action))

    def _ruling(self, facts: Facts) -> Ruling:
        now, snapshot = self._clock.now(), self.snapshot
        if snapshot is None:
            return self._without(facts, "there is no snapshot", now)
        memory, account = self._memory, key_of("account", facts.account_id)
        with memory.lock:
            before = memory.state(account)
            replays = memory.send(facts.reasoning_blocks, account, now) if facts.reasoning_blocks else 0
            pardon = self.pardons.get(facts.account_id) if self.pardons else None
            decision, state = weigh(facts, before, snapshot, now, pardon=pardon, replays=replays, complete=self.complete)
            ruling, state = carried_out(facts, decision, state, snapshot, now)
            memory.remember(account, before, state)
        return ruling

    def _without(self, facts: Facts, because: str, now: float) -> Ruling:
        """The ruling where there is nothing to judge by: for everybody the grade that the settings name."""
        grade = GRADES[self.settings.without_snapshot]
        decision = Decision(grade, f"{because}: the settings say {grade.word} for everybody")
        return Ruling(facts, decision, now, 0, enforced=grade.refuses, status=REFUSED if grade.refuses else SERVED)

    def granted(self, ruling: Ruling) -> bool:
        """Whether this answer may be altered; see Alterations. It may wait for the disk."""
        return self._alterations.granted(ruling)

    def mark(self, ruling: Ruling) -> Mark | None:
        """What marks the text of this answer, if its grade has canaries and there is a marker."""
        marker, account = self._marker, ruling.facts.account_id
        if marker is None or not ruling.measures.canary:
            return None
        return lambda text: self._marked(marker, text, account)

    def _marked(self, marker: Marker, text: str, account: str) -> str:
        try:
            return marker.mark(text, account)
        except Exception as error:
            self._alarm.raise_alarm("marker", f"text could not be marked and was served as it is: {error!r}")
            return text

    def unreadable(self, because: str) -> None:
        """An answer that should have been altered could not be read."""
        self._alarm.raise_alarm("answer", f"an answer could not be altered: {because}")

    def unidentified(self, because: str) -> None:
        """Nobody could say who asks."""
        self._alarm.raise_alarm("identity", f"an account could not be told: {because}")

    def finish(self, ruling: Ruling, row: Mapping[str, Any], *, altered: bool = False, **outcome: Any) -> None:
        """Record what became of a request, if anything spoke against it. ``outcome``: columns such as ``status``. Never raises."""
        if ruling.decision.action < Grade.WATCH:
            return
        try:
            if ruling.refused and self.settings.text == "refused":
                outcome = {"prompt": row.get("prompt"), "system_prompt": row.get("system_prompt"), **outcome}
            found = row_of(ruling.facts, ruling.decision, ruling.at, enforced=ruling.enforced, altered=altered, outcome=outcome)
            self._log.add(found, refused=ruling.enforced and ruling.decision.action.refuses)
        except Exception as error:
            self._alarm.raise_alarm("decisions", f"a decision could not be recorded: {error!r}")


def carried_out(
    facts: Facts, decision: Decision, state: AccountState, snapshot: Snapshot, now: float
) -> tuple[Ruling, AccountState]:
    """A decision as a ruling, and the state with what it leaves behind: whether the request was served, and a grade that stays.
    Pure."""
    enforced = snapshot.policy.mode == "enforce"
    measures = snapshot.policy.measures_of(decision.action) if enforced else NOTHING
    status, wait = SERVED, 0
    if enforced and decision.action.refuses:
        status = REFUSED
    elif measures.requests_per_minute is not None and state.served >= measures.requests_per_minute:
        status, wait = TOO_MANY, 60 - int(now) % 60
    if status == SERVED:
        state = replace(state, served=state.served + 1)
    if decision.holds and decision.action >= Grade.THROTTLE:
        rule = next(number for number, rule in enumerate(snapshot.policy.rules) if rule.name == decision.rule)
        state = replace(
            state, hold=int(decision.action), hold_until=decision.expires, hold_rule=rule, hold_snapshot=snapshot.number
        )
    acts = enforced and decision.action > Grade.ALLOW
    return Ruling(facts, decision, now, snapshot.number, acts, status, wait, measures), state
