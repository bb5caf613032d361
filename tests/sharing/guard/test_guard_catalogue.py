"""The catalogues: what is hostile stays in every profile, what is legitimate passes untouched; alone, and in company."""

import json
import random
from typing import Any

import pytest

from stillwatch.sharing.guard.decodings import decodings
from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.guard.letters import folded, plain, unmasked
from stillwatch.sharing.guard.profile_text import SHIPPED
from stillwatch.sharing.stix.definitions import constants
from stillwatch.vocabulary.taxonomy import taxonomy
from tests.sharing.guard.catalogues import campaign, hostile_texts, legitimate_texts, lines, texts

PLACES = (
    lambda text: campaign(name=text),
    lambda text: campaign(description=text),
    lambda text: campaign(labels=["distillation", text]),
    lambda text: campaign(external_references=[{"source_name": "x", "description": text}]),
    lambda text: campaign(x_note={"inner": [text]}),
    lambda text: campaign(**{text: True}),
)


def every_decoding(thing: object) -> str:
    """All that can be read in an object, however it is encoded, as one text in lower case."""
    written = json.dumps(thing, ensure_ascii=False)
    read = [written, *(inner.text for inner in decodings(plain(written)))]
    return "\n".join(form.lower() for text in read for form in (text, folded(text), unmasked(folded(text))))


@pytest.mark.parametrize("profile", SHIPPED)
def test_hostile_texts_stay_wherever_they_stand(profile: str) -> None:
    guard = Guard(profile)
    for number, text in enumerate(hostile_texts()):
        if profile == "operator-only" and text in (*texts("hostile_texts")["bans"], *_COUNTS_OF_BANS):
            continue
        ruling = guard.examine(PLACES[number % len(PLACES)](text))
        left = every_decoding(ruling.object)
        assert ruling.verdict != "released", text
        assert text.lower() not in left, text
        assert (unmasked(folded(text)).strip().lower() or "?") not in left, text


_COUNTS_OF_BANS = ("We suspended 18,211 accounts last quarter.", "In the last month 9,120 accounts were banned by us.")


@pytest.mark.parametrize("profile", SHIPPED)
def test_hostile_objects_stay_or_lose_what_is_hostile(profile: str) -> None:
    guard = Guard(profile)
    for case in lines("hostile_objects"):
        if profile == "operator-only" and case["secret"] == "email:AAAA":
            continue
        ruling = guard.examine(case["object"])
        assert ruling.verdict != "released", case
        assert case["secret"].lower() not in every_decoding(ruling.object), case


@pytest.mark.parametrize("profile", SHIPPED)
def test_legitimate_texts_pass_untouched(profile: str) -> None:
    guard = Guard(profile)
    known = [text for kind in taxonomy().techniques for text in (kind.name, kind.seen, kind.summary)]
    for text in [*legitimate_texts(), *known]:
        thing = campaign(name=text[:200], description=text, labels=[text[:100]])
        ruling = guard.examine(thing)
        assert (ruling.verdict, ruling.object) == ("released", thing), (text, ruling.against)


@pytest.mark.parametrize("profile", SHIPPED)
def test_legitimate_objects_pass_untouched_together(profile: str) -> None:
    objects: list[Any] = [*lines("legitimate_objects"), *map(dict, constants().values())]
    for thing, ruling in zip(objects, Guard(profile).examine_bundle(objects), strict=True):
        assert (ruling.verdict, ruling.object) == ("released", thing), ruling.against


@pytest.mark.parametrize("seed", range(3))
def test_legitimate_texts_pass_in_any_company(seed: int) -> None:
    shuffled = legitimate_texts()
    random.Random(seed).shuffle(shuffled)
    things = [campaign(name=name[:200], description=text) for name, text in zip(shuffled[::2], shuffled[1::2], strict=False)]
    refused = [ruling.against for ruling in Guard("strict").examine_bundle(things) if ruling.verdict != "released"]
    assert len(refused) <= len(things) // 80, refused


def test_the_catalogues_are_large_enough() -> None:
    assert len(set(hostile_texts())) + len(lines("hostile_objects")) >= 150
    assert len(set(legitimate_texts())) + len(lines("legitimate_objects")) >= 150


def test_what_is_known_to_be_refused_without_need_still_is() -> None:
    for text in texts("legitimate_fourth")["refused_all_the_same"]:
        assert Guard("strict").examine(campaign(description=text)).verdict == "refused"
