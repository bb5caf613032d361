"""The border on receipt: what the guard releases passes as it is; what is altered, forged or forbidden goes back with reasons."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stillwatch.errors import NoReadableInput
from stillwatch.hub.hub import Hub, HubSettings
from stillwatch.hub.receipt.examiner import Border
from stillwatch.hub.receipt.key_file import KeyFile
from stillwatch.sharing.signatures.keyring import write_ring
from stillwatch.sharing.signatures.signing import sign
from stillwatch.sharing.stix.tlp import TLP
from tests.hub.world import Client, World
from tests.sharing.feed.border import ADA, BEN, GUARD, ring
from tests.sharing.stix.disclosed import disclosure


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    write_ring(ring(ADA, BEN), tmp_path / "keyring.json")
    border = Border(GUARD, KeyFile(tmp_path / "keyring.json"))
    hub = Hub.open(HubSettings(tmp_path), border, begin="Synthetic hub")
    yield hub
    hub.close()


@pytest.fixture
def client(hub: Hub) -> Client:
    world = World(hub)
    return world.client(
        world.member("a", identity=ADA.id), world.collection(guarded=True, unmarked=TLP.RED, spec_versions=("2.1",))
    )


BUNDLE = ADA.bundle(ADA.told(disclosure()))
OBJECTS: list[dict[str, Any]] = json.loads(BUNDLE)["objects"]


def one(kind: str) -> dict[str, Any]:
    return next(thing for thing in OBJECTS if thing["type"] == kind and "extensions" in thing)


def test_a_release_passes_as_it_is(client: Client) -> None:
    status = client.post(BUNDLE).json()
    assert (status["failure_count"], status["success_count"]) == (0, len(OBJECTS)), status.get("failures")
    assert sorted(json.dumps(thing) for thing in client.crawl(50)) == sorted(json.dumps(thing) for thing in OBJECTS)
    assert client.post(BUNDLE).json()["failure_count"] == 0


def _refusal(client: Client, thing: dict[str, Any]) -> str:
    """Why an object is refused, while its neighbour is not."""
    status = client.add(thing, one("campaign"))
    assert (status["failure_count"], status["success_count"]) == (1, 1) and status["failures"][0]["id"] == thing["id"]
    return str(status["failures"][0]["message"])


def test_an_altered_object(client: Client) -> None:
    assert "signature" in _refusal(client, {**one("indicator"), "name": "Another name"})


def test_signed_in_anothers_name(client: Client) -> None:
    unsigned = {name: value for name, value in one("indicator").items() if name != "extensions"}
    assert "signature" in _refusal(client, sign(unsigned, BEN.key))


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("name", "We cut our list price in March", "antitrust/price"),
        ("x_synthetic", "unknown to all", "policy/"),
        ("description", "Ask jo.synthetic@example.com", "privacy/"),
    ],
)
def test_what_the_guard_keeps_back_is_refused_with_reasons(client: Client, field: str, value: str, rule: str) -> None:
    unsigned = {name: content for name, content in one("indicator").items() if name != "extensions"}
    reason = _refusal(client, sign({**unsigned, field: value}, ADA.key))
    assert rule in reason and field in reason and value not in reason


def test_a_type_that_may_not_cross(client: Client) -> None:
    thing = {"type": "x-pricing", "spec_version": "2.1", "id": "x-pricing--00000000-0000-4000-8000-000000000001",
             "created": "2026-11-01T00:00:00.000Z", "modified": "2026-11-01T00:00:00.000Z"}  # fmt: skip
    assert "policy/type-not-allowed" in _refusal(client, thing)


def test_refusals_and_receipts_are_in_the_ledger_without_the_members_name(hub: Hub, client: Client) -> None:
    client.add(one("campaign"), {**one("indicator"), "name": "Another name"}, 5)
    entries = list(hub.ledger.entries())
    assert [entry.kind for entry in entries] == ["receipt", "refusal", "refusal"]
    assert entries[0].actor.startswith("commitment:") and "Another name" not in str(entries)
    assert not any(name in str(entry) for entry in entries for name in ('"a"', ADA.id))


def test_signed_objects_only(tmp_path: Path) -> None:
    hub = Hub.open(HubSettings(tmp_path), Border(GUARD, lambda: ring(ADA), signed_only=True), begin="Synthetic hub")
    world = World(hub)
    client = world.client(world.member("a"), world.collection(guarded=True))
    unsigned = {name: value for name, value in one("indicator").items() if name != "extensions"}
    assert client.add(unsigned)["failures"][0]["message"] == "nobody signed it"
    assert client.post(BUNDLE).json()["failure_count"] == 0
    hub.close()


def test_the_key_ring_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keyring.json")
    assert file().keys == ()
    write_ring(ring(ADA), tmp_path / "keyring.json")
    assert len(file().keys) == 1 and file() is file()
    (tmp_path / "keyring.json").write_text("{")
    with pytest.raises(NoReadableInput):
        file()
