"""A peer of another make: medallion 3, the OASIS reference server, as a process of its own."""

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from stillwatch.sharing.exchange.connection import Connection
from stillwatch.sharing.exchange.failures import NotLetIn
from stillwatch.sharing.exchange.patience import Patience
from stillwatch.sharing.exchange.peer import Peer
from stillwatch.sharing.exchange.place import locate
from tests.hub.served import free_port
from tests.sharing.exchange.parties import held, own, pulled, pushed, release

pytestmark = pytest.mark.skipif(importlib.util.find_spec("medallion") is None, reason="medallion is not installed")

TAXII = "application/taxii+json;version=2.1"
COLLECTION = {"id": "91a7b528-80eb-42ed-a74d-c6fbd5a26116", "title": "All", "can_read": True, "can_write": True}


@pytest.fixture(scope="module")
def medallion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of its API root; user ``a`` with password ``synthetic``."""
    folder, port = tmp_path_factory.mktemp("medallion"), free_port()
    root = f"http://127.0.0.1:{port}/root/"
    information = {"title": "Synthetic", "versions": [TAXII], "max_content_length": 9_765_625}
    collection = {**COLLECTION, "media_types": ["application/stix+json;version=2.1"], "objects": [], "manifest": []}
    data = {
        "/discovery": {"title": "Synthetic", "default": root, "api_roots": [root]},
        "root": {"information": information, "status": [], "collections": [collection]},
    }
    (folder / "data.json").write_text(json.dumps(data))
    backend = {
        "module": "medallion.backends.memory_backend",
        "module_class": "MemoryBackend",
        "filename": str(folder / "data.json"),
    }
    config = {"backend": backend, "users": {"a": "synthetic"}, "taxii": {"max_page_size": 10}}
    (folder / "config.json").write_text(json.dumps(config))
    command = [sys.executable, "-m", "medallion.scripts.run", "--port", str(port), str(folder / "config.json")]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            _wait(process, f"http://127.0.0.1:{port}/taxii2/")
            yield root
        finally:
            process.kill()


def _wait(process: "subprocess.Popen[bytes]", url: str) -> None:
    for _ in range(600):
        assert process.poll() is None, "medallion ended"
        try:
            httpx.get(url, timeout=5)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("medallion did not begin to answer")


def _connected(url: str, password: str = "synthetic") -> Connection:
    return Connection(Peer.at(url, "a", password), Patience(tries=2))


def test_a_release_goes_there_and_comes_from_there(medallion: str, tmp_path: Path) -> None:
    """Without extension definitions: one of them, and medallion answers 500 for ever."""
    parcel = release(tmp_path, own_only=True)
    with _connected(medallion) as connection:
        progress = pushed(parcel, connection, tmp_path)
        assert (progress.taken, progress.refused) == (len(parcel.objects), ())
        assert pushed(parcel, connection, tmp_path) == progress, "sent once"
        pulled(connection, tmp_path)
    assert held(tmp_path) == own(parcel)
    with _connected(medallion) as connection:
        pulled(connection, tmp_path)
    assert held(tmp_path) == own(parcel)


def test_its_discovery_leads_to_its_collection(medallion: str) -> None:
    with _connected(medallion.removesuffix("root/")) as connection:
        place = locate(connection)
    assert place.root == medallion and [each.title for each in place.collections] == ["All"]


def test_it_does_not_know_the_password(medallion: str) -> None:
    with _connected(medallion, "other") as connection, pytest.raises(NotLetIn):
        locate(connection)
