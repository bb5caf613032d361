"""The accounts table from Parquet: by columns where types fit, else value by value, with the same result."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.errors import UsageError
from stillwatch.traffic.accounts import load_accounts
from stillwatch.traffic.schema import ACCOUNTS

CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def loaded(folder: Path, columns: dict[str, pa.Array]) -> list[dict[str, object]]:
    pq.write_table(pa.table(columns), folder / "accounts.parquet")
    table = load_accounts(folder / "accounts.parquet")
    assert table.schema.names == ACCOUNTS.names
    return [{name: row[name] for name in columns if name in row} for row in table.to_pylist()]


def test_whole_columns_and_single_values_give_the_same(tmp_path: Path) -> None:
    ids, plans = pa.array(["a", "b", None, "a"]), pa.array(["", "x", "y", "z"]).dictionary_encode()
    times = pa.array([CREATED] * 4, pa.timestamp("ms", "UTC"))
    written = pa.array([CREATED.isoformat()] * 4)
    expected = [
        {"account_id": "b", "plan": "x", "created_at": CREATED},
        {"account_id": "a", "plan": "z", "created_at": CREATED},
    ]
    for created in (times, times.cast(pa.timestamp("us")), written):
        assert loaded(tmp_path, {"account_id": ids, "plan": plans, "created_at": created}) == expected


def test_numbers_serve_as_ids_and_unknown_columns_go(tmp_path: Path) -> None:
    assert loaded(tmp_path, {"account_id": pa.array([7]), "colour": pa.array(["red"])}) == [{"account_id": "7"}]


def test_a_table_without_accounts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="account_id"):
        loaded(tmp_path, {"plan": pa.array(["x"])})
