"""A campaign becomes STIX objects and comes back the same; every object holds before the standard's own tools."""

import json
from collections.abc import Mapping
from typing import Any

import jsonschema
import msgspec
import pytest
import stix2
from hypothesis import given, settings
from stix2validator import ValidationOptions, validate_instance

from stillwatch.campaigns.campaign import Scaffold
from stillwatch.errors import NoReadableInput
from stillwatch.sharing.stix.bundle import assembled, encoded
from stillwatch.sharing.stix.definitions import constants, definition, schema
from stillwatch.sharing.stix.disclosure import Disclosure, from_campaign
from stillwatch.sharing.stix.extensions import EXTENSIONS, CampaignFigures, extension_id
from stillwatch.sharing.stix.objects import Object, as_json, decode
from stillwatch.sharing.stix.reading import disclosures as read
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.tlp import TLP
from stillwatch.sharing.stix.views import View, note, opinion
from stillwatch.sharing.stix.writing import objects_of
from tests.sharing.stix.disclosed import NOW, PROVIDER, TERMS, campaign, disclosure, disclosures

OPTIONS = ValidationOptions(version="2.1")


def travelled(objects: list[Object]) -> list[Object]:
    """The objects as a receiver decodes them."""
    return [decode(msgspec.json.encode(as_json(thing))) for thing in objects]


def assert_standard(thing: Mapping[str, Any]) -> None:
    stix2.parse(dict(thing), allow_custom=False)
    result = validate_instance(dict(thing), OPTIONS)
    assert result.is_valid, [str(error) for error in result.errors]


@given(disclosures())
def test_every_disclosure_comes_back_as_it_was(told: Disclosure) -> None:
    assert read(travelled(objects_of(told, TERMS))) == [told]


@settings(max_examples=8)
@given(disclosures())
def test_every_object_is_standard_to_the_oracles(told: Disclosure) -> None:
    bundle = assembled([as_json(thing) for thing in objects_of(told, TERMS)])
    for thing in bundle["objects"]:
        assert_standard(thing)
    stix2.parse(encoded(bundle).decode(), allow_custom=False)


@pytest.mark.parametrize("name", constants())
def test_every_constant_is_standard(name: str) -> None:
    assert_standard(constants()[name])


def test_a_campaign_of_a_scan_keeps_its_id_and_figures() -> None:
    told = disclosure()
    assert (told.campaign, told.figures.requests, told.figures.accounts) == (campaign().id, 41_234, 212)
    assert [use.technique for use in told.figures.techniques] == ["SW-T05", "SW-T08"]
    assert told.scaffolds[0].samples == ("0011223344556677", "8899aabbccddeeff")


def test_nothing_of_accounts_or_sentences_is_told() -> None:
    text = encoded(assembled([as_json(thing) for thing in objects_of(disclosure(), TERMS)])).decode()
    assert "synthetic-1" not in text and "12 accounts pay" not in text and "No reseller" not in text


def test_descriptions_hold_orders_of_magnitude_only() -> None:
    things = [as_json(thing) for thing in objects_of(disclosure(), TERMS)]
    described = next(thing["description"] for thing in things if thing["type"] == "campaign")
    assert "severity high" in described and "10^2 accounts" in described and "10^5 requests" in described
    assert "41234" not in described and "212" not in described and "03:10" not in described


def test_the_same_is_said_under_the_same_ids() -> None:
    first, later = objects_of(disclosure(), TERMS), objects_of(disclosure(), Terms(PROVIDER, TLP.GREEN, NOW))
    assert [thing.id for thing in first] == [thing.id for thing in later]
    assert len({thing.id for thing in first}) == len(first)


def test_a_later_version_keeps_when_it_was_first_said() -> None:
    earlier = NOW.replace(day=1)
    terms = Terms(PROVIDER, TLP.AMBER, NOW, created={campaign().id: earlier})
    said = next(thing for thing in objects_of(disclosure(), terms) if thing.id == campaign().id)
    assert (said.created, said.modified) == (earlier, NOW)  # type: ignore[union-attr]


def test_observables_have_the_ids_that_the_standard_gives_them() -> None:
    for thing in map(as_json, objects_of(disclosure(), TERMS)):
        if "created" not in thing and thing["type"] != "marking-definition":
            without = {name: value for name, value in thing.items() if name != "id"}
            assert stix2.parse(without)["id"] == thing["id"]


def test_without_attribution_nobody_is_named() -> None:
    text = json.dumps([as_json(thing) for thing in objects_of(disclosure(), Terms(None, TLP.AMBER, NOW))])
    assert PROVIDER.id not in text and PROVIDER.name not in text


def test_every_object_bears_a_tlp_marking_and_an_exchange_policy() -> None:
    for thing in map(as_json, objects_of(disclosure(), TERMS)):
        if thing["type"] not in ("identity", "attack-pattern"):
            assert thing["object_marking_refs"] == list(TERMS.markings())
    held = {thing["id"] for thing in assembled([as_json(thing) for thing in objects_of(disclosure(), TERMS)])["objects"]}
    assert {*TERMS.markings(), "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"} <= held


def test_a_result_that_no_scan_wrote_is_refused_with_the_place() -> None:
    with pytest.raises(NoReadableInput, match="not as a scan writes it"):
        from_campaign(msgspec.structs.replace(campaign(), severity="enormous"))
    with pytest.raises(NoReadableInput, match="no scaffold fingerprint"):
        from_campaign(msgspec.structs.replace(campaign(), scaffolds=[Scaffold("swf9:00", 0.1, 2)]))


@pytest.mark.parametrize("name", EXTENSIONS)
def test_extensions_have_no_field_for_joint_action_or_country(name: str) -> None:
    text = json.dumps(schema(name)).lower()
    assert not [word for word in ("country", "nationality", "block", "ban", "jointly", "together we") if f'"{word}' in text]


@given(disclosures())
def test_the_figures_fit_the_published_schema(told: Disclosure) -> None:
    value = json.loads(msgspec.json.encode(told.figures))
    jsonschema.validate(value, schema("campaign"))
    for scaffold in told.scaffolds:
        jsonschema.validate(json.loads(msgspec.json.encode(scaffold)), schema("scaffold"))


@pytest.mark.parametrize("view", View)
def test_views_are_standard_opinions_and_come_back(view: View) -> None:
    said = opinion(view, campaign().id, TERMS, "synthetic")
    assert_standard(as_json(said))
    assert View.of(said.opinion) is view
    assert said.id == opinion(View.AGREE, campaign().id, TERMS).id, "changing one's mind is a later version"


def test_notes_are_standard() -> None:
    assert_standard(as_json(note("A synthetic remark.", [campaign().id], TERMS)))


def test_a_definition_carries_its_schema() -> None:
    assert json.loads(definition("campaign").schema) == json.loads(msgspec.json.encode(schema("campaign")))
    assert definition("campaign").id == extension_id("campaign")
    assert CampaignFigures().techniques == ()
