"""Metrics, health and readiness: what those who run the hub can count, and nobody else."""

import re
import sqlite3
from pathlib import Path

from stillwatch.hub.access.member import Role
from stillwatch.hub.hub import Hub, HubSettings
from stillwatch.hub.receipt.examiner import Unexamined
from tests.hub.test_exchange import changes
from tests.hub.world import Client, World, indicator


def counted(operator: Client) -> dict[str, float]:
    """Every number that an operator reads, by its name and labels."""
    answer = operator.http.get("/metrics", auth=(operator.member, operator.key))
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {name: float(value) for name, value in re.findall(r"^(stillwatch_hub_\S+(?: \S+)*?) (\S+)$", answer.text, re.MULTILINE)}


def test_operators_count_what_comes_in_and_goes_out(world: World) -> None:
    world.member("op", Role.OPERATOR)
    collection = world.collection()
    author, reader, operator = (
        world.client(world.member(name) if name != "op" else name, collection) for name in ("author", "reader", "op")
    )
    before = counted(operator)
    author.add(indicator(1), indicator(2), {"type": "nonsense"})
    reader.get()
    reader.get(f"/objects/{indicator(1)['id']}/")
    changes(reader)
    reader.get("/objects/", limit=0)
    after = counted(operator)
    route = "/{root}/collections/{collection}/objects/"
    expected = {
        'stillwatch_hub_objects_received_total{outcome="taken"}': 2,
        'stillwatch_hub_objects_received_total{outcome="refused"}': 1,
        'stillwatch_hub_objects_served_total{how="objects"}': 2,
        'stillwatch_hub_objects_served_total{how="object"}': 1,
        'stillwatch_hub_objects_served_total{how="changes"}': 2,
        f'stillwatch_hub_requests_total{{method="POST",route="{route}",status="202"}}': 1,
        f'stillwatch_hub_requests_total{{method="GET",route="{route}",status="400"}}': 1,
        f'stillwatch_hub_request_seconds_count{{method="GET",route="{route}"}}': 2,
    }
    assert {name: after.get(name, 0) - before.get(name, 0) for name in expected} == expected
    assert not any(word in " ".join(after) for word in ("author", "reader", collection, indicator(1)["id"]))


def test_members_find_no_metrics_and_everybody_health(world: World) -> None:
    client = world.newcomer()
    assert client.http.get("/metrics", auth=(client.member, client.key)).status_code == 404
    assert world.http.get("/metrics").status_code == 401
    assert world.http.get("/health").json() == {"status": "up"} and world.http.get("/ready").json() == {"status": "ready"}


def test_a_hub_whose_store_cannot_be_read_is_up_and_not_ready(tmp_path: Path) -> None:
    hub = Hub.open(HubSettings(tmp_path, patience_seconds=0.1), Unexamined(), begin="Synthetic hub")
    world = World(hub)
    with sqlite3.connect(tmp_path / "hub.sqlite") as spoiling:
        spoiling.execute("ALTER TABLE counter RENAME TO gone")
    spoiling.close()
    assert world.http.get("/health").status_code == 200
    answer = world.http.get("/ready")
    assert answer.status_code == 503 and answer.headers["retry-after"]
    hub.close()
