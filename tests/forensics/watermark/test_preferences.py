import numpy as np
import pytest

from stillwatch.errors import UsageError
from stillwatch.forensics.watermark.preferences import preferences

VOCABULARY = 40


class Table:
    """A model that looks at the last token alone; synthetic."""

    def __init__(self, seed: int, vocabulary: int = VOCABULARY) -> None:
        logits = np.random.default_rng(seed).normal(size=(vocabulary, vocabulary))
        self.log = (logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))).astype(np.float32)

    def __call__(self, tokens: np.ndarray) -> np.ndarray:
        return self.log[tokens]


def test_weights_are_the_centred_leaning_times_the_root_of_the_probability() -> None:
    suspect, reference = Table(0), Table(1)
    found = preferences([np.array([3, 7])], suspect, width=1, reference=reference, candidates=VOCABULARY)
    p = (np.exp(suspect.log[3].astype(float)) + np.exp(reference.log[3].astype(float))) / 2
    leaning = np.tanh(suspect.log[3].astype(float) - reference.log[3])
    expected = np.sqrt(p) * (leaning - (p * leaning).sum() / p.sum())
    weights = dict(zip(found.pairs.tokens.tolist(), found.weights.tolist(), strict=True))
    np.testing.assert_allclose([weights[token] for token in range(VOCABULARY)], expected, atol=1e-5)
    assert set(found.pairs.contexts.tolist()) == {3}


def test_without_a_reference_the_likely_but_not_certain_tokens_weigh_more() -> None:
    suspect = Table(0)
    found = preferences([np.array([3, 7])], suspect, width=1, candidates=5)
    likeliest = np.argsort(-suspect.log[3])[:5]
    assert set(found.pairs.tokens.tolist()) == set(likeliest.tolist())
    doubt = np.exp(suspect.log[3]) * (1 - np.exp(suspect.log[3]))
    assert found.pairs.tokens[found.weights.argmax()] == likeliest[np.argmax(doubt[likeliest])]
    assert found.weights.sum() == pytest.approx(0, abs=1e-6)


def test_repeated_places_count_once_and_more_than_single_ones() -> None:
    once = preferences([np.array([3, 7])], Table(0), width=1, candidates=4)
    twice = preferences([np.array([3, 7]), np.array([3, 9])], Table(0), width=1, candidates=4)
    assert len(once.pairs) == len(twice.pairs) == 4
    assert twice.pairs.occurrences == 8
    np.testing.assert_allclose(np.sort(once.weights) * np.sqrt(2), np.sort(twice.weights))


def test_what_the_text_itself_showed_is_no_candidate() -> None:
    found = preferences([np.array([3, 7, 3, 7])], Table(0), width=1, candidates=VOCABULARY)
    after_three = found.pairs.tokens[found.pairs.contexts == 3].tolist()
    assert 7 in after_three  # at its first place it had not been shown
    first_only = preferences([np.array([3, 7])], Table(0), width=1, candidates=VOCABULARY)
    assert found.pairs.occurrences == 3 * VOCABULARY - 1
    assert len(first_only.pairs) == VOCABULARY


@pytest.mark.parametrize("width", [1, 2])
def test_contexts_are_those_before_the_candidates(width: int) -> None:
    found = preferences([np.array([3, 7, 9, 4])], Table(0), width=width, candidates=2)  # type: ignore[arg-type]
    expected = {3, 7, 9} if width == 1 else {7 | 3 << 32, 9 | 7 << 32}
    assert set(found.pairs.contexts.tolist()) == expected


def test_models_of_other_vocabularies_and_texts_without_a_context_are_refused() -> None:
    with pytest.raises(UsageError, match="vocabularies of 40 and 30"):
        preferences([np.array([3, 7])], Table(0), width=1, reference=Table(0, 30))
    with pytest.raises(UsageError, match="no text"):
        preferences([np.array([3])], Table(0), width=2)
