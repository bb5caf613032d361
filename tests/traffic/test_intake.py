"""Intake: every named bad input, and that nothing readable is lost."""

import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from stillwatch.errors import NoReadableInput
from stillwatch.traffic.intake import Intake, take_in

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def row(number: int, **columns: object) -> dict[str, object]:
    """One synthetic canonical request."""
    base = {"request_id": f"r{number}", "ts": "2026-10-12T08:00:00Z", "account_id": "acct-1", "model": "m", "prompt": "Hi"}
    return base | columns


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


class Workshop:
    """A folder of logs, and what an intake made of it."""

    def __init__(self, folder: Path) -> None:
        self.logs = folder / "logs"
        self.logs.mkdir()
        self.staging = folder / "staging"
        self.staging.mkdir()
        self.rejected = folder / "rejected.jsonl"

    def take(self, **options: object) -> Intake:
        return take_in([str(self.logs)], staging=self.staging, rejected=self.rejected, now=NOW, **options)  # type: ignore[arg-type]

    def rejects(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.rejected.read_text("utf-8").splitlines()]


@pytest.fixture
def work(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def ids(intake: Intake) -> list[str]:
    return [name for path in intake.parquet for name in pq.read_table(path)["request_id"].to_pylist()]


def test_sound_parquet_goes_through_untouched(work: Workshop) -> None:
    path = work.logs / "a.parquet"
    table = pa.Table.from_pylist([row(n, ts=NOW - timedelta(days=1)) for n in range(5)])
    pq.write_table(table, path)
    assert work.take().parquet == (path,)


@pytest.mark.parametrize("pack", [lambda b: b, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"])
def test_json_lines_however_packed_and_whatever_the_name(work: Workshop, pack: object) -> None:
    (work.logs / "requests.log").write_bytes(pack(lines(row(1), row(2))))  # type: ignore[operator]
    assert ids(work.take()) == ["r1", "r2"]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_a_truncated_file_keeps_its_whole_lines(work: Workshop, pack: object) -> None:
    noise = [row(n, prompt=os.urandom(60).hex()) for n in range(3000)]
    packed = pack(lines(*noise))  # type: ignore[operator]
    (work.logs / "cut.jsonl.gz").write_bytes(packed[: len(packed) * 2 // 3])
    intake = work.take()
    assert 1000 < intake.rows < 2900
    assert ids(intake) == [f"r{n}" for n in range(intake.rows)]
    assert "cut off" in str(work.rejects()[-1]["reason"])


def test_a_broken_line_is_rejected_with_its_place_and_the_rest_is_kept(work: Workshop) -> None:
    (work.logs / "a.jsonl").write_bytes(lines(row(1)) + b'{"request_id": "r2", \n' + lines(row(3), [1], row(4, ts="yesterday")))
    intake = work.take()
    assert ids(intake) == ["r1", "r3"]
    assert [(entry["line"], str(entry["reason"])[:8]) for entry in work.rejects()] == [
        (2, "not JSON"),
        (4, "not a JS"),
        (5, "ts canno"),
    ]
    assert intake.rejected_rows == 3


def test_csv_with_line_ends_in_a_field_and_a_ragged_row(work: Workshop) -> None:
    text = 'request_id,ts,account_id,model,prompt,n\nr1,2026-10-12 08:00:00,a,m,"two\n\nlines",3\nr2,2026-10-12,a\nr3,1791763200,a,m,Hi,x\n'
    (work.logs / "a.csv").write_text(text, "utf-8-sig")
    intake = work.take()
    found = pq.read_table(intake.parquet[0]).to_pylist()
    assert [(entry["request_id"], entry["prompt"], entry["n"]) for entry in found] == [
        ("r1", "two\n\nlines", 3),
        ("r3", "Hi", None),
    ]
    assert "3 fields where the header has 6" in str(work.rejects()[0]["reason"])


def test_clocks_of_1970_and_2099_are_rejected(work: Workshop) -> None:
    (work.logs / "a.jsonl").write_bytes(lines(row(1, ts=0), row(2, ts="2099-01-01T00:00:00Z"), row(3)))
    assert ids(work.take()) == ["r3"]
    assert all("clock" in str(entry["reason"]) for entry in work.rejects())


def test_wrong_clocks_in_parquet_are_rejected_row_by_row(work: Workshop) -> None:
    times = [datetime(1970, 1, 1, tzinfo=UTC), NOW, datetime(2099, 1, 1, tzinfo=UTC)]
    pq.write_table(pa.Table.from_pylist([row(n, ts=ts) for n, ts in enumerate(times)]), work.logs / "a.parquet")
    assert ids(work.take()) == ["r1"]
    assert [entry["line"] for entry in work.rejects()] == [1, 3]


def test_repeated_request_ids_are_kept_once_over_files_and_formats(work: Workshop) -> None:
    pq.write_table(pa.Table.from_pylist([row(n, ts=NOW) for n in (1, 2)]), work.logs / "a.parquet")
    (work.logs / "b.jsonl").write_bytes(lines(row(2), row(3), row(3)))
    assert sorted(ids(work.take())) == ["r1", "r2", "r3"]
    assert [(Path(str(e["file"])).name, e["line"]) for e in work.rejects()] == [("b.jsonl", 1), ("b.jsonl", 3)]


def test_a_parquet_file_without_footer_is_rejected_and_the_others_are_kept(work: Workshop) -> None:
    pq.write_table(pa.Table.from_pylist([row(1, ts=NOW)] * 1), work.logs / "whole.parquet")
    whole = (work.logs / "whole.parquet").read_bytes()
    (work.logs / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    assert ids(work.take()) == ["r1"]
    assert "footer" in str(work.rejects()[0]["reason"])


def test_values_of_a_wrong_type_are_converted_where_they_can_be(work: Workshop) -> None:
    pq.write_table(pa.Table.from_pylist([row(1, ts=NOW, n="3"), row(2, ts=NOW, n="many")]), work.logs / "a.parquet")
    assert pq.read_table(work.take().parquet[0])["n"].to_pylist() == [3, None]


def test_links_loops_hidden_and_empty_files(work: Workshop) -> None:
    (work.logs / "sub").mkdir()
    (work.logs / "sub" / "a.jsonl").write_bytes(lines(row(1)))
    (work.logs / "link.jsonl").symlink_to(work.logs / "sub" / "a.jsonl")
    (work.logs / "sub" / "loop").symlink_to(work.logs)
    (work.logs / "dangling.jsonl").symlink_to(work.logs / "nowhere")
    (work.logs / ".hidden.jsonl").write_bytes(lines(row(9)))
    (work.logs / "empty.jsonl").write_bytes(b"")
    (work.logs / "bom.jsonl").write_bytes(b"\xef\xbb\xbf" + lines(row(2)))
    assert sorted(ids(work.take())) == ["r1", "r2"]


def test_a_line_of_ten_megabytes_and_one_that_is_too_long(work: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    big = row(1, prompt="x" * 10_000_000)
    monkeypatch.setattr("stillwatch.traffic.records.LINE_LIMIT", 12_000_000)
    (work.logs / "a.jsonl").write_bytes(lines(big, row(2, prompt="y" * 13_000_000), row(3)))
    assert ids(work.take()) == ["r1", "r3"]
    assert "longer than" in str(work.rejects()[0]["reason"])


def test_half_a_surrogate_pair_is_met(work: Workshop) -> None:
    (work.logs / "a.jsonl").write_bytes(lines(row(1)).replace(b'"Hi"', b'"cut \\ud83d"') + lines(row(2)))
    assert ids(work.take()) == ["r1", "r2"]


def test_mixed_formats_in_one_folder(work: Workshop) -> None:
    openai = {"ts": 1791763200, "account": "k", "path": "/v1/chat/completions", "body": {"model": "m", "messages": []}}
    anthropic = {"ts": 1791763200, "path": "/v1/messages", "body": {"model": "m", "system": "s", "messages": []}}
    bedrock = {
        "schemaType": "ModelInvocationLog",
        "timestamp": "2026-10-12T08:00:00Z",
        "accountId": "1",
        "requestId": "b",
        "modelId": "m",
    }
    (work.logs / "all.jsonl").write_bytes(lines(row(1), openai, anthropic, bedrock, {"some": "thing"}))
    pq.write_table(pa.Table.from_pylist([row(7, ts=NOW)]), work.logs / "a.parquet")
    intake = work.take()
    assert intake.rows == 5
    assert "no known format" in str(work.rejects()[0]["reason"])


def test_the_files_name_stands_for_a_missing_account_and_the_run_says_so(work: Workshop) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    (work.logs / "team-seven.jsonl").write_bytes(lines({"ts": 1791763200, "path": "/v1/chat/completions", "body": body}))
    intake = work.take()
    assert pq.read_table(intake.parquet[0])["account_id"].to_pylist() == ["team-seven"]
    assert "--account-from" in intake.notes[0]


@pytest.mark.parametrize("name", ["headers.none", "X-Key-Id", "who.key"])
def test_account_from_a_field_or_a_header(work: Workshop, name: str) -> None:
    record = {
        "ts": 1791763200,
        "path": "/v1/chat/completions",
        "headers": [["x-key-id", "key-9"]],
        "who": {"key": "key-9"},
        "body": {"model": "m", "messages": []},
    }
    (work.logs / "file-name.jsonl").write_bytes(lines(record))
    expected = "file-name" if name == "headers.none" else "key-9"
    assert pq.read_table(work.take(account_from=name).parquet[0])["account_id"].to_pylist() == [expected]


def test_nothing_readable_is_an_error_that_says_why(work: Workshop) -> None:
    (work.logs / "a.jsonl").write_bytes(b"once upon a time\n")
    with pytest.raises(NoReadableInput, match="not JSON"):
        work.take()
    with pytest.raises(NoReadableInput, match="no such file"):
        take_in([str(work.logs / "none*")], staging=work.staging, rejected=work.rejected, now=NOW)
