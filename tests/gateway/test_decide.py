"""The decision: rules, bounds, standing, pardons, doubt. All values are synthetic."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.gateway.counters.account_state import NEVER_SEEN, AccountState
from stillwatch.gateway.decide import decide, weigh
from stillwatch.gateway.decision import ALLOWED
from stillwatch.gateway.evidence import KINDS, Indicator
from stillwatch.gateway.facts import Facts, facts_of
from stillwatch.gateway.grade import GRADES, Grade
from stillwatch.gateway.records.pardon import Pardon
from stillwatch.gateway.snapshot.registers import Entry
from stillwatch.gateway.snapshot.snapshot_build import AccountRow
from tests.gateway.synthetic import SCAFFOLD, snapshot_of

NOW = 1_800_000_000.0
MEMBER = Indicator(kind="campaign", value="acct-1", confidence=99, id="campaign--1")
BLOCK_MEMBERS = '[[rule]]\nname = "members"\nevidence = ["campaign"]\norigin = "own"\nmin_confidence = 90\ngrade = "block"\n'
ANY_BLOCK = f'[[rule]]\nname = "all"\nevidence = {list(KINDS)}\ngrade = "block"\n'


def decided(policy: str, facts: Facts | None = None, state: AccountState | None = NEVER_SEEN, **sources: Any) -> Any:
    snapshot = snapshot_of(policy, created=NOW - 60, **sources)
    return decide(facts or Facts(account_id="acct-1"), state, snapshot, NOW)


def test_nothing_known_is_allowed() -> None:
    assert decided(BLOCK_MEMBERS) == ALLOWED


def test_a_member_of_a_campaign_meets_the_rule_and_the_decision_says_why() -> None:
    decision = decided(BLOCK_MEMBERS, indicators=[MEMBER])
    assert (decision.action, decision.rule, decision.evidence) == (Grade.BLOCK, "members", ("campaign--1",))
    assert "campaign campaign--1 (own, confidence 99)" in decision.reason
    assert NOW < decision.expires <= NOW + 168 * 3600


def test_confidence_origin_and_other_accounts_do_not_meet_it() -> None:
    unsure = Indicator(kind="campaign", value="acct-1", confidence=89)
    foreign = Indicator(kind="campaign", value="acct-1", confidence=99, origin="received")
    other = Indicator(kind="campaign", value="acct-2", confidence=99)
    assert decided(BLOCK_MEMBERS, indicators=[unsure, foreign, other]) == ALLOWED


def test_the_plan_decides_the_grade_as_known_here_or_as_the_adapter_says() -> None:
    policy = BLOCK_MEMBERS + 'plans = {enterprise = "watch"}\n'
    accounts = [AccountRow("acct-1", plan="enterprise")]
    assert decided(policy, indicators=[MEMBER], accounts=accounts).action == Grade.WATCH
    assert decided(policy, Facts(account_id="acct-1", plan="free"), indicators=[MEMBER], accounts=accounts).action == Grade.BLOCK


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("scaffold", "address", "prefix")])
def test_received_evidence_alone_is_watched_whatever_a_rule_says(kind: str) -> None:
    facts = Facts(account_id="x", client_fingerprint="x", tokens=("x",))
    received = Indicator(kind=kind, value="x", origin="received", confidence=100)  # type: ignore[arg-type]
    assert decided(ANY_BLOCK, facts, indicators=[received]).action == Grade.WATCH
    assert decided('received_at_most = "block"\n' + ANY_BLOCK, facts, indicators=[received]).action == Grade.BLOCK


def test_received_evidence_beside_own_does_not_hold_it_back() -> None:
    received = Indicator(kind="campaign", value="acct-1", origin="received", confidence=100)
    assert decided(ANY_BLOCK, indicators=[received, MEMBER]).action == Grade.BLOCK


@pytest.mark.parametrize("kind", ["address", "prefix"])
def test_shared_egress_is_never_blocked_by_address(kind: str) -> None:
    value = "192.0.2.7" if kind == "address" else "192.0.2.0/24"
    own = Indicator(kind=kind, value=value, confidence=100)  # type: ignore[arg-type]
    facts = Facts(account_id="acct-1", ip="192.0.2.7")
    assert decided(ANY_BLOCK, facts, indicators=[own]).action == Grade.BLOCK
    assert decided(ANY_BLOCK, facts, indicators=[own], shared_egress=["192.0.0.0/16"]).action == Grade.WATCH
    assert decided(ANY_BLOCK, facts, indicators=[own, MEMBER], shared_egress=["192.0.0.0/16"]).action == Grade.BLOCK


def test_disputed_evidence_is_watched_expired_and_revoked_is_nothing() -> None:
    def one(**said: Any) -> Any:
        return decided(ANY_BLOCK, indicators=[Indicator(kind="account", value="acct-1", confidence=99, **said)]).action

    assert one(disputed=True) == Grade.WATCH
    assert one(valid_until=int(NOW)) == one(revoked=True) == Grade.ALLOW
    assert one(valid_until=int(NOW) + 1) == Grade.BLOCK


def test_a_contract_and_an_evaluator_are_honoured_until_they_end() -> None:
    def under(**said: Any) -> Any:
        return decided(BLOCK_MEMBERS, indicators=[MEMBER], registers=[Entry(**said)], accounts=[AccountRow("acct-1", "org-1")])

    contract = under(kind="account", subject="acct-1", name="C-1 (synthetic)", evaluator=False)
    assert (contract.action, contract.evaluator) == (Grade.WATCH, False)
    assert "authorised under C-1 (synthetic)" in contract.reason
    evaluator = under(kind="org", subject="org-1", name="evaluator (synthetic)", evaluator=True)
    assert (evaluator.action, evaluator.evaluator) == (Grade.WATCH, True)
    assert under(kind="account", subject="acct-1", name="C-1", evaluator=False, until=int(NOW)).action == Grade.BLOCK
    named = decided(BLOCK_MEMBERS, indicators=[MEMBER], accounts=[AccountRow("acct-1", authorisation="C-2")])
    assert named.action == Grade.WATCH


def test_an_evaluator_against_whom_nothing_speaks_is_known_as_one() -> None:
    entry = Entry("account", "acct-1", "evaluator (synthetic)", evaluator=True)
    assert decided(BLOCK_MEMBERS, registers=[entry]).evaluator


def test_a_pardon_allows_until_it_ends() -> None:
    snapshot = snapshot_of(BLOCK_MEMBERS, created=NOW, indicators=[MEMBER])
    pardon = Pardon("pardon--1", "acct-1", "analyst-1", "synthetic", int(NOW), int(NOW) + 10)
    facts = Facts(account_id="acct-1")
    assert decide(facts, NEVER_SEEN, snapshot, NOW, pardon).action == Grade.ALLOW
    assert decide(facts, NEVER_SEEN, snapshot, NOW + 10, pardon).action == Grade.BLOCK


COUNTED = '[[rule]]\nname = "steady"\nwhen = {requests = 20, scaffold = 0.5}\ngrade = "throttle"\n'


def test_conduct_counts_this_request_in() -> None:
    state = AccountState(last=NOW, window=int(NOW) // 604_800, requests=18, scaffold=18)
    assert decided(COUNTED, state=state).action == Grade.ALLOW
    full = AccountState(last=NOW, window=int(NOW) // 604_800, requests=19, scaffold=19)
    decision = decided(COUNTED, state=full)
    assert (decision.action, decision.holds, decision.expires) == (Grade.THROTTLE, True, int(NOW) + 24 * 3600)


def test_a_scaffold_counts_from_half_of_its_samples_in_prompt_or_system_prompt() -> None:
    listed = facts_of({"prompt": SCAFFOLD}, account_id="x").samples
    value = "swf1:" + ".".join(f"{sample:016x}" for sample in listed)
    scaffold = Indicator(kind="scaffold", value=value, confidence=90, id="campaign--1")
    policy = '[[rule]]\nname = "scaffold"\nevidence = ["scaffold"]\ngrade = "hide"\n'
    for row in ({"prompt": SCAFFOLD + "a synthetic filling"}, {"system_prompt": SCAFFOLD, "prompt": "Hi"}):
        decision = decided(policy, facts_of(row, account_id="x"), indicators=[scaffold])
        assert (decision.action, decision.carries) == (Grade.HIDE, True)
    assert decided(policy, facts_of({"prompt": SCAFFOLD[:70]}, account_id="x"), indicators=[scaffold]).action == Grade.ALLOW


def test_a_grade_reached_by_conduct_stays_and_goes_with_its_snapshot() -> None:
    state = AccountState(last=NOW, window=int(NOW) // 604_800, requests=2, hold=3, hold_until=int(NOW) + 5, hold_snapshot=7)
    facts = Facts(account_id="acct-1")
    held = snapshot_of(COUNTED, number=7, created=NOW)
    assert decide(facts, state, held, NOW).action == Grade.HIDE
    assert decide(facts, state, held, NOW).expires == int(NOW) + 5
    assert decide(facts, state, held, NOW + 5).action == Grade.ALLOW
    assert decide(facts, state, snapshot_of(COUNTED, number=6, created=NOW), NOW).action == Grade.ALLOW


@pytest.mark.parametrize(("fails", "action"), [("open", Grade.ALLOW), ("closed", Grade.BLOCK)])
def test_evidence_of_a_stale_snapshot_fails_as_the_grade_says(fails: str, action: Grade) -> None:
    policy = f'snapshot_hours = 1\n[grades.block]\non_failure = "{fails}"\n{BLOCK_MEMBERS}'
    snapshot = snapshot_of(policy, created=NOW - 3600, indicators=[MEMBER])
    assert decide(Facts(account_id="acct-1"), NEVER_SEEN, snapshot, NOW).action == action
    assert decide(Facts(account_id="acct-1"), NEVER_SEEN, snapshot, NOW - 1).action == Grade.BLOCK


@pytest.mark.parametrize(("fails", "action"), [("open", Grade.ALLOW), ("closed", Grade.THROTTLE)])
def test_counters_that_cannot_be_had_fail_as_the_grade_says(fails: str, action: Grade) -> None:
    policy = f'[grades.throttle]\non_failure = "{fails}"\n{COUNTED}'
    assert decided(policy, state=None).action == action
    whole = AccountState(last=NOW, window=int(NOW) // 604_800, requests=19, scaffold=19)
    snapshot = snapshot_of(policy, created=NOW)
    assert weigh(Facts(account_id="a"), whole, snapshot, NOW, complete=False)[0].action == Grade.THROTTLE


facts_strategy = st.builds(
    Facts,
    account_id=st.sampled_from(["acct-1", "acct-2"]),
    ip=st.sampled_from([None, "192.0.2.7", "2001:db8::1", "no address", "192.0.2.7\x00"]),
    client_fingerprint=st.sampled_from([None, "x"]),
    n=st.none() | st.integers(-5, 500),
    top_logprobs=st.none() | st.integers(0, 20),
)


@given(facts_strategy, st.floats(0, 4e9), st.sampled_from(sorted(GRADES)))
def test_deciding_is_pure_and_never_fails(facts: Facts, now: float, word: str) -> None:
    policy = f'[[rule]]\nname = "all"\nevidence = {list(KINDS)}\ngrade = "{word}"\n' + COUNTED
    indicators = [MEMBER, Indicator(kind="prefix", value="2001:db8::/32"), Indicator(kind="client_fingerprint", value="x")]
    snapshot = snapshot_of(policy, created=NOW, indicators=indicators)
    first, again = (weigh(facts, NEVER_SEEN, snapshot, now) for _ in range(2))
    assert first == again
