"""Canonical JSON: the RFC's own samples, one form per value, and what has none."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.sharing.signatures.canonical import DEEPEST, NotCanonical, canonical

INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: not 2**53 <= abs(x) < 1e21)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | FLOATS | TEXT,
    lambda v: st.lists(v, max_size=4) | st.dictionaries(TEXT, v, max_size=4),
    max_leaves=12,
)


def test_the_sample_of_rfc_8785() -> None:
    sample = """{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/", "literals": [null, true, false]}"""
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical(json.loads(sample)).decode() == expected


def test_names_are_sorted_by_utf_16_units_as_rfc_8785_section_3_2_3_has_it() -> None:
    names = ["€", "\r", "\ufb33", "1", "\U0001f600", "\x80", "ö"]
    in_order = ["\r", "1", "\x80", "ö", "€", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(names, 0)))) == in_order


@given(JSON_VALUES)
def test_canonical_form_is_read_back_and_stays(value: Any) -> None:
    once = canonical(value)
    assert canonical(json.loads(once)) == once
    assert canonical(msgspec.json.decode(once)) == once


def nested(levels: int) -> Any:
    value: Any = "synthetic"
    for _ in range(levels):
        value = [value]
    return value


def test_depth_is_bounded() -> None:
    assert canonical(nested(DEEPEST)).startswith(b"[" * DEEPEST)
    for levels in (DEEPEST + 1, 100_000):
        with pytest.raises(NotCanonical, match="levels deep"):
            canonical(nested(levels))


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        2**53,
        -(2**53),
        10**5000,
        float(2**53),
        -1e20,
        "\ud800",
        {"\udfff": 1},
        {1: "a"},
        {("a",): 1},
        {"a": b"bytes"},
        {"a": {1, 2}},
        object(),
    ],
    ids=lambda value: repr(value)[:20] if not isinstance(value, int) else "integer",
)
def test_what_has_no_canonical_form(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)
