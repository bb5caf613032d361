"""Loss by hand, and from logs as a scan reads them. All traffic is synthetic."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillwatch.errors import NoReadableInput
from stillwatch.forensics.loss.campaign import read_campaign
from stillwatch.forensics.loss.estimate import Range, Traffic, estimate
from stillwatch.forensics.loss.logs import read_traffic

NOW = datetime(2026, 10, 1, tzinfo=UTC)


def test_stated_tokens_are_added_up() -> None:
    loss = estimate(Traffic([200, 429, 200], [None, None, 2], [100, None, 50], [10, None, 0]), {"judge": 0.25, "sweep": 1.0})
    assert (loss.requests, loss.answers) == (3, Range(3, 3))
    assert loss.output_tokens == Range(150, 150)
    assert loss.reasoning_tokens == Range(10, 10)
    assert [(t.name, t.answers) for t in loss.techniques] == [("sweep", Range(3, 3)), ("judge", Range(1, 1))]


def test_missing_tokens_widen_the_range() -> None:
    # known 100 and 300: mean 200, standard deviation 141.4; one missing with success: 200 ± 283 → 0 to 483; one without status
    loss = estimate(Traffic([200, 200, 200, None], [None] * 4, [100, 300, None, None], [None] * 4), {})
    assert loss.answers == Range(3, 4)
    assert loss.output_tokens == Range(400, round(400 + 2 * 200 + 2 * 141.42136 * 2**0.5))
    assert loss.reasoning_tokens is None


def test_no_tokens_no_number() -> None:
    loss = estimate(Traffic([200], [None], [None], [None]), {})
    assert loss.output_tokens is None
    assert "states no tokens" in loss.statement
    assert estimate(Traffic([], [], [], []), {}).answers == Range(0, 0)


def written(tmp_path: Path, campaigns: list[dict[str, object]]) -> Path:
    path = tmp_path / "campaigns.json"
    path.write_text(json.dumps({"schema": "stillwatch.campaigns/1", "run": {}, "campaigns": campaigns}))
    return path


def test_a_campaign_by_its_id_or_as_the_only_one(tmp_path: Path) -> None:
    one = {"id": "campaign--1", "accounts": ["a"], "techniques": [{"id": "x", "name": "judge", "share": 0.5}], "q_value": 0.001}
    path = written(tmp_path, [one])
    assert read_campaign(path, None) == read_campaign(path, "campaign--1")
    with pytest.raises(NoReadableInput, match="there are: campaign--1"):
        read_campaign(path, "campaign--9")
    with pytest.raises(NoReadableInput, match="2 campaigns fit any id"):
        read_campaign(written(tmp_path, [one, one | {"id": "campaign--2"}]), None)


def test_requests_of_the_campaign_alone_are_counted(tmp_path: Path) -> None:
    rows = [
        {
            "request_id": f"r{n}",
            "ts": "2026-09-01T00:00:00Z",
            "account_id": f"acct-{n % 3}",
            "model": "m",
            "status": 200,
            "output_tokens": n,
        }
        for n in range(9)
    ]
    (tmp_path / "log.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    traffic = read_traffic([str(tmp_path / "log.jsonl")], ["acct-1"], NOW)
    assert sorted(t or 0 for t in traffic.output_tokens) == [1, 4, 7]
    assert list(traffic.completions) == [None] * 3
    with pytest.raises(NoReadableInput, match="have no request in these logs"):
        read_traffic([str(tmp_path / "log.jsonl")], ["acct-9"], NOW)
