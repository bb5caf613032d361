import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import RefusedByPolicy, UsageError
from stillwatch.forensics.watermark.pairs import Pairs, distinct_pairs

texts = st.lists(st.lists(st.integers(0, 4), max_size=12), max_size=4)


def naive(texts: list[list[int]], prompts: list[list[int]], width: int) -> list[tuple[tuple[int, ...], int]]:
    found: dict[tuple[tuple[int, ...], int], None] = {}
    for text, prompt in zip(texts, prompts, strict=True):
        whole = prompt + text
        shown = {(tuple(prompt[i - width : i]), prompt[i]) for i in range(width, len(prompt))}
        for i in range(max(width, len(prompt)), len(whole)):
            pair = (tuple(whole[i - width : i]), whole[i])
            if pair not in shown:
                found[pair] = None
    return list(found)


def as_tuples(pairs: Pairs, width: int) -> list[tuple[tuple[int, ...], int]]:
    words = [(int(c) & 0xFFFFFFFF,) if width == 1 else (int(c) >> 32, int(c) & 0xFFFFFFFF) for c in pairs.contexts]
    return list(zip(words, pairs.tokens.tolist(), strict=True))


@given(texts, st.data(), st.sampled_from([1, 2]))
def test_pairs_are_those_of_the_naive_reading_in_order_of_appearance(
    texts: list[list[int]], data: st.DataObject, width: int
) -> None:
    prompts = [data.draw(st.lists(st.integers(0, 4), max_size=5)) for _ in texts]
    arrays, prompt_arrays = ([np.array(each, np.int64) for each in group] for group in (texts, prompts))
    found = distinct_pairs(arrays, width=width, prompts=prompt_arrays)  # type: ignore[arg-type]
    assert as_tuples(found, width) == naive(texts, prompts, width)
    assert as_tuples(distinct_pairs(arrays, width=width), width) == naive(texts, [[] for _ in texts], width)  # type: ignore[arg-type]


def test_raw_occurrences_are_refused() -> None:
    with pytest.raises(RefusedByPolicy, match="1 of 3 pairs"):
        Pairs(np.array([1, 2, 1], np.uint64), np.array([5, 5, 5], np.uint64), 3)


def test_a_text_without_its_prompt_is_refused() -> None:
    with pytest.raises(UsageError, match="1 prompts for 2 texts"):
        distinct_pairs([np.arange(3), np.arange(3)], width=1, prompts=[np.arange(2)])


def test_grouping_sorts_by_context() -> None:
    pairs = distinct_pairs([np.array([3, 1, 3, 2, 3, 1, 9])], width=1)
    grouped = pairs.grouped
    rebuilt = set(zip(grouped.contexts[grouped.owners].tolist(), grouped.tokens.tolist(), strict=True))
    assert rebuilt == set(zip(pairs.contexts.tolist(), pairs.tokens.tolist(), strict=True))
    assert (pairs.tokens[grouped.order] == grouped.tokens).all()
    assert (np.diff(grouped.owners) >= 0).all()
