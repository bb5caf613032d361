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


def test_weights_are_how_much_oftener_the_suspect_expects_a_token() -> None:
    suspect, reference = Table(0), Table(1)
    texts = [np.array([3, 7]), np.array([3, 9]), np.array([3, 5])]
    found = preferences(texts, suspect, width=1, reference=reference, candidates=VOCABULARY)
    m, r = (3 * np.exp(model.log[3].astype(float)) for model in (suspect, reference))
    weights = dict(zip(found.pairs.tokens.tolist(), found.weights.tolist(), strict=True))
    np.testing.assert_allclose([weights[token] for token in range(VOCABULARY)], (m - r) / np.sqrt(m + r + 0.1), atol=1e-5)
    assert set(found.pairs.contexts.tolist()) == {3}
    assert found.pairs.occurrences == 3 * VOCABULARY


def test_without_a_reference_certain_and_unlikely_tokens_weigh_little() -> None:
    suspect = Table(0)
    found = preferences([np.array([3, 7]), np.array([3, 9])], suspect, width=1, candidates=5)
    p = np.exp(suspect.log[3].astype(float))
    weights = dict(zip(found.pairs.tokens.tolist(), found.weights.tolist(), strict=True))
    assert set(weights) == set(np.argsort(-suspect.log[3])[:5].tolist())
    for token, weight in weights.items():
        assert weight == pytest.approx(1 - np.exp(-2 * p[token] * (1 - p[token])), abs=1e-5)


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
