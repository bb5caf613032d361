"""What survives MISP: a bundle read by misp-stix into a MISP event, and the event written as STIX again."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
import stix2
from misp_stix_converter import ExternalSTIX2toMISPParser, MISPtoSTIX21Parser

from stillwatch.sharing.stix.bundle import assembled, encoded
from stillwatch.sharing.stix.disclosure import Disclosure
from stillwatch.sharing.stix.objects import TYPES, Object, Opinion, Sighting, UserAccount, as_json, decode
from stillwatch.sharing.stix.reading import disclosures, token_in
from stillwatch.sharing.stix.writing import objects_of
from tests.sharing.stix.disclosed import PROVIDER, TERMS, TOKEN, campaign, disclosure


def to_misp(things: list[Object]) -> Any:
    """The MISP event of a bundle; sightings get the ids that a MISP server gives them on saving."""
    reader = ExternalSTIX2toMISPParser()
    reader.load_stix_bundle(stix2.parse(encoded(assembled(list(map(as_json, things)))).decode(), allow_custom=False))
    reader.parse_stix_bundle()
    event = reader.misp_event
    for attribute in [*event.attributes, *(one for thing in event.objects for one in thing.attributes)]:
        for sighting in getattr(attribute, "sightings", []):
            sighting.uuid = getattr(sighting, "uuid", None) or str(uuid.uuid4())
    return event


def back(event: Any) -> list[dict[str, Any]]:
    """The event as STIX objects."""
    writer = MISPtoSTIX21Parser()
    writer.parse_misp_event(event)
    objects: list[dict[str, Any]] = json.loads(writer.bundle.serialize())["objects"]
    return objects


@pytest.fixture(scope="module")
def opinion_and_sighting() -> list[Object]:
    indicator = next(thing for thing in objects_of(disclosure(), TERMS) if thing.id.startswith("indicator"))
    seen = TERMS.now - timedelta(days=3)
    return [
        Opinion(**TERMS.said(f"opinion--{uuid.uuid4()}"), opinion="strongly-disagree", object_refs=(indicator.id,)),
        Sighting(
            **TERMS.said(f"sighting--{uuid.uuid4()}"),
            sighting_of_ref=indicator.id,
            first_seen=seen,
            last_seen=seen,
            count=3,
            where_sighted_refs=(PROVIDER.id,),
        ),
    ]


@pytest.fixture(scope="module")
def event(opinion_and_sighting: list[Object]) -> Any:
    return to_misp([*objects_of(disclosure(), TERMS), *opinion_and_sighting])


@pytest.fixture(scope="module")
def returned(event: Any) -> list[dict[str, Any]]:
    return back(event)


def read(objects: list[dict[str, Any]]) -> list[Object]:
    return [decode(json.dumps(thing)) for thing in objects if thing["type"] in TYPES]


def told(objects: list[dict[str, Any]]) -> Disclosure:
    (found,) = disclosures(read(objects))
    return found


def test_scaffolds_and_clients_come_back_and_still_indicate_the_campaign(returned: list[dict[str, Any]]) -> None:
    sent = disclosure()
    assert [s.samples for s in told(returned).scaffolds] == [s.samples for s in sent.scaffolds]
    assert [c.client_fingerprint for c in told(returned).clients] == [c.client_fingerprint for c in sent.clients]


def test_the_campaign_comes_back_with_days_severity_magnitude_techniques_and_the_scan_s_id(returned: list[dict[str, Any]]) -> None:
    (found,) = (thing for thing in returned if thing["type"] == "campaign")
    assert campaign().id in found["name"]
    assert found["description"] == "severity high, 10^2 accounts, 10^5 requests, SW-T05, SW-T08"
    assert (told(returned).first_seen, told(returned).last_seen) == (disclosure().first_seen, disclosure().last_seen)


def test_tokens_come_back_whole(returned: list[dict[str, Any]]) -> None:
    assert [token_in(thing) for thing in read(returned) if isinstance(thing, UserAccount)] == [TOKEN]


def test_techniques_come_back_with_our_ids_and_those_of_atlas(returned: list[dict[str, Any]]) -> None:
    ids = {
        reference.get("external_id")
        for thing in returned
        if thing["type"] == "attack-pattern"
        for reference in thing["external_references"]
    }
    assert ids >= {"SW-T05", "SW-T08", "AML.T0024.002"}


def test_networks_come_back_as_addresses(returned: list[dict[str, Any]]) -> None:
    assert "198.51.100.0/24" in [thing.get("value") for thing in returned]


def test_markings_become_tags_and_come_back(event: Any, returned: list[dict[str, Any]]) -> None:
    assert {"tlp:amber", "iep:internally-visible-actions"} <= {tag.name for tag in event.tags}
    assert "TLP:AMBER" in [thing.get("name") for thing in returned if thing["type"] == "marking-definition"]
    assert any("iep:internally-visible-actions" in thing.get("labels", ()) for thing in returned)


def test_opinions_and_sightings_come_back_on_their_indicator(
    returned: list[dict[str, Any]], opinion_and_sighting: list[Object]
) -> None:
    opinion, sighting = opinion_and_sighting
    assert isinstance(opinion, Opinion) and isinstance(sighting, Sighting)
    assert [(t["opinion"], t["object_refs"]) for t in returned if t["type"] == "opinion"] == [
        (opinion.opinion, list(opinion.object_refs))
    ]
    assert {t["sighting_of_ref"] for t in returned if t["type"] == "sighting"} == {sighting.sighting_of_ref}
