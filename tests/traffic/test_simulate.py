"""Simulated worlds: the same seed gives the same world, all kinds play, and language is tied to nobody's guilt."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.errors import UsageError
from stillwatch.traffic.schema import ACCOUNTS, REQUESTS
from stillwatch.traffic.simulate.evasion import Evasion, evading, requests_per_answer
from stillwatch.traffic.simulate.people import LOOK_ALIKES, ORDINARY
from stillwatch.traffic.simulate.pools import CAMPAIGNS
from stillwatch.traffic.simulate.world import World, tables, write_world


def whole(world: World) -> tuple[pa.Table, pa.Table, pa.Table]:
    accounts, requests, labels = zip(*tables(world), strict=True)
    return pa.concat_tables(accounts), pa.concat_tables(requests), pa.concat_tables(labels)


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_world(World(accounts=200, days=2, seed=5), tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.parquet"))
    assert len(files) > 10
    assert all(pq.read_table(tmp_path / "a" / name).equals(pq.read_table(tmp_path / "b" / name)) for name in files)
    assert not whole(World(accounts=200, days=2, seed=6))[1].equals(whole(World(accounts=200, days=2, seed=5))[1])


def test_tables_follow_the_contract_and_every_account_has_a_label() -> None:
    accounts, requests, labels = whole(World(accounts=400, seed=1))
    assert requests.schema == REQUESTS and accounts.schema == ACCOUNTS
    assert len(set(requests["request_id"].to_pylist())) == len(requests)
    assert set(requests["account_id"].to_pylist()) <= set(labels["account_id"].to_pylist())
    assert len(accounts) == len(labels) == 400
    assert {kind.name for kind in LOOK_ALIKES} <= set(labels["kind"].to_pylist())
    assert set(labels["campaign"].to_pylist()) == {None, "queue", "low-and-slow"}


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_every_campaign_can_be_asked_for_in_any_size(name: str) -> None:
    _, requests, labels = whole(World(accounts=300, days=2, seed=2, campaigns=(f"{name}:12",)))
    members = [row["account_id"] for row in labels.to_pylist() if row["campaign"] == name]
    assert len(members) == (24 if name == "hydra" else 12)
    assert set(members) & set(requests["account_id"].to_pylist())


def test_a_campaign_writes_in_the_same_scripts_as_everybody() -> None:
    _, requests, labels = whole(World(accounts=1000, seed=3, campaigns=("queue:200",)))
    hostile = {row["account_id"] for row in labels.to_pylist() if row["campaign"]}
    ordinary = {row["account_id"] for row in labels.to_pylist() if row["kind"] == "ordinary"}
    rows = requests.select(["account_id", "prompt"]).to_pylist()

    def cyrillic(accounts: set[str]) -> float:
        texts = [row["prompt"] for row in rows if row["account_id"] in accounts]
        return sum(any("а" <= char <= "я" for char in text) for text in texts) / len(texts)

    assert cyrillic(hostile) == pytest.approx(cyrillic(ordinary), abs=0.06)


def test_a_world_that_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match="larger than the world"):
        list(tables(World(accounts=100, campaigns=("queue:500",))))
    with pytest.raises(UsageError, match="no such campaign"):
        list(tables(World(campaigns=("unheard-of",))))


def test_an_evading_campaign_hides_what_it_says_and_pays_for_it() -> None:
    queue = CAMPAIGNS["queue"]
    hidden = evading(queue, Evasion(jitter=1, rotation=1, paraphrase=1, volume=1, decoy=1))
    assert (hidden.identity.payments, hidden.identity.devices, hidden.client) == (1, 1, None)
    assert len(hidden.before) == 320 and hidden.ordinary == 0.9 and hidden.delay_hours == 12
    assert hidden.volume[1] == ORDINARY.volume[1]
    assert evading(queue, Evasion()) == queue
    assert requests_per_answer(queue, Evasion(decoy=1)) == pytest.approx(10)


def test_strengths_lie_between_0_and_1() -> None:
    with pytest.raises(UsageError, match="a strength of 2 for decoy"):
        Evasion(decoy=2)
