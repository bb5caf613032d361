"""Scaffold fingerprints: test vectors, the winnowing guarantee, and the fast kernel against a naive one."""

import json
import unicodedata
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.traffic.fingerprint import BASE, GRAM, WINDOW, sketch, sketches
from stillwatch.traffic.normal_form import _SETTLED, normal_form

VECTORS = json.loads((Path(__file__).parents[2] / "docs" / "fingerprint-vectors.json").read_text("utf-8"))
_MASK = 2**64 - 1


def naive_hash(symbols: list[int]) -> int:
    h = 0
    for symbol in symbols:
        h = (h * BASE + symbol) & _MASK
    h ^= h >> 33
    h = h * 0xFF51AFD7ED558CCD & _MASK
    h ^= h >> 33
    h = h * 0xC4CEB9FE1A85EC53 & _MASK
    return h ^ (h >> 33)


def naive_normal_form(text: str) -> bytes:
    """The rules of docs/fingerprints.md, one character at a time."""
    out: list[str] = []
    for char in unicodedata.normalize("NFKC", text):
        code = ord(char)
        ascii_separator = code < 128 and not char.isalnum()
        if ascii_separator or 0x80 <= code <= 0xBF or 0x2000 <= code <= 0x206F or 0x3000 <= code <= 0x303F:
            out.append(" ")
        elif code < 128 and char.isdigit():
            out.append("0")
        else:
            out.append(char.lower() if code < 128 else char)
    joined = "".join(out)
    while "  " in joined:
        joined = joined.replace("  ", " ")
    while "00" in joined:
        joined = joined.replace("00", "0")
    return joined.strip(" ").encode("utf-8")


def naive_symbols(text: bytes) -> list[int]:
    out = []
    for code in map(ord, text.decode("utf-8")):
        wide = 0x2E80 <= code <= 0x9FFF or 0xAC00 <= code <= 0xD7AF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x3FFFF
        out += [code, code | 1 << 22, code | 2 << 22] if wide else [code]
    return out


def naive_sketch(text: str) -> set[int]:
    data = naive_symbols(naive_normal_form(text))
    if len(data) <= GRAM:
        return {naive_hash(data)} if data else set()
    hashes = [naive_hash(data[i : i + GRAM]) for i in range(len(data) - GRAM + 1)]
    width = min(WINDOW, len(hashes))
    return {min(hashes[i : i + width]) for i in range(len(hashes) - width + 1)}


# NFKC is stable for assigned characters only (UAX #15, section 3): libraries differ over those of later Unicode versions.
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cn", "Cs")), max_size=400)


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["name"])
def test_published_vectors(vector: dict[str, object]) -> None:
    text = str(vector["text"])
    assert normal_form(text).decode("utf-8") == vector["normal_form"]
    assert [f"{sample:016x}" for sample in sorted(sketch(text))] == vector["samples"]


@given(texts)
@settings(max_examples=300)
def test_kernel_equals_the_naive_reading_of_the_rules(text: str) -> None:
    assert normal_form(text) == naive_normal_form(text)
    assert sketch(text) == naive_sketch(text)


@given(st.lists(texts, max_size=20))
@settings(max_examples=50)
def test_a_batch_gives_what_its_texts_give_alone(batch: list[str]) -> None:
    found = sketches(pa.array(batch, pa.string())).samples
    assert [frozenset(row) for row in found.to_pylist()] == [sketch(text) for text in batch]


@given(st.binary(min_size=GRAM + WINDOW, max_size=200), texts, texts)
@settings(max_examples=100)
def test_a_long_shared_passage_always_gives_a_common_sample(passage: bytes, before: str, after: str) -> None:
    shared = "".join(chr(ord("a") + byte % 26) for byte in passage)
    assert sketch(shared) & sketch(f"{before} {shared} {after}")


def test_nulls_and_slices_are_met() -> None:
    batch = pa.array(["left out", None, "Kept: the first text of the slice.", ""])[1:]
    found = sketches(batch)
    assert found.samples.to_pylist()[0] == []
    assert frozenset(found.samples.to_pylist()[1]) == sketch("kept the first text of the slice")
    assert found.whole[2] == 0


def test_what_is_taken_for_its_own_compatible_form_is() -> None:
    pairs = [unicodedata.decomposition(chr(code)).split() for code in range(0x110000)]
    composed_with = {int(pair[1], 16) for pair in pairs if len(pair) == 2 and not pair[0].startswith("<")}
    for code in np.flatnonzero(_SETTLED):
        char = chr(code)
        if unicodedata.category(char) != "Cn":
            assert unicodedata.normalize("NFKC", char) == char or 0xFF01 <= code <= 0xFF5E, hex(code)
            assert unicodedata.combining(char) in (0, 9), hex(code)
            assert code not in composed_with, hex(code)
