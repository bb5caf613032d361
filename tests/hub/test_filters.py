"""Filters: read strictly, bounded, and round trips of cursors and times."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.hub import timestamps
from stillwatch.hub.taxii.filters import (
    LARGEST_PAGE,
    OBJECT,
    OBJECTS,
    VERSIONS,
    FilterError,
    VersionMatch,
    cursor,
    read_cursor,
    read_filter,
)

DATE = "2026-01-01T00:00:00Z"


def test_nothing_asked() -> None:
    asked = read_filter("", OBJECTS)
    assert asked.after is None and asked.ids is None and asked.version == VersionMatch()


@pytest.mark.parametrize(
    ("query", "match"),
    [
        ("match[version]=last", VersionMatch()),
        ("match[version]=first", VersionMatch(last=False, first=True)),
        ("match[version]=all", VersionMatch(last=False, every=True)),
        ("match[version]=first,last", VersionMatch(first=True)),
        (f"match%5Bversion%5D={DATE},last", VersionMatch(keys=("2026-01-01T00:00:00.000000000",))),
        (f"match[version]={DATE}", VersionMatch(last=False, keys=("2026-01-01T00:00:00.000000000",))),
    ],
)
def test_versions(query: str, match: VersionMatch) -> None:
    assert read_filter(query, OBJECTS).version == match


def test_alternatives_are_listed_once() -> None:
    asked = read_filter("match[type]=a,b,a&match[spec_version]=2.0,2.1&match[id]=x--1", OBJECTS)
    assert (asked.types, asked.spec_versions, asked.ids) == (("a", "b"), ("2.0", "2.1"), ("x--1",))


@pytest.mark.parametrize("limit", ["1", "1000", "1001", "99999999999999999999"])
def test_a_page_is_never_larger_than_the_bound(limit: str) -> None:
    assert read_filter(f"limit={limit}", OBJECTS).limit == min(int(limit), LARGEST_PAGE)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=-1", "limit=", "limit=ten", "limit=1.5", "limit=%D9%A1", "limit=+5", "limit=1&limit=2",
        "added_after=", "added_after=yesterday", "added_after=2026-01-01", "added_after=2026-13-01T00:00:00Z",
        "added_after=2026-01-01T00:00:00", "added_after=0000-01-01T00:00:00Z", "added_after=9999-12-31T23:59:59-14:00",
        f"added_after={DATE}&added_after={DATE}",
        "next=", "next=abc", "next=AQAGYQYp0UVq=", "next=%FF", "next=AAAGYQYp0UVq",
        "match[version]=", "match[version]=all,last", "match[version]=newest", "match[version]=last,,first", "match[version]=2026",
        "match[spec_version]=", "match[spec_version]=2", "match[spec_version]=2.1,x", "match[spec_version]=21.",
        "match[type]=", "match[type]=a,", "match[type]=a&match[type]=b", "match[id]=a%00b",
        "match[name]=x", "match[]=x", "match[id", "match[id]=" + ",".join(map(str, range(501))), "match[id]=" + "x" * 401,
        "a=" + "&a=" * 300, "match[type]=%ff",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_an_error(query: str) -> None:
    with pytest.raises(FilterError):
        read_filter(query, OBJECTS)


def test_each_end_point_matches_its_own_fields() -> None:
    with pytest.raises(FilterError, match=r"match\[type\]"):
        read_filter("match[type]=indicator", OBJECT)
    with pytest.raises(FilterError, match=r"match\[version\]"):
        read_filter("match[version]=all", VERSIONS)


def test_other_parameters_are_passed_over() -> None:
    assert read_filter("foo=bar&foo=baz&_=1", OBJECTS) == read_filter("", OBJECTS)


def test_a_plus_that_became_a_blank() -> None:
    assert read_filter("added_after=2026-01-01T01:00:00+01:00", OBJECTS).added_after == timestamps.read(DATE)


@given(st.integers(-(2**63), 2**63 - 1))
def test_cursors_round_trip(number: int) -> None:
    assert read_cursor(cursor(number)) == number


@given(st.text(max_size=20))
def test_no_other_text_is_a_cursor(text: str) -> None:
    with contextlib.suppress(FilterError):
        assert cursor(read_cursor(text)) == text


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)))
def test_times_round_trip(moment: datetime) -> None:
    microseconds = timestamps.microseconds(moment)
    assert timestamps.read(timestamps.written(microseconds)) == microseconds
    assert timestamps.moment(microseconds) == moment


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_version_keys_sort_as_times_do(one: int, other: int) -> None:
    texts = [f"2026-01-01T00:00:{value // 10**11:02d}.{value % 10**11:011d}Z" for value in (one, other)]
    keys = [timestamps.version_key(text) for text in texts]
    assert (keys[0] < keys[1]) == (one < other) and (keys[0] == keys[1]) == (one == other)


@pytest.mark.parametrize(
    "texts", [("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000000Z"), ("2026-01-01t00:00:00.5z", "2026-01-01T01:00:00.50+01:00")]
)
def test_the_same_time_has_one_key(texts: tuple[str, str]) -> None:
    assert timestamps.version_key(texts[0]) == timestamps.version_key(texts[1])
