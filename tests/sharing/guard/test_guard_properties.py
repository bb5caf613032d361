"""Properties: what the guard released it releases again unchanged, and every policy gives a value that passes it again."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.sharing.guard.coarse import Day, PowerOfTen, Rounded
from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.guard.policy import Policy
from stillwatch.sharing.guard.profile import profile
from stillwatch.sharing.guard.profile_text import SHIPPED
from stillwatch.sharing.guard.report import DROPPED, Report
from tests.sharing.guard.catalogues import hostile_texts, legitimate_texts

words = st.sampled_from([*legitimate_texts(), *hostile_texts(), "Pool", "all providers", "block them", "", "x"]) | st.text(
    max_size=30
)
numbers = st.integers(-5, 10**17) | st.floats()
times = st.datetimes().map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:23] + "Z")
scalars = words | numbers | times | st.booleans() | st.none()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8
)


@st.composite
def objects(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """An object of a type that the profile allows, with values of every kind in fields that it has and in others."""
    chosen = profile(name)
    kind = draw(st.sampled_from(sorted(chosen.objects)))
    known = sorted(chosen.objects[kind].fields.policies)
    fields = draw(st.dictionaries(st.sampled_from(known) | st.text(max_size=6), values, max_size=6))
    return {**fields, "type": kind, "id": f"{kind}--1c9e5a0e-7b1f-4d2c-9a44-1f0f6b5f2d11"}


@settings(max_examples=150)
@given(st.data(), st.sampled_from(SHIPPED))
def test_what_was_released_is_released_again_unchanged(data: st.DataObject, name: str) -> None:
    guard = Guard(name)
    left = guard.examine(data.draw(objects(name))).object
    if left is not None:
        again = guard.examine(left)
        assert (again.verdict, again.object) == ("released", left), again.against


@settings(max_examples=40)
@given(st.lists(words, min_size=2, max_size=12))
def test_what_was_released_of_a_bundle_is_released_again_unchanged(texts: list[str]) -> None:
    guard = Guard()
    left = [
        ruling.object for ruling in guard.examine_bundle([{"type": "campaign", "name": text, "labels": [text]} for text in texts])
    ]
    kept = [thing for thing in left if thing is not None]
    assert [ruling.object for ruling in guard.examine_bundle(kept)] == kept
    assert all(ruling.verdict == "released" for ruling in guard.examine_bundle(kept))


@given(numbers | times, st.sampled_from([PowerOfTen(), PowerOfTen(1000), Rounded(0), Rounded(1), Day(), Day(up=True)]))
def test_a_coarse_value_stays_as_it_is(value: Any, policy: Policy) -> None:
    report = Report(lambda text: [])
    coarse = policy.apply(value, "x", report)
    if coarse is not DROPPED:
        again = Report(lambda text: [])
        assert policy.apply(coarse, "x", again) == coarse and not again.changed
