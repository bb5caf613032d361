"""Recall over worlds of many shapes: one thing varied at a time around a plain pool in a small world.

    python benchmarks/variety.py [--seeds 1] [--only "pool of"]

The plain pool: 60 accounts that work off one list with one template from one program, at hours like people's, each with its own
payment, device and address; a simulated world of 1,000 accounts, a week. Prints a line per shape: found, accounts recalled, accounts of
others in reports, false campaigns, at the default FDR of 0.01.
"""

import argparse
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from detection import measured

from stillwatch.campaigns.evaluation import Evaluation
from stillwatch.traffic.simulate.behaviour import Behaviour
from stillwatch.traffic.simulate.making import Window, make
from stillwatch.traffic.simulate.pools import CAMPAIGNS
from stillwatch.traffic.simulate.world import World, write_world

POOL = replace(CAMPAIGNS["low-and-slow"], name="pool")
CLIENT = ("user_agent", "client_fingerprint")
SETTINGS = ("temperature", "top_p", "max_output_tokens", "stream")
ADDRESS = ("ip", "asn")
KNOWN = ("payment_fingerprint", "device_id", "email_domain", "email_pattern", "phone_prefix", "referrer", "plan", "created_at")


@dataclass(frozen=True)
class Shape:
    """A pool of ``size`` accounts in a world of ``accounts`` over ``days``; the columns in ``missing`` say nothing."""

    title: str
    pool: Behaviour = POOL
    size: int = 60
    accounts: int = 1_000
    days: float = 7.0
    missing: tuple[str, ...] = ()


SHAPES = (
    *(Shape(f"pool of {size}", size=size) for size in (8, 12, 25, 60, 300)),
    *(Shape(f"world of {accounts:,}", accounts=accounts) for accounts in (300, 3_000, 10_000)),
    *(Shape(f"{days:g} days", days=days) for days in (1, 3, 14)),
    Shape("no accounts table", missing=KNOWN),
    Shape("no client", missing=CLIENT),
    Shape("no settings", missing=SETTINGS),
    Shape("texts, times and accounts only", missing=(*KNOWN, *CLIENT, *SETTINGS, *ADDRESS)),
    *(Shape(f"{share:.0%} ordinary requests", replace(POOL, ordinary=share)) for share in (0.1, 0.3, 0.5)),
    *(Shape(f"volumes spread by {sigma:g}", replace(POOL, volume=(55, sigma), most=4_000)) for sigma in (0.5, 1.0, 1.5)),
    Shape("conversations", replace(POOL, follow_up=0.7)),
    Shape("own client each", replace(POOL, client=None)),
)


def build(shape: Shape, seed: int, folder: Path) -> None:
    """The world of ``shape`` in ``folder``: a world without campaigns, and the pool put into it."""
    world = World(accounts=shape.accounts - shape.size, days=shape.days, seed=seed, campaigns=())
    write_world(world, folder)
    accounts, requests = make(
        shape.pool, shape.size, Window(world.begins, world.days), f"{seed}-pool", np.random.default_rng([seed, 1])
    )
    labels = pa.table({"account_id": accounts["account_id"], "campaign": ["pool"] * shape.size, "kind": ["pool"] * shape.size})
    pq.write_table(requests, folder / "requests" / "part-pool.parquet")
    for name, more in (("accounts", accounts), ("labels", labels)):
        path = folder / f"{name}.parquet"
        before = pq.read_table(path)
        pq.write_table(_without(pa.concat_tables([before, more.cast(before.schema)]), shape.missing), path)
    for path in sorted((folder / "requests").glob("*.parquet")):
        pq.write_table(_without(pq.read_table(path), shape.missing), path)


def _without(table: pa.Table, columns: tuple[str, ...]) -> pa.Table:
    return table.drop_columns([name for name in columns if name in table.column_names])


def measure(shape: Shape, seed: int) -> Evaluation:
    """Scan one world of ``shape``."""
    with tempfile.TemporaryDirectory() as folder:
        build(shape, seed, Path(folder) / "world")
        return measured(Path(folder) / "world", Path(folder))


def line(title: str, evaluations: list[Evaluation]) -> str:
    """One line of the table over worlds of one shape."""
    entries = [entry for evaluation in evaluations for entry in evaluation.campaigns]
    recall = sum(entry.reported_accounts for entry in entries) / sum(entry.accounts for entry in entries)
    others = sum(kind.reported_accounts for evaluation in evaluations for kind in evaluation.kinds if not kind.hostile)
    false = sum(len(evaluation.false) for evaluation in evaluations)
    return f"| {title} | {sum(entry.found for entry in entries)}/{len(entries)} | {recall:.3f} | {others} | {false} |"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", default="", help="shapes whose title holds this")
    options = parser.parse_args()
    print("| shape | found | account recall | others reported | false campaigns |\n|---|---|---|---|---|", flush=True)
    for shape in SHAPES:
        if options.only in shape.title:
            print(line(shape.title, [measure(shape, 700 + seed) for seed in range(options.seeds)]), flush=True)


if __name__ == "__main__":
    main()
