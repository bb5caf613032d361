"""How long a scan takes beside a bare pass of the same engine, in one run, and how its time grows.

    python benchmarks/scan_speed.py [--requests 100000 1500000] [--repeat 3]

The bare pass reads the same columns of the same files with DuckDB, computes a group-by with distinct counts per account, and
hashes each text once. Both have the same threads and memory. Medians; peak memory of the scan's own process.
"""

import argparse
import math
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from stillwatch.campaigns.scan import ScanSettings, scan
from stillwatch.traffic.derive import READ
from stillwatch.traffic.simulate.world import World, write_world

_DISTINCT = ("model", "ip", "user_agent", "client_fingerprint", "conversation_id", "operation", "n_messages", "temperature")
_SUMS = ("input_tokens", "output_tokens", "tools", "n", "max_output_tokens", "top_logprobs")


def bare_pass(world: Path) -> None:
    """The lower bound: read, group, count distinct, hash."""
    counts = ", ".join(f"count(DISTINCT {name})" for name in _DISTINCT)
    sums = ", ".join(f"sum({name})" for name in _SUMS)
    rest = ", ".join(
        f"max({name})"
        for name in READ
        if name not in (*_DISTINCT, *_SUMS, "account_id", "system_prompt", "prompt", "reasoning_blocks")
    )
    hashed = "bit_xor(hash(system_prompt)), bit_xor(hash(prompt)), bit_xor(hash(reasoning_blocks))"
    duckdb.sql(
        f"SELECT account_id, {counts}, {sums}, {rest}, {hashed} FROM '{world}/requests/*.parquet' GROUP BY 1"
    ).to_arrow_table()


def whole_scan(world: Path) -> None:
    """What ``stillwatch scan`` does, files and report included."""
    with tempfile.TemporaryDirectory() as out:
        settings = ScanSettings((str(world / "requests"),), Path(out) / "result", accounts=world / "accounts.parquet")
        scan(settings, now=datetime.now(UTC))


def median_seconds(work: Callable[[Path], None], world: Path, repeat: int) -> float:
    """The median wall time of ``repeat`` runs after one to warm up."""
    times = []
    for _ in range(repeat + 1):
        start = time.perf_counter()
        work(world)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def peak_mb(world: Path) -> float:
    """Peak resident memory of a scan in a process of its own, in MB."""
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}; import scan_speed, pathlib; scan_speed.whole_scan(pathlib.Path({str(world)!r}))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000


def main() -> None:
    """Measure and print one line per size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, nargs="+", default=[100_000, 1_500_000])
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    points = []
    for size in options.requests:
        with tempfile.TemporaryDirectory() as folder:
            world = Path(folder)
            requests = write_world(World(accounts=max(300, size // 72), seed=1), world)
            bare, full = (median_seconds(work, world, options.repeat) for work in (bare_pass, whole_scan))
            points.append((requests, full))
            print(
                f"{requests:>9,} requests: bare pass {bare:.2f} s, scan {full:.2f} s, ratio {full / bare:.2f}, peak {peak_mb(world):,.0f} MB",
                flush=True,
            )
    if len(points) > 1:
        (small, fast), (large, slow) = points[0], points[-1]
        allowed = large * math.log(large) / (small * math.log(small))
        print(f"growth from {small:,} to {large:,}: {slow / fast:.1f} times (n log n: {allowed:.1f} times)")


if __name__ == "__main__":
    main()
