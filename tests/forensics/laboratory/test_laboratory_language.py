import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.forensics.language import TOPICS, Author, all_words, ask, words_of
from benchmarks.forensics.vocabulary import BREAK, END, UNKNOWN, decode, encode, pieces, size


def test_words_belong_to_one_class_and_texts_to_the_language() -> None:
    assert len(set(all_words())) == len(all_words()) == size() - 4
    assert not set(words_of("N")) & set(words_of("V"))
    generator = np.random.default_rng(0)
    for _ in range(50):
        question = ask(generator)
        answer = Author.drawn(1).answer(question, generator)
        assert UNKNOWN not in encode(f"{question.text}\n{answer}")
        assert 0 <= question.topic < TOPICS


def test_seeds_fix_texts_and_authors_differ() -> None:
    first, again = (ask(np.random.default_rng(5)) for _ in range(2))
    assert first == again
    one, other = (Author.drawn(seed).answer(first, np.random.default_rng(0)) for seed in (1, 2))
    assert one != other


@given(st.lists(st.sampled_from(all_words()), max_size=20))
def test_tokens_give_the_text_back(words: list[str]) -> None:
    text = " ".join(words)
    assert decode([*encode(text), END, 9]) == text


@given(st.text(max_size=60))
def test_pieces_stand_where_they_begin_whatever_the_text(text: str) -> None:
    found = pieces(text)
    starts = [piece.start for piece in found]
    assert starts == sorted(starts)
    assert all(0 <= start < len(text) for start in starts)


def test_a_break_is_a_token_and_what_is_after_it_begins_there() -> None:
    text = "how ?\nthe N"
    assert [piece.start for piece in pieces(text)] == [0, 3, 5, 6, 9]
    assert encode(text)[2] == BREAK


def test_the_exhibit_s_tokeniser_agrees() -> None:
    tokenizers = pytest.importorskip("tokenizers", reason="an optional package of those who test watermarks")
    pytest.importorskip("torch", reason="torch is an optional extra of the laboratory")
    from benchmarks.forensics.exhibit import tokenizer_document

    tokenizer = tokenizers.Tokenizer.from_str(json.dumps(tokenizer_document()))
    generator = np.random.default_rng(0)
    for _ in range(20):
        text = Author.drawn(1).answer(ask(generator), generator) + "\nXyzzy it's."
        assert tokenizer.encode(text).ids == encode(text)
