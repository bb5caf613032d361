from datetime import timedelta

import pytest

from stillwatch.campaigns.report import wording


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0"), (999_999, "999,999"), (1_234_567, "1.23 million"), (190_442_870, "190 million")]
)
def test_numbers(value, said):
    assert wording.number(value) == said


def test_bits_always_show_their_sign():
    assert [wording.bits(b) for b in (7.41, -0.06, 0.04, -0.04, 1234.5)] == ["+7.4", "−0.1", "±0.0", "±0.0", "+1,234.5"]


def test_odds_are_two_to_the_power_of_the_bits():
    assert wording.odds(10) == "about 1,000 times more often in hostile than in innocent traffic"
    assert wording.odds(-3) == "about 8 times less often in hostile than in innocent traffic"
    assert wording.odds(0.2) == "about as often in innocent as in hostile traffic"
    assert wording.odds(1e9) == "more than a million times more often in hostile than in innocent traffic"


@pytest.mark.parametrize(
    ("fdr", "said"), [(0.01, "at most 1 in 100 is"), (0.05, "at most 1 in 20 is"), (0.03, "at most 3 in 100 are")]
)
def test_the_false_discovery_rate_in_words(fdr, said):
    assert said in wording.false_discoveries(fdr)


def test_a_trace_is_not_nothing():
    assert [wording.share(s) for s in (0, 0.004, 0.5, 0.999, 1)] == ["0 %", "< 1 %", "50 %", "> 99 %", "100 %"]
    assert wording.q_value(0.00003) == "< 0.0001"
    assert wording.q_value(0.0042) == "0.0042"


def test_times_are_told_in_utc():
    assert wording.moment("2026-03-09T16:05:00+02:00") == "9 Mar 2026, 14:05 UTC"
    assert wording.moment("2026-03-09T14:05:00") == "9 Mar 2026, 14:05 UTC"
    assert wording.moment("last week") == "last week"
    assert wording.moment("") == "not known"


def test_spans():
    given = [timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(minutes=90), timedelta(seconds=61)]
    assert [wording.span(w) for w in given] == ["hour", "6 hours", "day", "90 minutes", "61 seconds"]
