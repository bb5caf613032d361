"""Policies as files: what they may say, and what they cannot mean."""

import pytest

from stillwatch.errors import UsageError
from stillwatch.gateway.grade import Grade
from stillwatch.gateway.policy_file import NotAPolicy, default_policy_text, read_policy
from tests.gateway.synthetic import HEADER

RULE = '[[rule]]\nname = "r"\nevidence = ["campaign"]\ngrade = "hide"\n'


def test_our_policy_observes_and_blocks_nobody() -> None:
    policy = read_policy(default_policy_text())
    assert policy.mode == "observe"
    assert policy.received_at_most == policy.shared_egress_at_most == Grade.WATCH
    assert all(max(rule.grade, *rule.plans.values(), Grade.ALLOW) < Grade.BLOCK for rule in policy.rules)
    assert policy.measures_of(Grade.HIDE).strip == {"reasoning", "logprobs"}


@pytest.mark.parametrize(("text", "said"), [
    ("", "schema"),
    ("schema = 'stillwatch.policy/2'", "Invalid enum value"),
    ("schema = ", "not TOML"),
    (HEADER + "modus = 'enforce'", "modus"),
    (HEADER + "mode = 'destroy'", "Invalid enum value 'destroy'"),
    (HEADER + "shared_egress_at_most = 'block'", "shared_egress_at_most"),
    (HEADER + RULE + RULE, "two rules are named 'r'"),
    (HEADER + '[[rule]]\nname = "r"\ngrade = "hide"\n', "needs evidence, counters or both"),
    (HEADER + RULE + "when = {mood = 3}", "no such counter: mood"),
    (HEADER + RULE + "when = {scaffold = 3}", "a share and at most 1"),
    (HEADER + RULE + 'origin = "received"', "received evidence alone goes no further"),
    (HEADER + RULE + "min_confidence = 101", "min_confidence"),
    (HEADER + RULE.replace("campaign", "country"), "Invalid enum value 'country'"),
    (HEADER + "[grades.hide]\nstrip = ['memory']", "Invalid enum value 'memory'"),
    (HEADER + "[grades.hide]\non_failure = 'maybe'", "Invalid enum value 'maybe'"),
    (HEADER + "[grades.destroy]\nhours = 1", "destroy"),
    (HEADER + "scaffold_overlap = 0.0", "scaffold_overlap"),
])  # fmt: skip
def test_contradictions_and_mistakes_are_said_with_place_and_cure(text: str, said: str) -> None:
    with pytest.raises(NotAPolicy) as refused:
        read_policy(text, "policy.toml")
    assert said in str(refused.value)
    assert str(refused.value).startswith("policy.toml: ")
    assert "to mend it" in str(refused.value)
    assert isinstance(refused.value, UsageError)


def test_received_evidence_may_block_where_the_provider_says_so() -> None:
    text = HEADER + 'received_at_most = "block"\n' + RULE.replace("hide", "block") + 'origin = "received"'
    assert read_policy(text).rules[0].grade == Grade.BLOCK
