"""Third-party clients: the OASIS client and the stix2 library's data source against a hub that is served."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stix2
from taxii2client.v21 import Server, as_pages

from tests.hub.served import Served
from tests.hub.test_faults import _begun
from tests.hub.world import indicator


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    state: Path = tmp_path_factory.mktemp("hub")
    key, _ = _begun(state)
    server = Served(state)
    yield server, key
    server.stop()


def test_the_oasis_client(served: tuple[Served, str]) -> None:
    hub, key = served
    server = Server(f"{hub.url}/taxii2/", user="a", password=key)
    assert server.title == "Synthetic hub" and server.default.url == server.api_roots[0].url == f"{hub.url}/hub/"
    root = server.api_roots[0]
    assert root.versions == ["application/taxii+json;version=2.1"] and root.max_content_length > 0
    collection: Any = root.collections[0]
    assert collection.can_read and collection.can_write and collection.alias == "c"
    things = [indicator(number) for number in range(5)] + [indicator(0, modified="2026-02-01T00:00:00.000Z")]
    status = collection.add_objects({"objects": things})
    assert (status.status, status.success_count, status.failure_count) == ("complete", 6, 0)
    status.refresh()
    assert status.total_count == 6 and status.custom_properties == {}
    assert [entry["id"] for entry in collection.get_manifest()["objects"]] == [thing["id"] for thing in (*things[1:5], things[0])]
    pages = [thing for page in as_pages(collection.get_objects, per_request=2) for thing in page["objects"]]
    assert pages == [*things[1:5], things[5]]
    found = collection.get_object(things[0]["id"], version="all")
    assert found["objects"] == [things[0], things[5]]
    assert collection.object_versions(things[0]["id"])["versions"] == [things[0]["modified"], things[5]["modified"]]
    assert collection.get_objects(type="indicator", added_after="2030-01-01T00:00:00Z") == {}
    collection.delete_object(things[0]["id"])
    assert len(collection.get_objects()["objects"]) == 4


def test_the_data_source_of_stix2(served: tuple[Served, str]) -> None:
    hub, key = served
    collection = Server(f"{hub.url}/taxii2/", user="a", password=key).default.collections[0]
    thing = stix2.parse(indicator(100))
    stix2.TAXIICollectionSink(collection).add(thing)
    source = stix2.TAXIICollectionSource(collection)
    assert source.get(thing.id) == thing
    assert thing in source.query([stix2.Filter("type", "=", "indicator")])
    assert [version.id for version in source.all_versions(thing.id)] == [thing.id]
