"""Results on disk: the files of a scan, each there whole or not at all.

They are written beside the target folder first and moved into it one by one, ``campaigns.json`` last: whoever sees that file
sees the others of the same run. ``details.jsonl`` holds what the report draws of each campaign, a line each.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.campaigns.campaign import Campaigns
from stillwatch.campaigns.detail import Detail
from stillwatch.campaigns.report.page import render
from stillwatch.errors import OutputNotWritten

FILES = ("rejected.jsonl", "report.html", "accounts.parquet", "details.jsonl", "campaigns.json")
"""In the order in which they appear in the target folder."""


def write(result: Campaigns, details: Mapping[str, Detail], accounts: pa.Table, workshop: Path, out: Path) -> None:
    """Write all files of a result; ``workshop`` is on the same file system as ``out`` and holds ``rejected.jsonl`` already.

    Raises OutputNotWritten if the disk is full or the folder cannot be written.
    """
    try:
        (workshop / "report.html").write_text(render(result, details), "utf-8")
        pq.write_table(accounts, workshop / "accounts.parquet", compression="zstd")
        (workshop / "details.jsonl").write_bytes(msgspec.json.Encoder().encode_lines(details.values()))
        (workshop / "campaigns.json").write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1))
        out.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            os.replace(workshop / name, out / name)
    except OSError as error:
        raise not_written(out, error) from error


def not_written(out: Path, error: OSError) -> OutputNotWritten:
    """The error that says why results cannot be written to ``out``."""
    return OutputNotWritten(
        f"the result could not be written ({error.strerror or error}); what was there before is unchanged",
        place=str(out),
        cure="free some space or choose another folder with --out",
    )
