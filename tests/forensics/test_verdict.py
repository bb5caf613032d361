"""Levels of evidence: what two mechanisms add up to, and what they do not."""

import pytest

from stillwatch.errors import StillwatchError
from stillwatch.forensics.finding import Finding, Interval
from stillwatch.forensics.verdict import MEANINGS, verdict


def finding(mechanism: str, level: str, p_value: float | None = 1e-6) -> Finding:
    return Finding(mechanism=mechanism, hypothesis="h", statement="s", p_value=p_value, level=level)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("findings", "linked", "level"),
    [
        ([], 0, "insufficient"),
        ([finding("twins-text", "insufficient", 0.4)], 9, "insufficient"),
        ([finding("identity", "E0")], 0, "E0"),
        ([finding("population", "E1"), finding("identity", "E0")], 0, "E1"),
        ([finding("twins-logprob", "E2")], 5, "E2"),
        ([finding("twins-logprob", "E2"), finding("twins-text", "E2")], 5, "E2"),
        ([finding("twins-text", "E2"), finding("watermark-text", "E2")], 0, "E2"),
        ([finding("twins-logprob", "E2"), finding("watermark-text", "E2")], 0, "E3"),
        ([finding("twins-text", "E2"), finding("watermark-weights", "E2")], 0, "E3"),
        ([finding("twins-logprob", "E2"), finding("watermark-text", "E2")], 3, "E4"),
        ([finding("twins-logprob", "E2"), finding("watermark-text", "insufficient", 0.3)], 3, "E2"),
        ([finding("twins-logprob", "E1"), finding("watermark-text", "E2")], 3, "E2"),
    ],
)
def test_level(findings: list[Finding], linked: int, level: str) -> None:
    found = verdict(findings, linked_accounts=linked)
    assert found.level == level
    assert found.reason.startswith(MEANINGS[found.level])


def test_a_refused_finding_carries_no_number() -> None:
    refused = Finding.refusal("twins-text", "h", "too few pairs", counted=3)
    assert (refused.p_value, refused.e_value, refused.effect, refused.counted, refused.level) == (
        None,
        None,
        None,
        3,
        "insufficient",
    )
    assert refused.statement == "Nothing can be said: too few pairs."


@pytest.mark.parametrize(
    "wrong",
    [
        {"refused": "why", "p_value": 0.1},
        {"refused": "why", "effect": 0.1},
        {"refused": "why", "level": "E2"},
        {"p_value": 0.0},
        {"p_value": 1.1},
        {"p_value": float("nan")},
        {"e_value": -1.0},
        {"e_value": float("nan")},
    ],
)
def test_a_finding_that_contradicts_itself_cannot_be_made(wrong: dict[str, object]) -> None:
    with pytest.raises(StillwatchError):
        Finding(mechanism="m", hypothesis="h", statement="s", interval=Interval(0, 1), **wrong)  # type: ignore[arg-type]
