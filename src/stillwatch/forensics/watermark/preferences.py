"""What open weights prefer: at the contexts of some texts, which next tokens does the suspect like more than it should?

Rules
- Candidates at a place are the ``CANDIDATES`` likeliest next tokens, suspect and reference together. A token that already followed
  the same context earlier in the same text is none: it may be a copy of what the suspect was just shown.
- With a reference model (of the same tokeniser, never trained on marked text) a candidate's weight is the root of its probability
  times tanh of the log ratio of suspect to reference, centred over the place: what any model would expect falls out, and no single
  token decides. Without one it is p(1 − p) for the suspect's p, centred, which is weaker.
- A pair that occurs at many places counts once, with the sum of its weights by the root of their number.
- Nothing here knows the key, so the null hypothesis of ``redraw`` and of the exact test holds whatever the models are.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from stillwatch.errors import UsageError
from stillwatch.forensics.watermark.contexts import Tokens, Width, contexts
from stillwatch.forensics.watermark.keyed_hash import Words
from stillwatch.forensics.watermark.pairs import Pairs, Scores, joint_numbers

CANDIDATES = 16
_LEAST_LOG = -30.0
"""Log-probabilities are cut here, so that −inf of both models is no difference."""

LogProbabilities = npt.NDArray[np.float32]


class NextToken(Protocol):
    """A model with open weights: natural log-probabilities of the token after each position."""

    def __call__(self, tokens: Tokens) -> LogProbabilities:
        """For one text of ids (length,), return (length, vocabulary)."""


class Preferences(NamedTuple):
    """Distinct pairs and their weights, shape (n,): above 0 where the suspect likes the token more than it should."""

    pairs: Pairs
    weights: Scores


class _Place(NamedTuple):
    """The candidates of every place of one text: arrays of shape (places · candidates,)."""

    words: Words
    tokens: Words
    weights: Scores


def preferences(
    texts: Iterable[Tokens], suspect: NextToken, *, width: Width, reference: NextToken | None = None, candidates: int = CANDIDATES
) -> Preferences:
    """Read the suspect (and the reference) at every context of ``texts``, arrays of token ids of the marked model's tokeniser.

    The suspect's own answers are the best texts, for there it is most itself; marked texts are none, for they follow the key.
    Raises UsageError if the two models have vocabularies of different size, or if there is no text long enough for a context.
    """
    parts = list(_read(texts, suspect, reference, width, candidates))
    if not parts:
        raise UsageError("no text is longer than a context", place="watermark preferences", cure="give longer texts")
    words, tokens, weights = (np.concatenate(column) for column in zip(*parts, strict=True))
    _, first, pair_of = np.unique(joint_numbers(words, tokens), return_index=True, return_inverse=True)
    joined = np.bincount(pair_of, weights) / np.sqrt(np.bincount(pair_of))
    order = np.argsort(first)
    first = first[order]
    return Preferences(Pairs(words[first], tokens[first], len(tokens)), joined[order])


def _read(
    texts: Iterable[Tokens], suspect: NextToken, reference: NextToken | None, width: Width, candidates: int
) -> Iterator[_Place]:
    for text in texts:
        ids = np.asarray(text, np.int64)
        if len(ids) > width:
            ours = suspect(ids[:-1])
            theirs = None if reference is None else reference(ids[:-1])
            if theirs is not None and theirs.shape != ours.shape:
                raise UsageError(
                    f"suspect and reference have vocabularies of {ours.shape[1]} and {theirs.shape[1]} tokens",
                    place="watermark preferences",
                    cure="take a reference with the suspect's tokeniser, or none",
                )
            yield _candidates(ids, ours, theirs, width, candidates)


def _candidates(ids: Tokens, ours: LogProbabilities, theirs: LogProbabilities | None, width: Width, candidates: int) -> _Place:
    words = contexts(ids, width=width)
    ours = ours[width - 1 :]
    theirs = None if theirs is None else theirs[width - 1 :]
    chances: LogProbabilities = np.exp(ours if theirs is None else np.logaddexp(ours, theirs) - np.float32(np.log(2)))
    size = min(candidates, chances.shape[1])
    tokens = np.argpartition(chances, chances.shape[1] - size, axis=1)[:, -size:]
    of_theirs = None if theirs is None else np.take_along_axis(theirs, tokens, axis=1)
    weights = _weights(np.take_along_axis(chances, tokens, axis=1), np.take_along_axis(ours, tokens, axis=1), of_theirs)
    repeated, flat = np.repeat(words, size), tokens.ravel().astype(np.uint64)
    new = ~_shown_before(words, ids[width:].astype(np.uint64), repeated, flat, size)
    return _Place(repeated[new], flat[new], weights.ravel()[new])


def _weights(chances: LogProbabilities, ours: LogProbabilities, theirs: LogProbabilities | None) -> Scores:
    """The weight of each candidate (places, candidates), as the rules say."""
    p = chances.astype(np.float64)
    if theirs is None:
        doubt = p * (1 - p)
        centred: Scores = doubt - doubt.mean(axis=1, keepdims=True)
        return centred
    leaning = np.tanh(np.maximum(ours, _LEAST_LOG).astype(np.float64) - np.maximum(theirs, _LEAST_LOG))
    weighted: Scores = np.sqrt(p) * (leaning - (p * leaning).sum(axis=1, keepdims=True) / p.sum(axis=1, keepdims=True))
    return weighted


def _shown_before(words: Words, followers: Words, repeated: Words, flat: Words, size: int) -> npt.NDArray[np.bool_]:
    """Which candidates followed the same context at an earlier place of the text."""
    joint = joint_numbers(np.concatenate([words, repeated]), np.concatenate([followers, flat]))
    shown, first = np.unique(joint[: len(words)], return_index=True)
    asked = joint[len(words) :]
    at = np.minimum(np.searchsorted(shown, asked), len(shown) - 1)
    earlier: npt.NDArray[np.bool_] = (shown[at] == asked) & (first[at] < np.repeat(np.arange(len(words)), size))
    return earlier
