"""What the local engine does with input that goes bad under it: a clear error, and nothing half-written."""

from datetime import UTC, datetime
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.campaigns.scan import ScanSettings, scan
from stillwatch.errors import EngineFailed
from stillwatch.traffic.engines.engine import Asked
from stillwatch.traffic.engines.local import LocalEngine

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def requests(count: int) -> pa.Table:
    """Synthetic requests of one account each."""
    times = [datetime(2026, 10, 1, 0, 0, second % 60, tzinfo=UTC) for second in range(count)]
    return pa.table(
        {
            "request_id": [f"r{i}" for i in range(count)],
            "ts": pa.array(times, pa.timestamp("us", "UTC")),
            "account_id": [f"a{i}" for i in range(count)],
            "model": ["m"] * count,
            "prompt": [f"A question with the number {i} that nobody else asks." for i in range(count)],
        }
    )


def test_a_column_that_cannot_be_read_is_said_and_the_earlier_result_stays(tmp_path: Path) -> None:
    path = tmp_path / "requests.parquet"
    pq.write_table(requests(500), path, compression="zstd", use_dictionary=False)
    settings = ScanSettings((str(path),), tmp_path / "out")
    scan(settings, now=NOW)
    before = (tmp_path / "out" / "campaigns.json").read_bytes()
    start = pq.ParquetFile(path).metadata.row_group(0).column(4).data_page_offset
    broken = bytearray(path.read_bytes())
    broken[start : start + 64] = b"\xff" * 64
    path.write_bytes(broken)
    with pytest.raises(EngineFailed, match="cannot be read") as caught:
        scan(settings, now=NOW)
    assert caught.value.place == str(path)
    assert (tmp_path / "out" / "campaigns.json").read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out", "requests.parquet"]


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "requests.parquet"
    pq.write_table(requests(20), path)
    (tmp_path / "workshop").mkdir()
    with LocalEngine(tmp_path / "workshop", memory_mb=256, threads=1) as engine:
        engine.take_in(Asked((str(path),), tmp_path / "workshop", NOW))
        engine.check_unchanged()
        pq.write_table(requests(30), path)
        with pytest.raises(EngineFailed, match="changed while it was read"):
            engine.check_unchanged()


def test_a_spill_disk_that_is_full_is_said(tmp_path: Path) -> None:
    with LocalEngine(tmp_path, memory_mb=64, threads=1) as engine:
        engine._connection.raw_sql("SET max_temp_directory_size = '1MB'")
        big = ibis.range(8_000_000).unnest().name("n").as_table().mutate(text=ibis._.n.hash().cast("string"))
        with pytest.raises(EngineFailed, match="free some disk"):
            engine.keep("sorted", big.order_by("text"))
