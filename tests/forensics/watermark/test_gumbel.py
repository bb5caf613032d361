import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare, gamma

from stillwatch.errors import UsageError
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.hook import mark
from stillwatch.forensics.watermark.keyed_hash import halves
from stillwatch.forensics.watermark.keys import MarkingKeys
from stillwatch.forensics.watermark.pairs import Pairs, distinct_pairs
from stillwatch.forensics.watermark.top import largest


def rows_of(count: int, seed: int = 0) -> np.ndarray:
    """A row of random keys each."""
    return np.random.default_rng(seed).integers(0, 2**63, (count, 8)).astype(np.uint64)


def chosen(logits: np.ndarray) -> np.ndarray:
    assert ((logits > 5_000).sum(axis=1) == 1).all()
    return logits.argmax(axis=1)


@pytest.mark.parametrize("temperature", [0.7, 1.0, 1.6])
def test_over_keys_the_choice_has_the_models_distribution(temperature: float) -> None:
    draws, logits = 20_000, np.array([2.0, 1.0, 0.5, 0.0, -1.0, -9.0], np.float32)
    batch = mark(Gumbel(temperature=temperature), rows_of(draws), np.tile([1, 2], (draws, 1)), np.tile(logits, (draws, 1)))
    expected = np.exp(logits.astype(float) / temperature)
    counts = np.bincount(chosen(batch), minlength=6)[:5]
    assert chisquare(counts, expected[:5] / expected[:5].sum() * counts.sum()).pvalue > 0.001


def test_the_choice_is_the_key_s_alone() -> None:
    logits = np.random.default_rng(0).normal(size=(4, 300)).astype(np.float32)
    previous, rows = np.array([[5, 6]] * 4), rows_of(4)
    first, again = (chosen(mark(Gumbel(), rows, previous, logits.copy())) for _ in range(2))
    assert (first == again).all()
    assert (first != chosen(mark(Gumbel(), rows_of(4, seed=1), previous, logits.copy()))).any()


@pytest.mark.parametrize("width", [1, 2])
def test_a_context_that_came_before_is_left_to_the_sampler(width: int) -> None:
    previous = np.array([[5, 6, 9, 5, 6], [5, 7, 9, 5, 6], [1, 2, 3, 4, 5]])
    logits = np.zeros((3, 100), np.float32)
    mark(Gumbel(width=width), rows_of(3), previous, logits)  # type: ignore[arg-type]
    repeated = [True, width == 1, False]
    repeated[1] = False if width == 2 else (previous[1, :-1] == 6).any()
    assert logits.any(axis=1).tolist() == [not each for each in repeated]


def test_only_the_top_takes_part_and_ruled_out_tokens_never() -> None:
    logits = np.tile(np.array([3.0, 2.9, -50.0, -np.inf], np.float32), (500, 1))
    assert set(chosen(mark(Gumbel(top=2), rows_of(500), np.tile([1, 2], (500, 1)), logits)).tolist()) == {0, 1}
    alone = np.array([[-np.inf, 1.0, -np.inf]], np.float32)
    assert chosen(mark(Gumbel(), rows_of(1), np.array([[1, 2]]), alone)).tolist() == [1]


def test_marked_choices_score_high_and_others_as_exponentials() -> None:
    scheme, key, vocabulary = Gumbel(), bytes(range(16)), 50
    row = MarkingKeys(bytes(16), key, key, key).row()
    logits = np.random.default_rng(0).normal(size=(2_000, vocabulary)).astype(np.float32)
    previous = np.column_stack([np.arange(2_000), np.arange(2_000) + 1])
    picks = chosen(mark(scheme, np.tile(row, (2_000, 1)), previous, logits))
    words = previous[:, 1].astype(np.uint64) | previous[:, 0].astype(np.uint64) << np.uint64(32)
    marked = scheme.scores(key, Pairs(words, picks.astype(np.uint64), 2_000))
    plain = scheme.scores(key, Pairs(words, np.zeros(2_000, np.uint64), 2_000))
    assert marked.mean() > 2 > 1.1 > plain.mean() > 0.9
    assert scheme.exact_p(marked) < 1e-30 < 0.001 < scheme.exact_p(plain)
    assert scheme.exact_p(plain) == pytest.approx(gamma.sf(plain.sum(), 2_000))


def test_totals_are_weighted_sums_of_rounded_scores() -> None:
    generator = np.random.default_rng(0)
    pairs = distinct_pairs([generator.integers(0, 60, 12_000)], width=1)
    weights = generator.normal(size=len(pairs))
    key = bytes(range(16))
    total = Gumbel().totals(halves(key)[None, :], pairs.grouped, weights[pairs.grouped.order])[0]
    assert total == pytest.approx(weights @ Gumbel().scores(key, pairs), rel=0.02)


def test_bets_return_one_on_average() -> None:
    scores = np.random.default_rng(0).exponential(size=400_000)
    np.testing.assert_allclose(np.exp(Gumbel().log_returns(scores)).mean(axis=0)[:4], 1, atol=0.02)


@given(st.lists(st.floats(-9, 9, width=32) | st.just(float("-inf")), max_size=300), st.integers(1, 9))
def test_largest_agrees_with_sorting(values: list[float], room: int) -> None:
    row = np.array(values, np.float32)
    places, found = np.empty(room, np.int64), np.empty(room, np.float32)
    count = largest(row, places, found)
    order = np.argsort(-row, kind="stable")[:room]
    expected = order[np.isfinite(row[order])]
    assert places[:count].tolist() == expected.tolist()
    assert found[:count].tolist() == row[expected].tolist()


@pytest.mark.parametrize("bad", [{"top": 1}, {"temperature": 0.0}, {"temperature": float("nan")}, {"width": 0}])
def test_what_cannot_sample_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        Gumbel(**bad)  # type: ignore[arg-type]
