"""Distinct pairs of a context and the token that followed it: what a watermark test may count.

Rules
- A pair counts once, however often a text repeats it. The key decides once for each pair, so repetitions are no further evidence:
  counting them multiplies one accident of the key, and a z-score over them accuses far more often than it says.
- ``Pairs`` refuses repeated pairs, so no test can be given raw occurrences.
- A pair that stands in a text's own prompt is not counted for that text: whoever repeats what it was shown proves nothing.

>>> found = distinct_pairs([np.array([1, 2, 3, 1, 2, 3])], width=1)
>>> len(found), found.occurrences
(3, 5)
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from stillwatch.errors import RefusedByPolicy, UsageError
from stillwatch.forensics.watermark.contexts import Tokens, Width, contexts
from stillwatch.forensics.watermark.keyed_hash import Words

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Grouped:
    """Pairs sorted by context for the kernels: pair i is ``contexts[owners[i]]``, ``tokens[i]``; ``order`` sorted them."""

    contexts: Words
    owners: npt.NDArray[np.int64]
    tokens: Words
    order: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Pairs in order of first appearance, shapes (n,), from so many ``occurrences``. Raises RefusedByPolicy if one repeats."""

    contexts: Words
    tokens: Words
    occurrences: int
    grouped: Grouped = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Group, and refuse repetitions."""
        grouped = _group(self.contexts, self.tokens)
        repeated = int(((np.diff(grouped.owners) == 0) & (np.diff(grouped.tokens) == 0)).sum())
        if repeated:
            raise RefusedByPolicy(
                f"{repeated} of {len(self)} pairs of context and token are repetitions; counting them makes no evidence",
                place="watermark test",
                cure="take the pairs from distinct_pairs(), which counts each once",
            )
        object.__setattr__(self, "grouped", grouped)

    def __len__(self) -> int:
        return len(self.tokens)

    def where(self, kept: npt.NDArray[np.bool_]) -> "Pairs":
        """The pairs for which ``kept``, shape (n,), is true."""
        return Pairs(self.contexts[kept], self.tokens[kept], self.occurrences)


def distinct_pairs(texts: Sequence[Tokens], *, width: Width, prompts: Sequence[Tokens] | None = None) -> Pairs:
    """The pairs of some texts (arrays of token ids, ids of the marked model's tokeniser), each once.

    With ``prompts``, one for each text, the first tokens of a text have the end of its prompt as their context.
    Raises UsageError if there are not as many prompts as texts.
    """
    if prompts is not None and len(prompts) != len(texts):
        raise UsageError(f"{len(prompts)} prompts for {len(texts)} texts", place="watermark test", cure="give one for each text")
    parts = [_pairs_of(text, prompts[i] if prompts is not None else None, width) for i, text in enumerate(texts)]
    if not parts:
        return Pairs(np.empty(0, np.uint64), np.empty(0, np.uint64), 0)
    all_contexts, all_tokens = (np.concatenate(column) for column in zip(*parts, strict=True))
    first = first_appearances(all_contexts, all_tokens)
    return Pairs(all_contexts[first], all_tokens[first], len(all_tokens))


def contexts_within(texts: Sequence[Tokens], prompts: Sequence[Tokens], *, width: Width) -> Words:
    """The distinct contexts of all tokens of some texts, each after its prompt, ascending."""
    parts = [
        contexts(np.concatenate([prompt, text]), width=width)[max(0, len(prompt) - width) :]
        for prompt, text in zip(prompts, texts, strict=True)
    ]
    return np.unique(np.concatenate(parts)) if parts else np.empty(0, np.uint64)


def first_appearances(words: Words, tokens: Words) -> npt.NDArray[np.int64]:
    """Indices of the first appearance of every distinct pair, ascending."""
    joint = joint_numbers(words, tokens)
    return np.sort(np.unique(joint, return_index=True)[1])


def _pairs_of(text: Tokens, prompt: Tokens | None, width: Width) -> tuple[Words, Words]:
    """Contexts and tokens of one text, without those that its prompt shows."""
    text = np.asarray(text, np.int64)
    if prompt is None or not len(prompt):
        return contexts(text, width=width), text[width:].astype(np.uint64)
    prompt = np.asarray(prompt, np.int64)
    whole = np.concatenate([prompt, text])
    words, tokens = contexts(whole, width=width), whole[width:].astype(np.uint64)
    in_prompt = max(0, len(prompt) - width)
    joint = joint_numbers(words, tokens)
    new = ~np.isin(joint[in_prompt:], joint[:in_prompt])
    return words[in_prompt:][new], tokens[in_prompt:][new]


def joint_numbers(words: Words, tokens: Words) -> Words:
    """One number for each pair, equal where context and token are equal."""
    places = np.unique(words, return_inverse=True)[1].astype(np.uint64)
    return (places << np.uint64(32)) | tokens


def _group(words: Words, tokens: Words) -> Grouped:
    order = np.lexsort((tokens, words))
    unique, owners = np.unique(words[order], return_inverse=True)
    return Grouped(unique, owners.astype(np.int64), tokens[order], order)
