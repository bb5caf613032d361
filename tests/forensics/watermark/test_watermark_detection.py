"""Planted marks are found, and only under the keys that planted them."""

import numpy as np
import pytest

from stillwatch.forensics.finding import Interval
from stillwatch.forensics.verdict import verdict
from stillwatch.forensics.watermark.detection import LEAST_PAIRS, TooFew, WatermarkTest, detect
from stillwatch.forensics.watermark.e_process import wealth_path
from stillwatch.forensics.watermark.findings import finding
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.hook import mark
from stillwatch.forensics.watermark.keys import TierKey, marking_keys, tier_key
from stillwatch.forensics.watermark.pairs import Pairs, distinct_pairs
from stillwatch.forensics.watermark.scheme import Scheme

SECRET = b"a synthetic secret of 32 bytes.."
SCHEMES = (GreenList(), GreenList(width=1, gamma=0.25), Gumbel())
VOCABULARY = 300
OURS = [tier_key(SECRET, "global"), tier_key(SECRET, "cohort", "c-1"), tier_key(SECRET, "account", "acct-1")]
OTHERS = [tier_key(SECRET, "cohort", "c-2"), tier_key(SECRET, "account", "acct-2"), tier_key(SECRET[::-1], "global")]


def written(scheme: Scheme, generator: np.random.Generator, *, texts: int = 60, length: int = 60) -> list[np.ndarray]:
    """Synthetic answers of one account from a model whose mind changes at every place, sampled with the hook."""
    rows = np.tile(marking_keys(SECRET, cohort="c-1", account="acct-1").row(), (texts, 1))
    previous = generator.integers(0, VOCABULARY, (texts, 2))
    for _ in range(length):
        logits = mark(scheme, rows, previous, generator.normal(size=(texts, VOCABULARY)).astype(np.float32))
        drawn = (logits + generator.gumbel(size=logits.shape)).argmax(axis=1)
        previous = np.column_stack([previous, drawn])
    return list(previous)


def result(scheme: Scheme, key: TierKey, pairs: Pairs) -> WatermarkTest:
    found = detect(scheme, key, pairs, np.random.default_rng(1))
    assert isinstance(found, WatermarkTest)
    return found


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: f"{scheme.name} {scheme.width}")
def test_each_tier_is_found_and_no_other(scheme: Scheme) -> None:
    pairs = distinct_pairs(written(scheme, np.random.default_rng(0)), width=scheme.width)
    ours = [result(scheme, key, pairs) for key in OURS]
    others = [result(scheme, key, pairs) for key in OTHERS]
    assert all(r.p_value < 1e-6 and r.redrawn_p == 0.001 and r.e_value > 1e4 and r.preference.lower > 0 for r in ours)
    assert all(r.p_value > 0.001 and r.largest_e < 1000 for r in others)
    assert sum(r.pairs for r in ours) == len(pairs)


def test_the_wealth_may_stop_early() -> None:
    pairs = distinct_pairs(written(GreenList(), np.random.default_rng(0)), width=2)
    scores = GreenList().scores(OURS[2].key, pairs)
    path = wealth_path(GreenList(), scores)
    assert path.shape == scores.shape
    assert (path >= 1000).any()
    assert wealth_path(GreenList(), scores[:0]).tolist() == []


def test_weights_that_follow_the_key_are_found_and_negative_ones_count_against() -> None:
    generator, scheme = np.random.default_rng(0), GreenList()
    pairs = distinct_pairs([generator.integers(0, 400, 12_000)], width=2)
    green = scheme.scores(OURS[0].key, pairs)
    weights = generator.normal(size=len(pairs)) + 0.3 * (green - 0.5)
    found = detect(scheme, OURS[0], pairs, generator, weights=weights)
    other = detect(scheme, OTHERS[2], pairs, generator, weights=weights)
    against = detect(scheme, OURS[0], pairs, generator, weights=-weights)
    assert isinstance(found, WatermarkTest) and isinstance(other, WatermarkTest) and isinstance(against, WatermarkTest)
    assert found.redrawn_p == 0.001
    assert found.p_value < 0.01 < min(other.p_value, against.p_value)
    assert found.pairs < len(pairs) * 0.25  # only pairs of the tier that the suspect clearly likes more than it should


def test_too_few_pairs_are_no_number() -> None:
    pairs = distinct_pairs([np.arange(150)], width=1)
    few = detect(GreenList(width=1), OURS[0], pairs, np.random.default_rng(0))
    assert isinstance(few, TooFew) and few.pairs < LEAST_PAIRS
    refused = finding(few, GreenList(width=1), OURS[0], suspect="S", access="text")
    assert refused.level == "insufficient" and refused.p_value is None and str(few.pairs) in str(refused.refused)
    nothing = detect(GreenList(), OURS[0], distinct_pairs([], width=2), np.random.default_rng(0))
    assert nothing == TooFew(0)


def test_the_finding_says_what_it_shows_and_what_it_does_not() -> None:
    pairs = distinct_pairs(written(GreenList(), np.random.default_rng(0)), width=2)
    shown = finding(result(GreenList(), OURS[2], pairs), GreenList(), OURS[2], suspect="S", access="weights")
    assert (shown.level, shown.mechanism) == ("E2", "watermark-weights")
    assert "acct-1" in shown.hypothesis
    assert "planted" in shown.statement and "web" in shown.statement
    assert isinstance(shown.interval, Interval) and shown.interval.lower <= shown.effect <= shown.interval.upper  # type: ignore[operator]
    chance = finding(result(GreenList(), OTHERS[1], pairs), GreenList(), OTHERS[1], suspect="S", access="text")
    assert chance.level == "insufficient"
    assert "does not show that none was used" in chance.statement
    assert verdict([shown, chance]).level == "E2"
