from stillwatch.campaigns.campaign import Alternative
from stillwatch.campaigns.report import summary

from .synthetic import campaign, evidence


def test_the_gravest_and_surest_come_first():
    given = [
        campaign(4, severity="low"),
        campaign(3, severity="high"),
        campaign(1, severity="odd"),
        campaign(2, severity="high"),
    ]
    assert [(c.severity, c.id[-1]) for c in summary.by_severity(given)] == [
        ("high", "2"),
        ("high", "3"),
        ("low", "4"),
        ("odd", "1"),
    ]


def test_the_headline_counts_by_severity():
    given = [campaign(1, severity="low"), campaign(2, severity="high"), campaign(3, severity="low")]
    assert summary.headline(given) == "3 campaigns found: 1 high, 2 low"
    assert summary.headline(given[:1]) == "1 campaign found: 1 low"


def test_the_strongest_reason_speaks_for_a_campaign():
    assert summary.strongest(evidence()).signal == "payment in common"
    assert summary.strongest([e for e in evidence() if e.bits < 0]) is None
    assert summary.strongest([]) is None


def test_reasons_name_both_questions_and_the_best_innocent_explanation():
    coordination, harvest, innocent = summary.reasons(campaign())
    assert "+7.4 bits" in coordination
    assert "3 scaffolds cover 96 %" in harvest
    assert innocent.startswith("Best innocent explanation: reseller (+0.7 bits; the traffic speaks for it).")


def test_silence_is_said():
    coordination, _, innocent = summary.reasons(campaign(evidence=[], alternatives=[]))
    assert coordination == "Nothing speaks for one hand."
    assert innocent == "No innocent explanation was weighed."


def test_an_explanation_that_loses_is_said_to_lose():
    assert "does not speak for it" in summary.innocent(campaign(alternatives=[Alternative("batch job", -2.0, "x")]))
