"""The accounts of a scan: ``accounts.parquet`` asked with DuckDB, one account or one page of a list at a time.

Rules: the file is read where it is. Values go into queries as parameters.
"""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from stillwatch.console.scans.failure import NoScan

PAGE_SIZE = 100
SORTS: Mapping[str, str] = {
    "harvest": "harvest_bits",
    "requests": "requests",
    "tokens": "output_tokens",
    "q": "-q_value",
    "first": "first_seen",
    "last": "last_seen",
}
"""What the list may be sorted by, and the expression for it; the largest first."""

Row = dict[str, Any]


@dataclass(frozen=True)
class AccountPage:
    """A page of a list of accounts: its rows, how many there are in all, which page of how many."""

    rows: Sequence[Row]
    total: int
    page: int
    pages: int


class Accounts:
    """The accounts in a file. Safe for several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = duckdb.connect(config={"threads": 2})
        self._database.execute("SET TimeZone = 'UTC'")
        self._indexed = threading.Lock()
        self._ready = False

    def find(self, account_id: str) -> Row | None:
        """The row of an account, or None. Raises NoScan if the file cannot be read."""
        rows = self._rows("SELECT * EXCLUDE (file_row_number) FROM accounts WHERE account_id = ?", [account_id])
        return rows[0] if rows else None

    def page(self, campaign_id: str | None, sort: str, number: int) -> AccountPage:
        """A page of the accounts of a campaign, or of all. Raises NoScan if the file cannot be read."""
        where, values = ("WHERE campaign_id = ?", [campaign_id]) if campaign_id is not None else ("", [])
        total = self._rows(f"SELECT count(*) AS total FROM accounts {where}", values)[0]["total"]
        pages = max(1, math.ceil(total / PAGE_SIZE))
        page = min(max(1, number), pages)
        query = f"""SELECT account_id, campaign_id, harvest_bits, p_value, q_value, requests, input_tokens, output_tokens,
            first_seen, last_seen FROM accounts {where} ORDER BY {SORTS[sort]} DESC NULLS LAST, file_row_number
            LIMIT {PAGE_SIZE} OFFSET {(page - 1) * PAGE_SIZE}"""
        return AccountPage(self._rows(query, values), total, page, pages)

    def _rows(self, query: str, values: Sequence[Any]) -> list[Row]:
        try:
            self._prepare()
            with self._database.cursor() as cursor:
                found = cursor.execute(query, values)
                names = [column[0] for column in found.description]
                return [dict(zip(names, map(_plain, row), strict=True)) for row in found.fetchall()]
        except duckdb.Error as error:
            cure = "run the scan again into this folder, and wait until it has ended"
            raise NoScan(f"the accounts cannot be read ({str(error).splitlines()[0]})", place=str(self._path), cure=cure) from error

    def _prepare(self) -> None:
        with self._indexed:
            if not self._ready:
                path = str(self._path).replace("'", "''")
                self._database.execute(
                    f"CREATE OR REPLACE VIEW accounts AS SELECT * FROM read_parquet('{path}', file_row_number = true)"
                )
                self._ready = True


def _plain(value: Any) -> Any:
    """A value as JSON has it: times in ISO 8601, no NaN."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return None if isinstance(value, float) and not math.isfinite(value) else value
