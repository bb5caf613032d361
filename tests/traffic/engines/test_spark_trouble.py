"""What a scan on Spark does when things go wrong in its middle: workers that die, tables that change, skew, a full disk.

A small cluster of its own with one worker. Everything is skipped where PySpark or Java is missing.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.campaigns.scan import ScanSettings, scan
from stillwatch.errors import EngineFailed, UsageError
from stillwatch.traffic.engines.engine import Asked, Engine
from stillwatch.traffic.engines.local import LocalEngine
from stillwatch.traffic.engines.spark.engine import SparkEngine
from stillwatch.traffic.engines.spark.session import require, session
from stillwatch.traffic.engines.spark.settings import SparkSettings
from stillwatch.traffic.measures import account_measures
from stillwatch.traffic.simulate.world import World, write_world

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SMALL = {"spark.sql.shuffle.partitions": "1", "spark.ui.enabled": "false", "spark.task.maxFailures": "2"}
COLUMNS = "request_id string, ts timestamp, account_id string, model string, prompt string"


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    warehouse = {"spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse"))}
    settings = SparkSettings("local-cluster[1,1,1024]", tuple((SMALL | warehouse).items()))
    try:
        require(settings)
    except UsageError as missing:
        pytest.skip(missing.what)
    with session(settings) as started:
        yield started


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of requests, nine tenths of them from one account."""
    rows = [
        {
            "request_id": f"r{number}",
            "ts": datetime(2026, 10, 1 + number % 7, number % 24, tzinfo=UTC),
            "account_id": f"synthetic-{number % 20 if number % 10 == 0 else 'heavy'}",
            "model": "atlas-large",
            "prompt": f"A synthetic question of which there are many, number {number % 311} among them",
        }
        for number in range(2_000)
    ]
    path = tmp_path_factory.mktemp("requests") / "requests.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def measured(engine: Engine, source: str, workshop: Path) -> list[dict[str, Any]]:
    """The measures per account, in the order of their keys."""
    workshop.mkdir(exist_ok=True)
    taken = engine.take_in(Asked((source,), workshop, NOW))
    return engine.fetch(account_measures(engine.derived(taken.requests))).sort_by("account").to_pylist()


def dying(marker: Path | None) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Rows as they are, after the death of the worker that was to pass them on: the first time, or without ``marker`` every time."""
    kill, parent = os.kill, os.getppid

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if marker is None or not marker.exists():
                if marker:
                    marker.touch()
                kill(parent_of(parent()), signal.SIGKILL)
            yield batch

    def parent_of(process: int) -> int:
        status = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return int(status[1])

    return run


def test_a_worker_that_dies_in_the_middle_of_a_step_is_made_up_for(spark: Any, requests: Path, tmp_path: Path) -> None:
    """With skew on top: nine tenths of the rows belong to one account."""
    rows = spark.read.schema(COLUMNS).parquet(str(requests))
    rows.mapInArrow(dying(tmp_path / "died"), COLUMNS).createOrReplaceTempView("dying_once")
    with LocalEngine(tmp_path, memory_mb=256, threads=1) as local:
        expected = measured(local, str(requests), tmp_path / "local")
    with SparkEngine.opened(SparkSettings()) as cluster:
        assert measured(cluster, "dying_once", tmp_path / "spark") == expected
    assert (tmp_path / "died").exists()


def test_workers_that_keep_dying_end_the_scan_and_leave_what_was_there(spark: Any, requests: Path, tmp_path: Path) -> None:
    spark.read.schema(COLUMNS).parquet(str(requests)).mapInArrow(dying(None), COLUMNS).createOrReplaceTempView("dying_always")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "campaigns.json").write_text("earlier")
    with pytest.raises(EngineFailed, match="workers were lost more often than Spark makes up for"):
        scan(ScanSettings(("dying_always",), tmp_path / "out", engine="spark", state=tmp_path / "state"), now=NOW)
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["campaigns.json"]


def test_a_table_that_is_written_to_while_it_is_read(spark: Any, requests: Path, tmp_path: Path) -> None:
    spark.read.schema(COLUMNS).parquet(str(requests)).write.mode("overwrite").saveAsTable("synthetic_log")
    with SparkEngine.opened(SparkSettings()) as engine:
        engine.take_in(Asked(("synthetic_log",), tmp_path, NOW))
        engine.check_unchanged()
        spark.table("synthetic_log").limit(1).write.mode("append").saveAsTable("synthetic_log")
        with pytest.raises(EngineFailed, match="changed while it was read"):
            engine.check_unchanged()


def test_a_full_disk_for_shuffles_is_said(requests: Path, tmp_path: Path) -> None:
    """In a mount namespace of its own, where ``spark.local.dir`` has 64 kB."""
    try:
        require(SparkSettings())
    except UsageError as missing:
        pytest.skip(missing.what)
    alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec"]
    (tmp_path / "local").mkdir()
    mount = f"mount -t tmpfs -o size=64k tmpfs {tmp_path}/local"
    if subprocess.run([*alone, mount], capture_output=True, check=False).returncode:
        pytest.skip("this system gives no mount namespace")
    write_world(World(accounts=60, days=2, campaigns=()), tmp_path / "world")
    command = f"""{mount}; exec {sys.executable} -m stillwatch scan {tmp_path}/world/requests --out {tmp_path}/out --quiet
        --engine spark --spark-master 'local[1]' --spark-conf spark.local.dir={tmp_path}/local --spark-conf spark.ui.enabled=false
        --spark-conf spark.sql.shuffle.partitions=1"""
    done = subprocess.run([*alone, command.replace("\n", " ")], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "a disk of the cluster is full" in done.stderr
    assert not (tmp_path / "out").exists()
