"""Nothing that says where somebody comes from changes a result, whatever the logs carry of it."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.campaigns.campaign import Campaigns
from stillwatch.campaigns.scan import ScanSettings, scan
from stillwatch.traffic.schema import ACCOUNTS, EVENTS, REQUESTS
from stillwatch.traffic.simulate.world import World, write_world

ORIGIN = ("country", "nationality", "language", "locale", "timezone")


def scanned(folder: Path, world: Path, seed: int) -> Campaigns:
    """Scan a copy of the world in which columns of origin are dealt out by chance."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    for name in ("requests", "accounts.parquet"):
        table = pq.read_table(world / name)
        for column in ORIGIN:
            table = table.append_column(column, pa.array(rng.choice(["AA", "BB", "CC"], len(table))))
        pq.write_table(table, folder / f"{name.removesuffix('.parquet')}.parquet")
    settings = ScanSettings((str(folder / "requests.parquet"),), folder / "out", folder / "accounts.parquet")
    return scan(settings, now=datetime(2026, 11, 1, tzinfo=UTC))


def test_permuting_origin_changes_nothing(tmp_path: Path) -> None:
    write_world(World(accounts=400, seed=6, campaigns=("queue",)), tmp_path / "world")
    one, other = (scanned(tmp_path / str(seed), tmp_path / "world", seed) for seed in (1, 2))
    assert one.campaigns == other.campaigns != []
    assert (tmp_path / "1/out/accounts.parquet").read_bytes() == (tmp_path / "2/out/accounts.parquet").read_bytes()


def test_no_input_table_has_a_column_of_origin() -> None:
    for schema in (REQUESTS, ACCOUNTS, EVENTS):
        assert not set(ORIGIN) & set(schema.names)
