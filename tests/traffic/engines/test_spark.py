"""The Spark engine on a cluster of two workers: the campaigns of the local engine, and what it does when things go wrong.

One cluster serves the module. Everything is skipped where PySpark or Java is missing.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.campaigns.campaign import Campaigns
from stillwatch.campaigns.results import FILES
from stillwatch.campaigns.scan import ScanSettings, scan
from stillwatch.errors import EngineFailed, NoReadableInput, UsageError
from stillwatch.traffic.engines.engine import Asked, Engine
from stillwatch.traffic.engines.local import LocalEngine
from stillwatch.traffic.engines.spark.engine import SparkEngine
from stillwatch.traffic.engines.spark.history import SparkHistory
from stillwatch.traffic.engines.spark.session import require, session
from stillwatch.traffic.engines.spark.settings import SparkSettings
from stillwatch.traffic.engines.spark.tables import Tables
from stillwatch.traffic.measures import account_measures
from stillwatch.traffic.simulate.world import World, write_world

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SMALL = {"spark.sql.shuffle.partitions": "2", "spark.ui.enabled": "false", "spark.task.maxFailures": "2"}


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    warehouse = {"spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse"))}
    settings = SparkSettings("local-cluster[2,1,1024]", tuple((SMALL | warehouse).items()))
    try:
        require(settings)
    except UsageError as missing:
        pytest.skip(missing.what)
    with session(settings) as started:
        yield started


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small world with a pool, some rows of which are broken, repeated, nameless, or in another format."""
    folder = tmp_path_factory.mktemp("world") / "world"
    write_world(World(accounts=130, seed=3, days=3, campaigns=("queue:40",)), folder)
    table = pq.read_table(folder / "requests")
    for file in (folder / "requests").iterdir():
        file.unlink()
    third = len(table) // 3
    pq.write_table(table[:third], folder / "requests" / "a.parquet")
    pq.write_table(with_flaws(table[third : 2 * third]), folder / "requests" / "b.parquet")
    pq.write_table(table[2 * third : -50].drop_columns("ip"), folder / "requests" / "c.parquet")
    lines = "\n".join(row.removesuffix("\n") for row in json_lines(table[-50:]))
    (folder / "requests" / "d.jsonl").write_text(lines, "utf-8")
    return folder


def with_flaws(table: pa.Table) -> pa.Table:
    """Two rows again, one with a clock that is wrong, one without model, one without account."""
    rows = [*table.to_pylist(), *table[:2].to_pylist()]
    rows[10]["ts"] = datetime(1999, 1, 1, tzinfo=UTC)
    rows[11]["model"] = None
    rows[12]["account_id"] = None
    return pa.Table.from_pylist(rows, table.schema)


def json_lines(table: pa.Table) -> Iterator[str]:
    for row in table.to_pylist():
        yield json.dumps({name: value for name, value in row.items() if value is not None}, default=str)


def scanned(world: Path, engine: str) -> Campaigns:
    settings = ScanSettings(
        (str(world / "requests"),),
        world.parent / f"out-{engine}",
        accounts=world / "accounts.parquet",
        events=world / "events.parquet",
        engine=engine,
    )
    return scan(settings, now=NOW)


def test_both_engines_give_the_same_campaigns(spark: Any, world: Path) -> None:
    local, cluster = scanned(world, "local"), scanned(world, "spark")
    assert len(local.campaigns) == 1
    assert cluster.campaigns == local.campaigns
    assert cluster.explained == local.explained
    assert cluster.run.abstained == local.run.abstained
    assert (cluster.run.requests, cluster.run.rejected_rows) == (local.run.requests, local.run.rejected_rows)
    assert cluster.run.rejected_rows == 5
    accounts = [pq.read_table(world.parent / f"out-{engine}" / "accounts.parquet") for engine in ("local", "spark")]
    assert accounts[0].sort_by("account_id").equals(accounts[1].sort_by("account_id"))
    rejected = [(world.parent / f"out-{engine}" / "rejected.jsonl").read_text("utf-8") for engine in ("local", "spark")]
    assert all("its clock is wrong" in text and "repeats a request_id" in text and "b.parquet" in text for text in rejected)
    assert not [name for name in spark.catalog.listTables() if name.name.startswith("stillwatch_")]


def test_scans_that_go_on_find_on_spark_what_they_find_here(spark: Any, world: Path, tmp_path: Path) -> None:
    """A second arrival with the first one in it: the same campaigns as on the local engine, each request once."""
    for arrival in ("requests/a.parquet", "requests"):
        found = {}
        for engine in ("local", "spark"):
            settings = ScanSettings(
                (str(world / arrival),),
                tmp_path / engine,
                world / "accounts.parquet",
                engine=engine,
                state=tmp_path / f"state-{engine}",
            )
            found[engine] = scan(settings, now=NOW)
        assert found["spark"].campaigns == found["local"].campaigns
        assert found["spark"].run.requests == found["local"].run.requests
    assert len(found["spark"].campaigns) == 1
    assert len(list((tmp_path / "state-spark").glob("rows-*/_SUCCESS"))) == 2


def history_of(spark: Any, place: Path) -> SparkHistory:
    return SparkHistory(Tables(spark), place)


def test_a_history_on_spark_survives_a_ledger_that_was_never_written(spark: Any, tmp_path: Path) -> None:
    for _ in range(2):
        history_of(spark, tmp_path).commit(b'["synthetic"]')
    shutil.rmtree(tmp_path / "ledger-b")
    (tmp_path / "ledger-b" / "_temporary").mkdir(parents=True)
    again = history_of(spark, tmp_path)
    assert again.note == b'["synthetic"]'
    again.commit(b"[]")
    with pytest.raises(EngineFailed, match="another scan has gone on"):
        again.commit(b"[]")


def test_a_history_of_something_else_is_refused(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "ledger-a").mkdir()
    (tmp_path / "ledger-a" / "notes.txt").write_text("{}")
    with pytest.raises(UsageError, match="no state of earlier scans"):
        history_of(spark, tmp_path)


def test_a_history_of_the_local_engine_is_refused(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{}")
    with pytest.raises(UsageError, match="it is one of the local engine"):
        history_of(spark, tmp_path)


def measured(engine: Engine, source: str, workshop: Path) -> list[dict[str, Any]]:
    """The measures per account, in the order of their keys."""
    workshop.mkdir(exist_ok=True)
    taken = engine.take_in(Asked((source,), workshop, NOW))
    return engine.fetch(account_measures(engine.derived(taken.requests))).sort_by("account").to_pylist()


def test_a_table_is_read_by_its_name(spark: Any, world: Path, tmp_path: Path) -> None:
    part = str(world / "requests" / "a.parquet")
    spark.read.parquet(part).createOrReplaceTempView("synthetic_requests")
    with LocalEngine(tmp_path, memory_mb=256, threads=1) as local:
        expected = measured(local, part, tmp_path / "local")
    with SparkEngine.opened(SparkSettings()) as cluster:
        assert measured(cluster, "synthetic_requests", tmp_path / "spark") == expected


def test_a_table_that_is_not_there_or_not_a_table_of_requests(spark: Any, tmp_path: Path) -> None:
    spark.createDataFrame(
        [("r", "yesterday", "a", "m")], "request_id string, ts string, account_id string, model string"
    ).createOrReplaceTempView("odd")
    with SparkEngine.opened(SparkSettings()) as engine:
        with pytest.raises(NoReadableInput, match="no such file, folder or table"):
            engine.take_in(Asked(("nowhere.requests",), tmp_path, NOW))
        with pytest.raises(NoReadableInput, match="the column ts has the type string"):
            engine.take_in(Asked(("odd",), tmp_path, NOW))


def executors(spark: Any) -> list[int]:
    """The processes of the cluster's executors: children of the Java process of this test."""
    parent = spark.sparkContext._gateway.proc.pid
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command, status = (place / "cmdline").read_bytes(), (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if b"CoarseGrainedExecutorBackend" in command and int(status[1]) == parent:
            found.append(int(place.name))
    return found


def test_a_killed_worker_is_made_up_for(spark: Any, world: Path, tmp_path: Path) -> None:
    with SparkEngine.opened(SparkSettings()) as engine:
        taken = engine.take_in(Asked((str(world / "requests" / "a.parquet"),), tmp_path, NOW))
        rows = engine.derived(taken.requests)
        before = engine.fetch(account_measures(rows)).sort_by("account")
        os.kill(executors(spark)[0], signal.SIGKILL)
        assert engine.fetch(account_measures(rows)).sort_by("account").equals(before)


def test_a_file_that_changes_or_goes_is_said(spark: Any, world: Path, tmp_path: Path) -> None:
    path = tmp_path / "moving.parquet"
    path.write_bytes((world / "requests" / "a.parquet").read_bytes())
    with SparkEngine.opened(SparkSettings()) as engine:
        taken = engine.take_in(Asked((str(path),), tmp_path, NOW))
        engine.check_unchanged()
        path.unlink()
        with pytest.raises(EngineFailed, match="changed while it was read"):
            engine.check_unchanged()
        with pytest.raises(EngineFailed, match="a part of the input cannot be read") as caught:
            engine.derived(taken.requests)
        assert "moving.parquet" in caught.value.place


def test_a_partition_that_cannot_be_read_leaves_the_earlier_result(spark: Any, world: Path, tmp_path: Path) -> None:
    path = tmp_path / "requests.parquet"
    pq.write_table(pq.read_table(world / "requests" / "a.parquet"), path, compression="zstd", use_dictionary=False)
    metadata = pq.ParquetFile(path).metadata.row_group(0)
    prompt = next(c for c in map(metadata.column, range(metadata.num_columns)) if c.path_in_schema == "prompt")
    broken = bytearray(path.read_bytes())
    broken[prompt.data_page_offset : prompt.data_page_offset + 64] = b"\xff" * 64
    path.write_bytes(broken)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "campaigns.json").write_text("earlier")
    with pytest.raises(EngineFailed):
        scan(ScanSettings((str(path),), tmp_path / "out", engine="spark"), now=NOW)
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["campaigns.json"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out", "requests.parquet"]


def test_without_pyspark_or_java_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(UsageError, match="apt-get install openjdk-17-jre-headless"):
        require(SparkSettings("local[2]"))
    require(SparkSettings("sc://spark.example:15002"))
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(UsageError, match=r"pip install 'stillwatch\[spark\]'"):
        require(SparkSettings())


def test_a_result_goes_into_storage_and_into_tables(spark: Any, world: Path, tmp_path: Path) -> None:
    """Input, state and output by URLs; a second run takes the place of the first, in the tables too."""
    source, out = f"file://{world}/requests/a.parquet", tmp_path / "bucket of files"
    settings = ScanSettings((source,), f"file://{out}", engine="spark", state=f"file://{tmp_path}/state", out_table="synthetic")
    for _ in range(3):
        result = scan(settings, now=NOW)
    assert sorted(file.name for file in out.iterdir()) == sorted(FILES)
    assert len(pq.read_table(out / "accounts.parquet")) == result.run.accounts == spark.table("synthetic_accounts").count()
    assert spark.table("synthetic_campaigns").columns[:2] == ["run", "id"]
    assert len(spark.catalog.listTables(pattern="synthetic_accounts_run_*")) == 2
