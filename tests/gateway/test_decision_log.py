"""The record of decisions, read from either end. All values are synthetic."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from stillwatch.gateway.alarm import Alarms
from stillwatch.gateway.records.decision_log import DecisionLog


def written(folder: Path, days: dict[str, list[dict[str, str]]]) -> DecisionLog:
    (folder / "decisions").mkdir(exist_ok=True)
    for day, rows in days.items():
        (folder / "decisions" / f"{day}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return DecisionLog(folder, Alarms())


@given(sizes=st.lists(st.integers(0, 70_000), max_size=8))
def test_the_latest_come_first_whatever_their_length(tmp_path_factory, sizes) -> None:
    rows = [{"request_id": f"r{number}", "gateway_reason": "é" * size} for number, size in enumerate(sizes)]
    log = written(tmp_path_factory.mktemp("log"), {"2026-11-01": rows[:3], "2026-11-02": rows[3:]})
    assert list(log.latest()) == rows[3:][::-1] + rows[:3][::-1]
    assert sorted(map(str, log.rows())) == sorted(map(str, rows))


def test_a_line_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    log = written(tmp_path, {"2026-11-01": [{"request_id": "r1"}, {"request_id": "r2"}]})
    with (tmp_path / "decisions" / "2026-11-01.jsonl").open("a") as file:
        file.write('{"request_id": "r3')
    assert [row["request_id"] for row in log.latest()] == ["r2", "r1"]
    assert [row["request_id"] for row in log.rows()] == ["r1", "r2"]
