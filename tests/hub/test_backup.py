"""Backups: made while the hub is written to, whole, and restored to either kind of store."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.hub.backup import backup, restore
from stillwatch.hub.hub import Hub, HubSettings
from stillwatch.hub.receipt.examiner import Unexamined
from tests.hub.world import Client, World, indicator


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> HubSettings:
    url = request.getfixturevalue("postgresql")() if request.param == "postgresql" else None
    return HubSettings(tmp_path / "hub", url)


def test_a_backup_while_running_and_the_way_back(settings: HubSettings, tmp_path: Path, postgresql: Callable[[], str]) -> None:
    hub = Hub.open(settings, Unexamined(), begin="Synthetic hub")
    world = World(hub)
    client = world.client(world.member("a"), world.collection(alias="c"))
    client.add(*(indicator(number) for number in range(40)))
    client.delete(f"/objects/{indicator(0)['id']}/")
    done = threading.Event()

    def write_on() -> None:
        number = 100
        while not done.is_set():
            client.add(*(indicator(number + offset) for offset in range(5)))
            number += 5

    writer = threading.Thread(target=write_on)
    with world.http:
        writer.start()
        backup(settings, tmp_path / "kept")
        done.set()
        writer.join()
    hub.close()

    for target in (HubSettings(tmp_path / "a"), HubSettings(tmp_path / "b", postgresql()), HubSettings(tmp_path / "kept")):
        if target.state.name != "kept":
            restore(tmp_path / "kept", target)
        _check(target, world.keys["a"], client.collection)


def _check(target: HubSettings, key: str, collection: str) -> None:
    """The same members, keys and objects; no request half there; and it goes on from there."""
    hub = Hub.open(target, Unexamined())
    assert hub.ledger.verify() == []
    world = World(hub)
    client = Client(world.http, "a", key, collection)
    ids = client.ids(limit=1000)
    assert ids[:39] == [indicator(number)["id"] for number in range(1, 40)] and (len(ids) - 39) % 5 == 0
    assert set(ids) <= {entry.subject for entry in hub.ledger.entries(kind="receipt")}
    world.clock.now += 60_000_000
    world.member(f"new in {target.state.name}")
    client.add(indicator(9999))
    assert client.ids(limit=1000) == [*ids, indicator(9999)["id"]]
    hub.close()


def test_who_was_further_than_the_backup_hears_what_comes_after_it_was_restored(tmp_path: Path) -> None:
    settings, again = HubSettings(tmp_path / "hub"), HubSettings(tmp_path / "again")
    hub = Hub.open(settings, Unexamined(), begin="Synthetic hub")
    world = World(hub)
    client = world.client(world.member("a"), world.collection(alias="c"))
    backup(settings, tmp_path / "kept")
    client.add(indicator(1), indicator(2))
    place = client.http.get("/changes/", auth=("a", client.key)).json()["cursor"]
    hub.close()
    restore(tmp_path / "kept", again)
    hub = Hub.open(again, Unexamined())
    restored = Client(World(hub).http, "a", client.key, client.collection)
    restored.add(indicator(3))
    heard = restored.http.get("/changes/", params={"after": place}, auth=("a", client.key)).json()["changes"]
    assert [change["id"] for change in heard] == [indicator(3)["id"]]
    hub.close()


def test_misuse(tmp_path: Path) -> None:
    settings = HubSettings(tmp_path / "hub")
    with pytest.raises(NoReadableInput):
        backup(settings, tmp_path / "kept")
    Hub.open(settings, Unexamined(), begin="Synthetic hub").close()
    backup(settings, tmp_path / "kept")
    with pytest.raises(UsageError):
        backup(settings, tmp_path / "kept")
    with pytest.raises(UsageError):
        restore(tmp_path / "kept", settings)
    with pytest.raises(NoReadableInput):
        restore(tmp_path, HubSettings(tmp_path / "new"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hub", "kept"]
