"""Granular markings: who may not see a part gets the object without it; nothing else changes."""

import json

import pytest

from stillwatch.hub.access.granular import can_be_cut, cut
from stillwatch.hub.access.member import Role
from stillwatch.sharing.signatures.signature import SIGNATURE_EXTENSION_ID
from stillwatch.sharing.stix.tlp import TLP
from tests.hub.world import World, indicator

RED, GREEN, AMBER = TLP.RED.marking_id, TLP.GREEN.marking_id, TLP.AMBER.marking_id
WHOLE = indicator(
    1,
    name="synthetic name",
    description="synthetic secret",
    x_number=1.50,
    external_references=[
        {"source_name": "a", "url": "https://example.com/0"},
        {"source_name": "b", "url": "https://example.com/1"},
    ],
    object_marking_refs=[GREEN],
    granular_markings=[
        {"marking_ref": RED, "selectors": ["description", "external_references.[0].url"]},
        {"marking_ref": AMBER, "selectors": ["name"]},
        {"lang": "en", "selectors": ["pattern"]},
    ],
    extensions={SIGNATURE_EXTENSION_ID: {"extension_type": "property-extension"}},
)


def test_each_viewer_sees_its_parts(world: World) -> None:
    for name, role in {
        "author": Role.MEMBER,
        "member": Role.MEMBER,
        "evaluator": Role.EVALUATOR,
        "guest": Role.GUEST,
        "op": Role.OPERATOR,
    }.items():
        world.member(name, role)
    collection = world.collection()
    assert world.client("author", collection).add(WHOLE)["success_count"] == 1
    seen = {name: world.client(name, collection).get().json().get("objects", [None])[0] for name in world.keys}
    assert seen["author"] == seen["op"] == WHOLE and seen["guest"] is None
    member, evaluator = seen["member"], seen["evaluator"]
    assert "description" not in member and "extensions" not in member and member["name"] == "synthetic name"
    assert member["external_references"] == [{"source_name": "a"}, WHOLE["external_references"][1]]
    assert member["granular_markings"] == WHOLE["granular_markings"][1:]
    assert "name" not in evaluator and evaluator["granular_markings"] == WHOLE["granular_markings"][2:]
    assert evaluator["pattern"] == WHOLE["pattern"] and evaluator["x_number"] == 1.5
    assert world.client("member", collection).get("/manifest/").json() == world.client("op", collection).get("/manifest/").json()


def test_what_is_not_cut_keeps_its_bytes() -> None:
    body = b'{"x":1.50, "a":"\\u00e9","labels":["p","q","r"],"name" : "n"}'
    assert cut(body, ["name", "labels.[0]", "labels.[2]"]) == b'{"x":1.50,"a":"\\u00e9","labels":["q"]}'
    assert cut(
        body, ["labels.[0]", "labels.[1]", "labels.[2]", "none", "name.x"]
    ) == b'{"x":1.50,"a":"\\u00e9","name":"n"}'.replace(b'"name":"n"', b'"name":"n"')


@pytest.mark.parametrize(
    "selectors",
    [
        ["pattern"],
        ["id"],
        ["granular_markings"],
        ["extensions"],
        ["created"],
        ["none"],
        ["labels.[5]"],
        ["[0]"],
        [""],
        ["name", "valid_from"],
        ["type"],
    ],
)
def test_what_an_object_needs_cannot_be_cut(selectors: list[str]) -> None:
    assert not can_be_cut(json.dumps(WHOLE).encode(), WHOLE, selectors)
    assert can_be_cut(json.dumps(WHOLE).encode(), WHOLE, ["name"])


def test_an_unknown_type_cannot_be_cut() -> None:
    value = {"type": "x-synthetic", "id": "x-synthetic--1", "name": "n"}
    assert not can_be_cut(json.dumps(value).encode(), value, ["name"])
