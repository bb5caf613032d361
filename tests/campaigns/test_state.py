"""Scans that go on from earlier ones."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from stillwatch.campaigns.campaign import Campaign, Campaigns
from stillwatch.campaigns.scan import ScanSettings, scan
from stillwatch.campaigns.state import known, note, with_earlier_ids
from stillwatch.errors import UsageError
from stillwatch.traffic.simulate.world import World, write_world
from tests.campaigns.report.synthetic import campaign

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def renamed(number: int, name: str, accounts: list[str]) -> Campaign:
    return msgspec.structs.replace(campaign(number, 3, "low"), id=name, accounts=accounts)


def test_a_campaign_keeps_its_id_while_half_of_its_accounts_stay() -> None:
    old = [renamed(1, "campaign--old", ["a", "b", "c", "d"]), renamed(2, "campaign--gone", ["x", "y"])]
    new = [renamed(3, "campaign--3", ["z"]), renamed(4, "campaign--4", ["c", "d", "e", "f", "g"])]
    assert [entry.id for entry in with_earlier_ids(new, old)] == ["campaign--3", "campaign--old"]


def test_no_id_is_given_twice() -> None:
    old = [renamed(1, "campaign--old", ["a", "b"])]
    new = [renamed(2, "campaign--2", ["a"]), renamed(3, "campaign--3", ["a", "b", "c"])]
    assert [entry.id for entry in with_earlier_ids(new, old)] == ["campaign--2", "campaign--old"]


def test_what_was_found_once_stays_known() -> None:
    first = note([renamed(1, "campaign--1", ["a"])], [])
    second = note([renamed(2, "campaign--2", ["b"])], known(first))
    assert [entry.id for entry in known(second)] == ["campaign--2", "campaign--1"]


def test_a_note_of_something_else_is_refused() -> None:
    with pytest.raises(UsageError, match="no state of earlier scans"):
        known(b"{}")


def test_two_halves_of_a_week_and_the_same_again(tmp_path: Path) -> None:
    """The second half joins the first under the same id; what is read twice counts once."""
    world = tmp_path / "world"
    write_world(World(accounts=400, seed=5, campaigns=("queue",)), world)
    table = pq.read_table(world / "requests")
    middle = pc.quantile(table["ts"].cast("int64"), 0.5)[0].as_py()
    early = pc.less(table["ts"].cast("int64"), middle)
    for name, part in (("first", table.filter(early)), ("second", table.filter(pc.invert(early)))):
        pq.write_table(part, tmp_path / f"{name}.parquet")

    def scanned(name: str) -> Campaigns:
        settings = ScanSettings(
            (str(tmp_path / f"{name}.parquet"),), tmp_path / "out", world / "accounts.parquet", state=tmp_path / "state"
        )
        return scan(settings, now=NOW)

    first, second = scanned("first"), scanned("second")
    assert second.run.requests == table.num_rows > first.run.requests
    assert [found.id for found in first.campaigns] == [found.id for found in second.campaigns]
    parts = sorted((tmp_path / "state").glob("rows-*"))
    again = scanned("second")
    assert again.campaigns == second.campaigns
    assert sorted((tmp_path / "state").glob("rows-*")) == parts
