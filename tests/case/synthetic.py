"""Synthetic campaigns, scans and stores for the tests of cases; nothing in them is taken from anywhere."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.campaigns.campaign import Abstained, Alternative, Campaign, Campaigns, Evidence, Run, Scaffold, Technique
from stillwatch.case.source import Scan

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ANN, BO = "Ann Analyst", "Bo Reviewer"


def campaign(number: int, *, statement: str = "", scaffold: str = "", severity: str = "high", text: str | None = None) -> Campaign:
    """A campaign of three accounts."""
    return Campaign(
        id=f"campaign--00000000-0000-5000-8000-{number:012d}",
        accounts=[f"acct-{number}-{n}" for n in range(3)],
        org_ids=[],
        first_seen=f"2026-10-0{number % 9 + 1}T00:00:00+00:00",
        last_seen="2026-10-20T00:00:00+00:00",
        requests=900,
        input_tokens=90_000,
        output_tokens=900_000,
        coordination_bits=21.5,
        harvest_bits=9.0,
        q_value=0.0004,
        severity=severity,
        techniques=[Technique("SD-JUDGE", "Judge and reward", 0.8)],
        evidence=[
            Evidence("synchronous activity", 8.0, statement or "3 accounts start and stop within one minute.", 3, 900),
            Evidence("near-equal volumes", 5.0, "The accounts sent 298 to 301 requests a day.", 3, 900),
            Evidence("single turns", 4.0, "97% of the requests are single turns.", 3, 880, "harvest"),
            Evidence("no idle hours", -1.5, "The accounts rest at night.", 3, 900, "harvest"),
        ],
        scaffolds=[Scaffold(scaffold or f"1:{number:08x}", 0.9, 3, text)],
        alternatives=[
            Alternative("app, agent or vendor platform with independent users", -13.0, "Too alike for unrelated users."),
            Alternative("authorised distillation", -2.0, "0% of the accounts have a contract for bulk use."),
        ],
    )


def result(*campaigns: Campaign) -> Campaigns:
    """The result of a scan that found these."""
    silent = [Abstained("shared payment", "no accounts table")]
    run = Run(
        "0.0",
        "2026-10-21T00:00:00Z",
        "2026-10-21T00:01:00Z",
        "local",
        9000,
        300,
        2,
        ("2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z"),
        0.01,
        silent,
    )
    return Campaigns(run, list(campaigns))


def scanned(folder: Path, *campaigns: Campaign) -> Path:
    """A folder as scan leaves it, with campaigns.json and accounts.parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "campaigns.json").write_bytes(msgspec.json.encode(result(*campaigns)))
    rows = [(account, each.id) for each in campaigns for account in each.accounts] + [("acct-else", None)]
    columns = {"account_id": [r[0] for r in rows], "campaign_id": pa.array([r[1] for r in rows], pa.string())}
    figures = {"harvest_bits": [3.5] * len(rows), "requests": [300] * len(rows), "bits_single_turns": [2.5] * len(rows)}
    pq.write_table(pa.table({**columns, **figures}), folder / "accounts.parquet")
    return folder


def scan_of(*campaigns: Campaign) -> Scan:
    """A scan as read, without files."""
    return Scan("synthetic/campaigns.json", "0" * 64, result().run, list(campaigns))
