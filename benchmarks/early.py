"""How much of its harvest a campaign gets before it is found: scans of the beginning of a world, ever longer.

    python benchmarks/early.py [--campaign queue low-and-slow] [--seeds 2]

Per campaign the share of its requests, over a week, that had been sent when a scan first reported it (to one step of the list), and
the share of its accounts reported then. Simulated worlds of 3,000 accounts; look-alikes and people send throughout.
"""

import argparse
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from detection import measured

from stillwatch.traffic.simulate.pools import CAMPAIGNS
from stillwatch.traffic.simulate.world import World, write_world

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def beginning(world: Path, hostile: pa.Array, share: float, target: Path) -> None:
    """The world up to the moment at which ``share`` of the hostile accounts' requests had been sent."""
    requests = pq.read_table(world / "requests")
    own = requests.filter(pc.is_in(requests["account_id"], hostile))["ts"].cast(pa.int64())
    until = pc.quantile(own, share)[0].as_py()
    (target / "requests").mkdir(parents=True, exist_ok=True)
    pq.write_table(requests.filter(pc.less_equal(requests["ts"].cast(pa.int64()), until)), target / "requests" / "part.parquet")
    for name in ("accounts.parquet", "labels.parquet"):
        pq.write_table(pq.read_table(world / name), target / name)


def first_found(kind: str, seed: int) -> tuple[float | None, float]:
    """The least share of SHARES at which the campaign is reported (None if never), and the account recall then."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_world(World(seed=seed, campaigns=(kind,)), root / "world")
        labels = pq.read_table(root / "world" / "labels.parquet")
        hostile = labels.filter(pc.is_valid(labels["campaign"]))["account_id"].combine_chunks()
        for share in SHARES:
            beginning(root / "world", hostile, share, root / f"{share}")
            entry = measured(root / f"{share}", root).campaigns[0]
            if entry.found:
                return share, entry.reported_accounts / entry.accounts
    return None, 0.0


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--campaign", nargs="+", default=["queue", "low-and-slow", "live-resale"], choices=sorted(CAMPAIGNS))
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args()
    print("| campaign | seed | found after (share of its requests) | account recall then |\n|---|---|---|---|")
    for kind in options.campaign:
        for seed in range(options.seeds):
            share, recall = first_found(kind, 950 + seed)
            print(f"| {kind} | {950 + seed} | {'never' if share is None else f'{share:.0%}'} | {recall:.3f} |", flush=True)


if __name__ == "__main__":
    main()
