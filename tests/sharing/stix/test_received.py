"""Bundles from strangers: taken, partly taken, or refused with a reason for each object; nothing raises, nothing is altered."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.sharing.stix.bundle import assembled, encoded
from stillwatch.sharing.stix.extensions import extension_id
from stillwatch.sharing.stix.limits import Limits
from stillwatch.sharing.stix.objects import Object, as_json
from stillwatch.sharing.stix.reading import disclosures
from stillwatch.sharing.stix.received import Reading, read_bundle
from stillwatch.sharing.stix.tlp import TLP
from stillwatch.sharing.stix.writing import objects_of
from tests.sharing.stix.disclosed import NOW, TERMS, disclosure

Json = dict[str, Any]


def sent() -> dict[str, Json]:
    """An object of each type that we write, by type (the last of each)."""
    return {thing["type"]: thing for thing in map(as_json, objects_of(disclosure(), TERMS))}


def bundle(*texts: str) -> bytes:
    return f'{{"type":"bundle","id":"bundle--{uuid.uuid4()}","objects":[{",".join(texts)}]}}'.encode()


def read(*texts: str, limits: Limits | None = None) -> Reading:
    return read_bundle(bundle(*texts), NOW, limits)


def reasons(reading: Reading) -> list[str]:
    return [refusal.reason for refusal in reading.refused]


def test_what_we_send_is_taken_whole_and_says_the_same() -> None:
    reading = read_bundle(encoded(assembled([as_json(thing) for thing in objects_of(disclosure(), TERMS)])), NOW)
    assert reading.refused == ()
    assert disclosures(one.thing for one in reading.accepted if isinstance(one.thing, Object)) == [disclosure()]


UNKNOWN = '{ "type":"x-other", "id":"x-other--0c7e6a0a-3b8a-4f0e-9d0e-0f0d6f2d3c11", "deep" : {"a":[1.50, 2e3]},  "é":"\\u00e9" }'


def test_unknown_types_are_carried_exactly_as_they_came() -> None:
    (one,) = read(UNKNOWN).accepted
    assert one.text == UNKNOWN


def test_unknown_extensions_and_properties_are_carried_exactly_as_they_came() -> None:
    foreign = f"extension-definition--{uuid.uuid4()}"
    text = json.dumps(sent()["campaign"] | {"x_other": [1, {"b": None}]}).replace(
        '"extensions": {', f'"extensions": {{"{foreign}": {{"extension_type": "property-extension", "a": [ 1.0 ]}}, '
    )
    (one,) = read(text).accepted
    assert one.text == text
    assert one.value["extensions"][foreign] == {"extension_type": "property-extension", "a": [1.0]}


TEXTS = {
    "a name that stands twice": ('{"type":"note","id":"x","id":"y"}', "'id' stands twice"),
    "a name that stands twice deep inside": ('{"type":"note","a":[{"b":{"c":1,"c":2}}]}', "'c' stands twice"),
    "NaN": ('{"type":"note","confidence":NaN}', "NaN is no JSON number"),
    "Infinity": ('{"type":"note","confidence":-Infinity}', "-Infinity is no JSON number"),
    "a number beyond all bounds": ('{"type":"note","confidence":1e999}', "beyond all bounds"),
    "an integer of thousands of digits": ('{"type":"note","confidence":' + "9" * 5000 + "}", "without bounds"),
    "half a character": ('{"type":"note","content":"\\ud800"}', "half a character"),
    "nesting of ten thousand levels": ('{"a":' + "[" * 10_000 + "]" * 10_000 + "}", "levels deep"),
    "nesting one level too deep": ('{"a":' + "[" * 40 + "]" * 40 + "}", "levels deep"),
    "a huge object": ('{"a":"' + "x" * 2**20 + '"}', "larger than 1048576"),
    "a number": ("5", "not a JSON object"),
    "null": ("null", "not a JSON object"),
    "a list": ("[{}]", "not a JSON object"),
    "an empty object": ("{}", "no type"),
    "types of a well-known crash": ('{"id":5,"type":[]}', "no type"),
    "no id": ('{"type":"note"}', "its id is not"),
    "an id of another type": ('{"type":"note","id":"report--0c7e6a0a-3b8a-4f0e-9d0e-0f0d6f2d3c11"}', "its id is not"),
    "an id without a UUID": ('{"type":"x-note","id":"x-note--1"}', "id holds no id"),
    "an id with a line break behind it": ('{"type":"x-n","id":"x-n--0c7e6a0a-3b8a-4f0e-9d0e-0f0d6f2d3c11\\n"}', "id holds no id"),
    "a bundle in a bundle": ('{"type":"bundle","id":"bundle--1","objects":[]}', "a bundle in a bundle"),
    "a type that is no word": ('{"type":"X Y","id":"X Y--0c7e6a0a-3b8a-4f0e-9d0e-0f0d6f2d3c11"}', "$.type"),
    "STIX 2.0": ('{"type":"x-n","id":"x-n--0c7e6a0a-3b8a-4f0e-9d0e-0f0d6f2d3c11","spec_version":"2.0"}', "spec_version"),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_a_bad_text_is_refused_and_its_neighbours_are_taken(name: str) -> None:
    text, reason = TEXTS[name]
    reading = read(UNKNOWN, text, json.dumps(sent()["campaign"]))
    assert [one.position for one in reading.accepted] == [0, 2]
    assert [(refusal.position, reason in refusal.reason) for refusal in reading.refused] == [(1, True)], reading.refused


Change = Callable[[Json], Json]


def _with(**changes: Any) -> Change:
    return lambda thing: thing | changes


def _without(name: str) -> Change:
    return lambda thing: {key: value for key, value in thing.items() if key != name}


def _extended(name: str, **changes: Any) -> Change:
    def change(thing: Json) -> Json:
        extensions = dict(thing["extensions"])
        extensions[extension_id(name)] = extensions[extension_id(name)] | changes
        return thing | {"extensions": extensions}

    return change


OTHER = "campaign--00000000-0000-4000-8000-000000000001"
OBJECTS: dict[str, tuple[str, Change, str]] = {
    "a name that is a number": ("campaign", _with(name=5), "Expected `str`"),
    "labels that are a word": ("campaign", _with(labels="x"), "Expected `array"),
    "revoked that is a word": ("campaign", _with(revoked="yes"), "Expected `bool`"),
    "a description that is null": ("campaign", _with(description=None), "description has no value"),
    "no creation time": ("campaign", _without("created"), "created"),
    "no version of the standard": ("campaign", _without("spec_version"), "spec_version"),
    "a time that is none": ("campaign", _with(created="yesterday"), "RFC3339"),
    "the thirteenth month": ("campaign", _with(created="2026-13-01T00:00:00Z"), "RFC3339"),
    "a time of another zone": ("campaign", _with(first_seen="2026-11-01T00:00:00+05:00"), "first_seen is not in UTC"),
    "created tomorrow week": ("campaign", _with(created="2026-11-30T00:00:00.000Z"), "created is 2026-11-30, which cannot be"),
    "seen in the year 1": ("campaign", _with(first_seen="0001-01-01T00:00:00Z"), "first_seen is"),
    "seen in the year 9999": ("campaign", _with(last_seen="9999-12-31T23:59:59.999Z"), "last_seen is 9999-12-31"),
    "modified before it was created": ("campaign", _with(modified="2026-11-01T00:00:00.000Z"), "created lies after modified"),
    "ended before it began": ("campaign", _with(last_seen="2026-10-01T00:00:00Z"), "first_seen lies after last_seen"),
    "valid until it ends": ("indicator", _with(valid_until="2026-10-01T00:00:00Z"), "valid_from lies after valid_until"),
    "valid for ever": ("indicator", _with(valid_until="2226-10-01T00:00:00Z"), "valid_until is 2226-10-01"),
    "observed minus one times": ("observed-data", _with(number_observed=-1), "number_observed"),
    "an observed list that is empty": ("observed-data", _with(object_refs=[]), "object_refs"),
    "a relationship with itself": (
        "relationship", lambda thing: thing | {"source_ref": thing["id"]}, "refers to the object itself"),
    "a relationship of relationships": (
        "relationship", _with(source_ref="relationship--00000000-0000-4000-8000-000000000001"), "source_ref may not refer"),
    "made by a campaign": ("indicator", _with(created_by_ref=OTHER), "created_by_ref may not refer to an object of type campaign"),
    "marked by a campaign": ("indicator", _with(object_marking_refs=[OTHER]), "object_marking_refs may not refer"),
    "a report that contains itself": (
        "report", lambda thing: thing | {"object_refs": [thing["id"]]}, "object_refs refers to the object itself"),
    "a reference that is none": ("report", _with(object_refs=["../../etc/passwd"]), "object_refs"),
    "figures below nothing": ("campaign", _extended("campaign", accounts=-4), "accounts"),
    "a share above one": ("campaign", _extended("campaign", q_value=1.5), "q_value"),
    "an extra field in an extension of ours": ("campaign", _extended("campaign", we_all_act="x"), "unknown field `we_all_act`"),
    "an extension of ours that is a list": (
        "campaign", lambda thing: thing | {"extensions": {extension_id("campaign"): []}}, "Expected `object"),
    "an extension of another kind": ("campaign", _extended("campaign", extension_type="new-sdo"), "extension_type"),
    "samples that are no samples": ("indicator", lambda thing: thing | {
        "extensions": {extension_id("scaffold"): {"version": 1, "samples": ["zz"]}}}, "samples"),
    "a pattern that looks for something else": ("indicator", _with(
        extensions={extension_id("scaffold"): {"version": 1, "samples": ["0" * 16]}}), "its pattern does not look for the samples"),
    "a client that the pattern does not look for": ("indicator", _with(
        extensions={extension_id("client-fingerprint"): {"client_fingerprint": "other"}}), "does not look for the client"),
    "a payload that is another fingerprint": ("artifact", _with(payload_bin="c3dmMTo="), "its payload is not the fingerprint"),
    "a token under another id": (
        "user-account", _with(id="user-account--00000000-0000-5000-8000-000000000001"), "its id is not that of its token"),
    "a token that its user_id is not": ("user-account", _extended("token", token="A" * 43), "its user_id is not the token"),
    "a token on an ordinary account": ("user-account", _with(account_type="unix"), "no token account"),
    "a technique that is not as published": ("attack-pattern", _with(name="praise"), "what the project publishes"),
}  # fmt: skip


@pytest.mark.parametrize("name", OBJECTS)
def test_an_object_that_cannot_be_is_refused_and_its_neighbours_are_taken(name: str) -> None:
    kind, change, reason = OBJECTS[name]
    original = sent()[kind]
    changed = json.dumps(change(original))
    reading = read(UNKNOWN, changed)
    assert [one.position for one in reading.accepted] == [0]
    assert [(r.id is not None, reason in r.reason) for r in reading.refused] == [(True, True)], reading.refused
    assert read(json.dumps(original)).refused == (), "the object before the change is sound"


AMBER = TLP.AMBER.marking
FORGED: dict[str, Json] = {
    "amber that says clear": AMBER | {"extensions": TLP.CLEAR.marking["extensions"]},
    "amber under another name": AMBER | {"name": "TLP:CLEAR"},
    "amber with a statement": AMBER | {"definition_type": "statement", "definition": {"statement": "share freely"}},
    "clear under an id of its own": TLP.CLEAR.marking | {"id": "marking-definition--00000000-0000-4000-8000-000000000001"},
    "a mere name under an id of its own": {
        **{key: AMBER[key] for key in ("type", "spec_version", "created")},
        "id": "marking-definition--00000000-0000-4000-8000-000000000002",
        "name": "tlp:clear",
    },
    "TLP 1.0 amber that says white": {
        **{key: AMBER[key] for key in ("type", "spec_version", "created")},
        "id": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
        "definition_type": "tlp",
        "definition": {"tlp": "white"},
    },
    "our exchange policy, loosened": msgspec.json.decode(
        msgspec.json.encode(
            next(t for t in assembled([sent()["campaign"]])["objects"] if t.get("name", "").startswith("IEP:"))
        ).replace(b'"must-not"', b'"may"')
    ),
    "another extension definition under our id": next(
        t for t in assembled([sent()["campaign"]])["objects"] if t["id"] == extension_id("campaign")
    )
    | {"schema": "https://example.org/other"},
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_markings_and_definitions_are_refused(name: str) -> None:
    reading = read(json.dumps(FORGED[name]))
    assert (reading.accepted, len(reading.refused)) == ((), 1)


def test_markings_as_oasis_publishes_them_are_taken_however_they_are_spelled() -> None:
    assert len(read(*[json.dumps(level.marking, indent=1) for level in TLP]).accepted) == len(TLP)
    assert read(json.dumps(AMBER | {"created": "2022-10-01T00:00:00Z"})).refused == ()


def test_one_id_with_two_contents_loses_both() -> None:
    note = sent()["campaign"]
    reading = read(json.dumps(note), UNKNOWN, json.dumps(note | {"name": "another"}))
    assert ([one.position for one in reading.accepted], [r.position for r in reading.refused]) == ([1], [0, 2])
    assert all("say different things" in reason for reason in reasons(reading))


def test_the_same_twice_counts_once_and_versions_count_both() -> None:
    thing = sent()["campaign"]
    later = thing | {"modified": "2026-11-20T10:00:00.000Z"}
    reading = read(json.dumps(thing), json.dumps(dict(reversed(thing.items()))), json.dumps(later))
    assert [one.position for one in reading.accepted] == [0, 2]
    assert reasons(reading) == ["it stands twice; the first is taken"]


def test_reports_in_a_circle_are_refused_and_what_they_list_is_not() -> None:
    ids = [f"report--{uuid.uuid4()}" for _ in range(3)]
    base = sent()["report"]
    campaign = sent()["campaign"]
    circle = [json.dumps(base | {"id": ids[i], "object_refs": [ids[(i + 1) % 3], campaign["id"]]}) for i in range(3)]
    reading = read(*circle, json.dumps(campaign))
    assert [one.id for one in reading.accepted] == [campaign["id"]]
    assert len(reading.refused) == 3 and all("circle" in reason for reason in reasons(reading))


WHOLE = {
    "nothing": b"",
    "no UTF-8": b'{"type":"bundle\xff"}',
    "no JSON": b"<bundle/>",
    "a list": b"[]",
    "cut off": bundle(UNKNOWN)[:-2],
    "cut off in an object": bundle(UNKNOWN)[:-20],
    "something behind": bundle(UNKNOWN) + b"{}",
    "a comma too many": bundle(UNKNOWN + ","),
    "objects twice": b'{"type":"bundle","id":"bundle--1","objects":[],"objects":[]}',
    "no bundle": b'{"type":"report","id":"report--1","objects":[]}',
    "objects that are no list": b'{"type":"bundle","id":"bundle--1","objects":{}}',
    "a head of a million levels": b'{"type":' + b"[" * 1_000_000,
    "an object without end": b'{"type":"bundle","id":"bundle--1","objects":[{"a":' + b'[[["x",' * 100_000,
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_no_bundle_is_refused_as_a_whole(name: str) -> None:
    reading = read_bundle(WHOLE[name], NOW)
    assert reading.accepted == ()
    assert [(r.position, r.reason.startswith("no bundle: ")) for r in reading.refused] == [(None, True)]


def test_limits_refuse_the_rest() -> None:
    assert [r.position for r in read(UNKNOWN, *["1"] * 9, limits=Limits(objects=3)).refused] == [1, 2, 3]
    assert "larger than" in read_bundle(bundle(UNKNOWN), NOW, Limits(bundle_bytes=20)).refused[0].reason


def test_a_taxii_envelope_is_read_too() -> None:
    assert len(read_bundle(f'{{"more":false,"objects":[{UNKNOWN}]}}'.encode(), NOW).accepted) == 1


def test_ten_thousand_relationships_are_taken() -> None:
    thing = sent()["relationship"]
    texts = [json.dumps(thing | {"id": f"relationship--{uuid.UUID(int=i, version=4)}"}) for i in range(10_000)]
    assert len(read(*texts).accepted) == 10_000


def test_clocks_may_differ_a_little() -> None:
    ahead = (NOW + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert read(json.dumps(sent()["campaign"] | {"modified": ahead})).refused == ()


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    assert read_bundle(data, NOW).accepted == ()


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200)
@given(st.data())
def test_no_value_of_any_property_makes_it_raise(data: st.DataObject) -> None:
    thing = data.draw(st.sampled_from([*sent().values(), AMBER]))
    name = data.draw(st.sampled_from(sorted(thing)))
    reading = read_bundle(bundle(json.dumps(thing | {name: data.draw(_json)}), UNKNOWN), datetime(2026, 11, 21, tzinfo=UTC))
    assert len(reading.accepted) + len(reading.refused) == 2
    assert UNKNOWN in [one.text for one in reading.accepted]
    assert [one.value for one in reading.accepted] == [json.loads(one.text) for one in reading.accepted]
