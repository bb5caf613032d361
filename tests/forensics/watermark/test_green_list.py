import numpy as np
import pytest
from scipy.stats import binom

from stillwatch.errors import UsageError
from stillwatch.forensics.watermark.contexts import Width
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.hook import mark
from stillwatch.forensics.watermark.keyed_hash import halves, seed, word
from stillwatch.forensics.watermark.keys import MarkingKeys, marking_keys
from stillwatch.forensics.watermark.pairs import Pairs, distinct_pairs

SECRET = b"a synthetic secret of 32 bytes.."
KEYS = marking_keys(SECRET, cohort="c", account="a")


def one_key(key: bytes) -> MarkingKeys:
    """All tiers the same, so that a test need not ask which one marks."""
    return MarkingKeys(KEYS.selector, key, key, key)


def naive_green(key: bytes, context: int, token: int, halvings: int) -> bool:
    start = np.uint64(seed(*halves(key), np.uint64(context)))
    places = range(token // 64 * halvings, token // 64 * halvings + halvings)
    return all(int(word(start, np.uint64(place))) >> token % 64 & 1 for place in places)


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize(("gamma", "halvings"), [(0.5, 1), (0.25, 2), (0.125, 3)])
def test_exactly_the_green_tokens_are_lifted(width: Width, gamma: float, halvings: int) -> None:
    scheme, key = GreenList(width=width, gamma=gamma, delta=1.5), bytes(range(16))
    vocabulary = 201  # not a whole number of blocks
    logits = mark(scheme, one_key(key).row()[None, :], np.array([[7, 8]]), np.zeros((1, vocabulary), np.float32))
    context = 8 if width == 1 else 8 | 7 << 32
    assert logits[0].tolist() == [1.5 * naive_green(key, context, token, halvings) for token in range(vocabulary)]


@pytest.mark.parametrize("gamma", [0.5, 0.25, 0.125])
def test_what_is_marked_is_what_is_scored(gamma: float) -> None:
    scheme, key = GreenList(gamma=gamma), bytes(range(16))
    logits = mark(scheme, one_key(key).row()[None, :], np.array([[3, 4]]), np.zeros((1, 500), np.float32))
    words = np.full(500, 4 | 3 << 32, np.uint64)
    scores = scheme.scores(key, Pairs(words, np.arange(500, dtype=np.uint64), 500))
    assert ((logits[0] > 0) == (scores > 0)).all()


def test_rows_are_marked_by_their_own_account_and_short_ones_not_at_all() -> None:
    other = marking_keys(SECRET, cohort="d", account="b")
    rows = np.stack([KEYS.row(), other.row(), KEYS.row()])
    previous = np.array([[1, 2], [1, 2], [-1, 2]])
    logits = mark(GreenList(), rows, previous, np.zeros((3, 640), np.float32))
    assert (logits[0] != logits[1]).any() or KEYS.global_ == other.global_
    assert not logits[2].any()


def test_tokens_ruled_out_stay_ruled_out() -> None:
    logits = mark(GreenList(), KEYS.row()[None, :], np.array([[1, 2]]), np.full((1, 128), -np.inf, np.float32))
    assert np.isneginf(logits).all()


def test_totals_are_weighted_sums_of_scores_for_every_key() -> None:
    generator = np.random.default_rng(0)
    pairs = distinct_pairs([generator.integers(0, 60, 12_000)], width=2)
    weights = generator.normal(size=len(pairs))
    for scheme in (GreenList(gamma=0.5), GreenList(gamma=0.25), GreenList(gamma=0.125)):
        keys = [bytes([k] * 16) for k in range(3)]
        totals = scheme.totals(np.stack([halves(key) for key in keys]), pairs.grouped, weights[pairs.grouped.order])
        np.testing.assert_allclose(totals, [weights @ scheme.scores(key, pairs) for key in keys])


def test_the_exact_p_is_the_binomial_tail() -> None:
    scores = np.array([1.0] * 70 + [0.0] * 30)
    assert GreenList().exact_p(scores) == pytest.approx(sum(binom.pmf(range(70, 101), 100, 0.5)))
    assert GreenList().exact_p(np.ones(5000)) > 0


def test_bets_return_one_on_average() -> None:
    for scheme in (GreenList(gamma=0.5), GreenList(gamma=0.25)):
        green, red = np.exp(scheme.log_returns(np.array([1.0, 0.0])))
        np.testing.assert_allclose(scheme.gamma * green + (1 - scheme.gamma) * red, 1)


@pytest.mark.parametrize("settings", [{"gamma": 0.3}, {"width": 3}, {"delta": 0.0}, {"delta": float("nan")}])
def test_what_is_no_green_list_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        GreenList(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "previous", "logits"),
    [
        (KEYS.row()[None, :], np.zeros((1, 2), np.int64), np.zeros((1, 9), np.float64)),
        (KEYS.row()[None, :], np.zeros((2, 2), np.int64), np.zeros((1, 9), np.float32)),
        (KEYS.row()[None, :4], np.zeros((1, 2), np.int64), np.zeros((1, 9), np.float32)),
        (KEYS.row()[None, :], np.zeros(2, np.int64), np.zeros((1, 9), np.float32)),
        (KEYS.row()[None, :], np.zeros((1, 2), np.int64), np.zeros(9, np.float32)),
    ],
)
def test_the_hook_refuses_what_does_not_fit(rows: np.ndarray, previous: np.ndarray, logits: np.ndarray) -> None:
    with pytest.raises(UsageError, match="do not fit"):
        mark(GreenList(), rows, previous, logits)
