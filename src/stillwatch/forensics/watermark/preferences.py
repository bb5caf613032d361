"""What open weights prefer: at the contexts of some texts, which next tokens does the suspect like more than it should?

Rules
- Candidates at a place are the ``CANDIDATES`` likeliest next tokens, suspect and reference together. A token that already followed
  the same context earlier in the same text is none: it may be a copy of what the suspect was just shown.
- Over all places of a context, a pair is expected so many times by the suspect (m, the sum of its probabilities) and the reference
  (r): its weight is (m − r) / √(m + r + 0.1), the difference in standard deviations. Sums come first, so no place decides alone.
- Without a reference (a model of the same tokeniser, never trained on marked text) the weight is 1 − exp(−Σ p(1 − p)), which is
  weaker: it leaves out only what the suspect is certain of.
- A pair counts once, and in the exact test only if its weight is at least ``COUNTED``: below, it is hardly ever said.
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
COUNTED = 0.5
"""The least weight with which a pair enters the exact test."""
_CAUTION = 0.1
"""What is added to the expected number of times, so that a pair that is hardly ever said weighs little."""

LogProbabilities = npt.NDArray[np.float32]


class NextToken(Protocol):
    """A model with open weights: natural log-probabilities of the token after each position."""

    def __call__(self, tokens: Tokens) -> LogProbabilities:
        """For one text of ids (length,), return (length, vocabulary)."""


class Preferences(NamedTuple):
    """Distinct pairs and their weights, shape (n,): the larger, the more the suspect likes the token than it should."""

    pairs: Pairs
    weights: Scores


class _Places(NamedTuple):
    """The candidates of every place of one text, shape (places · candidates,): the suspect's probabilities and the reference's."""

    words: Words
    tokens: Words
    ours: Scores
    theirs: Scores


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
    words, tokens, ours, theirs = (np.concatenate(column) for column in zip(*parts, strict=True))
    _, first, pair_of = np.unique(joint_numbers(words, tokens), return_index=True, return_inverse=True)
    weights = _uncertain(ours, pair_of) if reference is None else _excess(ours, theirs, pair_of)
    order = np.argsort(first)
    first = first[order]
    return Preferences(Pairs(words[first], tokens[first], len(tokens)), weights[order])


def _excess(ours: Scores, theirs: Scores, pair_of: npt.NDArray[np.int64]) -> Scores:
    expected, usual = np.bincount(pair_of, ours), np.bincount(pair_of, theirs)
    weights: Scores = (expected - usual) / np.sqrt(expected + usual + _CAUTION)
    return weights


def _uncertain(ours: Scores, pair_of: npt.NDArray[np.int64]) -> Scores:
    weights: Scores = -np.expm1(-np.bincount(pair_of, ours * (1 - ours)))
    return weights


def _read(
    texts: Iterable[Tokens], suspect: NextToken, reference: NextToken | None, width: Width, candidates: int
) -> Iterator[_Places]:
    for text in texts:
        ids = np.asarray(text, np.int64)
        if len(ids) > width:
            ours = suspect(ids[:-1])
            theirs = ours if reference is None else reference(ids[:-1])
            if theirs.shape != ours.shape:
                raise UsageError(
                    f"suspect and reference have vocabularies of {ours.shape[1]} and {theirs.shape[1]} tokens",
                    place="watermark preferences",
                    cure="take a reference with the suspect's tokeniser, or none",
                )
            yield _candidates(ids, ours[width - 1 :], theirs[width - 1 :], width, candidates)


def _candidates(ids: Tokens, ours: LogProbabilities, theirs: LogProbabilities, width: Width, candidates: int) -> _Places:
    words = contexts(ids, width=width)
    likeliest = np.logaddexp(ours, theirs)
    size = min(candidates, likeliest.shape[1])
    tokens = np.argpartition(likeliest, likeliest.shape[1] - size, axis=1)[:, -size:]
    repeated, flat = np.repeat(words, size), tokens.ravel().astype(np.uint64)
    new = ~_shown_before(words, ids[width:].astype(np.uint64), repeated, flat, size)
    chances = (np.exp(np.take_along_axis(each, tokens, axis=1).astype(np.float64)).ravel()[new] for each in (ours, theirs))
    return _Places(repeated[new], flat[new], *chances)


def _shown_before(words: Words, followers: Words, repeated: Words, flat: Words, size: int) -> npt.NDArray[np.bool_]:
    """Which candidates followed the same context at an earlier place of the text."""
    joint = joint_numbers(np.concatenate([words, repeated]), np.concatenate([followers, flat]))
    shown, first = np.unique(joint[: len(words)], return_index=True)
    asked = joint[len(words) :]
    at = np.minimum(np.searchsorted(shown, asked), len(shown) - 1)
    earlier: npt.NDArray[np.bool_] = (shown[at] == asked) & (first[at] < np.repeat(np.arange(len(words)), size))
    return earlier
