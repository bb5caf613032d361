"""Results as files, each there whole or not at all, and as tables for a warehouse.

Files are written in a workshop first and moved from there one by one, ``campaigns.json`` last: whoever sees that file sees the
others of the same run. ``details.jsonl`` holds what the report draws of each campaign, a line each.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.campaigns.campaign import Campaign, Campaigns
from stillwatch.campaigns.detail import Detail
from stillwatch.campaigns.report.page import render
from stillwatch.errors import OutputNotWritten
from stillwatch.traffic.engines.delivery import Delivery
from stillwatch.traffic.engines.engine import Place

FILES = ("rejected.jsonl", "report.html", "accounts.parquet", "details.jsonl", "campaigns.json")
"""In the order in which they appear in the target folder."""
TABLES = ("accounts", "campaigns")
"""What a warehouse gets."""
_CAMPAIGNS = pa.schema(
    [
        ("id", pa.string()),
        ("severity", pa.string()),
        ("q_value", pa.float64()),
        ("coordination_bits", pa.float64()),
        ("harvest_bits", pa.float64()),
        ("accounts", pa.list_(pa.string())),
        ("org_ids", pa.list_(pa.string())),
        ("first_seen", pa.string()),
        ("last_seen", pa.string()),
        ("requests", pa.int64()),
        ("input_tokens", pa.int64()),
        ("output_tokens", pa.int64()),
    ]
)


def write(
    result: Campaigns, details: Mapping[str, Detail], accounts: pa.Table, workshop: Path, deliver: Delivery, out: Place
) -> None:
    """Write all files of a result in the ``workshop``, which holds ``rejected.jsonl`` already, and ``deliver`` them to ``out``.

    Raises OutputNotWritten if the disk is full or the folder cannot be written.
    """
    try:
        (workshop / "report.html").write_text(render(result, details), "utf-8")
        pq.write_table(accounts, workshop / "accounts.parquet", compression="zstd")
        (workshop / "details.jsonl").write_bytes(msgspec.json.Encoder().encode_lines(details.values()))
        (workshop / "campaigns.json").write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1))
        deliver([workshop / name for name in FILES])
    except OSError as error:
        raise not_written(out, error) from error


def as_tables(result: Campaigns, accounts: pa.Table) -> dict[str, pa.Table]:
    """The TABLES of a result: accounts as in the file; a row per campaign, whole as ``json``. ``run``: when the scan started."""
    rows = pa.Table.from_pylist([_row(campaign) for campaign in result.campaigns], pa.schema([*_CAMPAIGNS, ("json", pa.string())]))
    return {name: _of_run(table, result.run.started) for name, table in (("accounts", accounts), ("campaigns", rows))}


def _row(campaign: Campaign) -> dict[str, object]:
    return {name: getattr(campaign, name) for name in _CAMPAIGNS.names} | {"json": msgspec.json.encode(campaign).decode()}


def _of_run(table: pa.Table, started: str) -> pa.Table:
    return table.add_column(0, "run", pa.array([started] * len(table), pa.string()))


def not_written(out: Place, error: OSError) -> OutputNotWritten:
    """The error that says why results cannot be written to ``out``."""
    return OutputNotWritten(
        f"the result could not be written ({error.strerror or error}); what was there before is unchanged",
        place=str(out),
        cure="free some space or choose another folder with --out",
    )
