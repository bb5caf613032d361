"""Fuzz: whatever is sent to whatever end point, the hub answers, and never that it is at fault itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillwatch.hub.access.member import Role
from stillwatch.hub.hub import Hub, HubSettings
from stillwatch.hub.receipt.examiner import Border, Unexamined
from stillwatch.hub.web.openapi import described
from stillwatch.sharing.guard.guard import Guard
from tests.hub.world import Client, World, indicator


def _world(folder: Path, examiner: Any) -> Iterator[World]:
    hub = Hub.open(HubSettings(folder), examiner, begin="Synthetic hub")
    world = World(hub)
    world.member("op", Role.OPERATOR)
    with world.http:
        yield world
    hub.close()


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    for world in _world(tmp_path_factory.mktemp("hub"), Unexamined()):
        client = world.client("op", world.collection(alias="c"))
        client.add(indicator(1))
        yield client


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    for world in _world(tmp_path_factory.mktemp("hub"), Border(Guard("member-standard"))):
        yield world.client("op", world.collection(guarded=True))


DESCRIPTION = schemathesis.openapi.from_dict(described())


@DESCRIPTION.parametrize()
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
def test_the_description_tried_by_schemathesis(case: Any, fuzzed: Client) -> None:
    """Half of the tries name things that exist."""
    real = {"root": "hub", "collection": "c", "object": indicator(1)["id"]}
    for name in case.path_parameters or {}:
        if name in real and len(str(case.path_parameters[name])) % 2:
            case.path_parameters[name] = real[name]
    sent = case.as_transport_kwargs(base_url="http://testserver")
    headers = {name: value for name, value in (sent.pop("headers", None) or {}).items() if name.lower() != "authorization"}
    sent = {name: value for name, value in sent.items() if name in ("method", "url", "params", "content", "data", "json")}
    if isinstance(sent.get("data"), bytes):
        sent["content"] = sent.pop("data")
    answer = fuzzed.http.request(**sent, headers=headers, auth=(fuzzed.member, fuzzed.key))
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert {"title", "http_status"} <= answer.json().keys() or "error" in answer.json()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_SPOILT = st.dictionaries(
    st.sampled_from(
        ["type", "id", "spec_version", "created", "modified", "object_marking_refs", "granular_markings", "extensions", "revoked",
         "pattern", "valid_until", "opinion", "object_refs", "sighting_of_ref", "count", "definition", "definition_type", "name"]
    ),
    _JSON,
    max_size=4,
)  # fmt: skip
_KINDS = st.sampled_from(
    ["indicator", "marking-definition", "opinion", "sighting", "extension-definition", "x-synthetic", "user-account"]
)


@st.composite
def _things(draw: Any) -> Any:
    kind = draw(_KINDS)
    name = f"{kind}--{draw(st.uuids(version=4))}"
    return {**indicator(1), "type": kind, "id": name, **draw(_SPOILT)} if draw(st.booleans()) else draw(_JSON)


@pytest.mark.parametrize("place", ["fuzzed", "guarded"])
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.lists(_things(), max_size=3))
def test_objects_of_every_kind(place: str, request: pytest.FixtureRequest, things: list[Any]) -> None:
    client: Client = request.getfixturevalue(place)
    answer = client.post(json.dumps({"objects": things}).encode("utf-8", "surrogatepass"))
    assert answer.status_code in (202, 422), answer.text
    if answer.status_code == 202:
        assert answer.json()["total_count"] == len(things)
    for path in ("/objects/", "/manifest/"):
        assert client.get(path, **{"match[version]": "all"}).status_code == 200


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    st.binary(max_size=40), st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=30), st.text(max_size=12)
)
def test_bytes_of_every_kind(fuzzed: Client, body: bytes, header: str, name: str) -> None:
    assert fuzzed.post(body).status_code in (202, 422)
    said = {"Accept": header.encode("latin-1"), "Authorization": header.encode("latin-1"), "Host": "testserver"}
    for path in ("/taxii2/", f"/hub/collections/c/objects/{quote(name, safe='')}/", f"/{quote(name, safe='')}/"):
        assert fuzzed.http.get(path, headers=said).status_code < 500  # type: ignore[arg-type]
        assert (
            fuzzed.http.get(path, auth=(fuzzed.member, fuzzed.key), headers={"Accept": header.encode("latin-1")}).status_code < 500
        )  # type: ignore[dict-item]
    query = quote(name, safe="=&[]%+")
    answer = fuzzed.http.get(f"/hub/collections/c/objects/?match[id]={query}&{query}", auth=(fuzzed.member, fuzzed.key))
    assert answer.status_code in (200, 400)


def test_the_description_is_served_and_complete(fuzzed: Client) -> None:
    served = fuzzed.http.get("/openapi.json").json()
    assert served == json.loads(json.dumps(described()))
    routes = {route.path for route in _routes(fuzzed.http)}
    assert routes == set(served["paths"])


def _routes(http: httpx.Client) -> list[Any]:
    return list(http.app._inner._inner.routes)  # type: ignore[attr-defined]
