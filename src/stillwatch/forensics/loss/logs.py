"""The requests of a campaign's accounts, out of logs of any format that a scan reads."""

import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.errors import NoReadableInput
from stillwatch.forensics.loss.estimate import Traffic
from stillwatch.traffic.intake import take_in

_COLUMNS = ("status", "n", "output_tokens", "reasoning_tokens")


def read_traffic(logs: Sequence[str], accounts: Sequence[str], now: datetime) -> Traffic:
    """The accounts' requests. Raises NoReadableInput if they have none there."""
    with tempfile.TemporaryDirectory(prefix="stillwatch-loss-") as folder:
        workshop = Path(folder)
        staging = workshop / "staging"
        staging.mkdir()
        intake = take_in(logs, staging=staging, rejected=workshop / "rejected.jsonl", now=now)
        parts = [_requests(path, accounts) for path in intake.parquet]
    columns = {name: [value for part in parts for value in part[name]] for name in _COLUMNS}
    if not columns["status"]:
        raise NoReadableInput(
            "the campaign's accounts have no request in these logs", place=", ".join(logs), cure="name the logs that were scanned"
        )
    return Traffic(columns["status"], columns["n"], columns["output_tokens"], columns["reasoning_tokens"])


def _requests(path: Path, accounts: Sequence[str]) -> dict[str, list[int | None]]:
    """The columns that are needed, null where the file has none, for rows of these accounts."""
    file = pq.ParquetFile(path)
    present = [name for name in _COLUMNS if name in file.schema_arrow.names]
    table = file.read(columns=["account_id", *present])
    table = table.filter(pc.is_in(table.column("account_id"), pa.array(accounts, pa.string())))
    return {name: table.column(name).to_pylist() if name in present else [None] * table.num_rows for name in _COLUMNS}
