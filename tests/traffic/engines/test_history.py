"""The history of the local engine, and the rules that hold for each."""

import shutil
from itertools import pairwise
from pathlib import Path

import ibis.expr.types as ir
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import EngineFailed, OutputNotWritten, UsageError
from stillwatch.traffic.engines.history import Ledger, Part, merged_from, read_ledger
from stillwatch.traffic.engines.local import LocalEngine


def derived(engine: LocalEngine, scratch: Path, *requests: int) -> ir.Table:
    """The derived rows of requests with these numbers, each with a prompt of its own."""
    rows = [
        {"request_id": str(number), "ts": number, "account_id": "a", "model": "m", "prompt": f"synthetic prompt number {number}"}
        for number in requests
    ]
    pq.write_table(pa.Table.from_pylist(rows), scratch / "requests.parquet")
    return engine.derived([scratch / "requests.parquet"])


def gone_on(folder: Path, scratch: Path, *requests: int, note: bytes = b"[]") -> list[int]:
    """What a scan sees that goes on from ``folder`` with these requests: the times of all, which are their numbers."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    with LocalEngine(scratch, memory_mb=256, threads=1) as engine:
        history = engine.history(folder)
        together = history.together(derived(engine, scratch, *requests))
        seen = engine.fetch(together.select("ts"))["ts"].cast("int64").to_pylist()
        history.commit(note)
    return sorted(seen)


def test_a_request_is_taken_in_once(tmp_path: Path) -> None:
    assert gone_on(tmp_path / "state", tmp_path / "1", 1, 2, 3) == [1, 2, 3]
    assert gone_on(tmp_path / "state", tmp_path / "2", 3, 4, note=b'{"seen": 2}') == [1, 2, 3, 4]
    assert gone_on(tmp_path / "state", tmp_path / "3", 1, 4) == [1, 2, 3, 4]


def test_the_note_comes_back(tmp_path: Path) -> None:
    gone_on(tmp_path / "state", tmp_path / "1", 1, note=b'{"seen": 1}')
    with LocalEngine(tmp_path / "1", memory_mb=256, threads=1) as engine:
        assert engine.history(tmp_path / "state").note == b'{"seen": 1}'
        assert engine.history(tmp_path / "new").note == b"null"


def test_parts_stay_few_and_nothing_is_lost(tmp_path: Path) -> None:
    for number in range(20):
        seen = gone_on(tmp_path / "state", tmp_path / "scratch", number)
    assert seen == list(range(20))
    files = list((tmp_path / "state").glob("rows-*"))
    assert len(files) <= 5
    assert sum(pq.read_metadata(file / "rows.parquet").num_rows for file in files) == 20


@given(st.lists(st.integers(1, 1000), max_size=200))
def test_each_part_outweighs_what_follows(arrivals: list[int]) -> None:
    parts: list[Part] = []
    for fresh in arrivals:
        place = merged_from(parts, fresh)
        parts = [*parts[:place], Part("", fresh + sum(part.rows for part in parts[place:]))]
    assert sum(part.rows for part in parts) == sum(arrivals)
    assert all(before.rows >= 2 * after.rows for before, after in pairwise(parts))


def test_a_scan_that_ends_before_its_commit_changes_nothing(tmp_path: Path) -> None:
    gone_on(tmp_path / "state", tmp_path / "1", 1)
    (tmp_path / "state" / "rows-left-behind.parquet").write_bytes(b"of something else")
    (tmp_path / "state" / "rows-halfway").mkdir()
    (tmp_path / "state" / "rows-halfway" / "rows.parquet").write_bytes(b"PAR1 half a part")
    (tmp_path / "2").mkdir()
    with LocalEngine(tmp_path / "2", memory_mb=256, threads=1) as engine:
        engine.history(tmp_path / "state").together(derived(engine, tmp_path / "2", 2))
    assert gone_on(tmp_path / "state", tmp_path / "3", 3) == [1, 3]
    assert not (tmp_path / "state" / "rows-halfway").exists()
    assert not (tmp_path / "state" / "rows-left-behind.parquet").exists()


def test_two_scans_at_once(tmp_path: Path) -> None:
    with LocalEngine(tmp_path, memory_mb=256, threads=1) as engine:
        history = engine.history(tmp_path / "state")
        history.together(derived(engine, tmp_path, 1))
        gone_on(tmp_path / "state", tmp_path / "other", 2)
        with pytest.raises(EngineFailed, match="another scan has gone on from this state"):
            history.commit(b"[]")
    assert gone_on(tmp_path / "state", tmp_path / "other", 3) == [2, 3]


@pytest.mark.parametrize("name", ["campaigns.json", "state.json"])
def test_a_folder_of_something_else_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}")
    with LocalEngine(tmp_path / "scratch", memory_mb=256, threads=1) as engine:
        with pytest.raises(UsageError, match="no state of earlier scans"):
            engine.history(tmp_path)
        with pytest.raises(UsageError, match="no state in other storage"):
            engine.history("s3a://bucket/state")


def test_the_ledger_of_another_engine_is_refused() -> None:
    with pytest.raises(UsageError, match="of the spark engine, wanted is"):
        read_ledger(msgspec.json.encode(Ledger.of("spark")), "local", "state")
    with pytest.raises(UsageError, match=r"stillwatch\.state/1 of the local engine, wanted is stillwatch\.state/2"):
        read_ledger(msgspec.json.encode(Ledger("local", schema="stillwatch.state/1")), "local", "state")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with LocalEngine(tmp_path, memory_mb=256, threads=1) as engine:
        history = engine.history(tmp_path / "file" / "state")
        history.together(derived(engine, tmp_path, 1))
        with pytest.raises(OutputNotWritten, match="the state could not be written"):
            history.commit(b"[]")
