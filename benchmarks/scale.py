"""What a scan costs as it grows, whether things that very many share slow it down, and whether both engines agree.

    python benchmarks/scale.py costs --accounts 500 2000 8000
    python benchmarks/scale.py sharing --accounts 120000 --sharers 50000
    python benchmarks/scale.py state --accounts 30000 --history-days 1 7 28
    python benchmarks/scale.py large --accounts 200000 --days 5 --folder /tmp
    python benchmarks/scale.py engines --accounts 20000 --spark-master 'local-cluster[2,1,2048]'

``costs`` scans simulated worlds of several sizes and prints processor seconds by step, with the slopes per million requests and per
100,000 accounts. ``sharing`` scans one made table three times over: as it is, with one address for all sharers, with one system
prompt for all sharers. ``state`` scans one hour of a month after histories of several lengths, and says how large their states are.
``engines`` scans one world with both engines and compares the campaigns. Processor time (user and
system, all threads and children that have ended) is what is compared, so that other work on the machine counts little.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from scan_speed import bare_pass, median_seconds, peak_mb

from stillwatch.campaigns.campaign import Campaigns
from stillwatch.campaigns.scan import ScanSettings, scan
from stillwatch.traffic.engines.local import LocalEngine
from stillwatch.traffic.engines.spark.settings import SparkSettings
from stillwatch.traffic.simulate.world import World, write_world

NOW = datetime(2026, 11, 1, tzinfo=UTC)
START = NOW - timedelta(days=31)
PER_ACCOUNT = 4
_SCAFFOLD = "You are a careful assistant of a synthetic tool that a great many people use. Answer in full sentences, say so if you are not sure. "


def cpu_seconds() -> float:
    """Processor time of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def steps_of(run: Callable[[Callable[[str, int], None]], Campaigns]) -> tuple[Campaigns, dict[str, float]]:
    """The result of a scan and the processor seconds of each of its steps, in order; ``run`` is given the progress callback."""
    begun: list[tuple[str, float]] = []

    def progress(step: str, rows: int) -> None:
        if not begun or begun[-1][0] != step:
            begun.append((step, cpu_seconds()))

    result = run(progress)
    ends = [start for _, start in begun[1:]] + [cpu_seconds()]
    return result, {step: end - start for (step, start), end in zip(begun, ends, strict=True)}


def scanned(
    world: Path, *, accounts: bool = True, engine: str = "local", spark: SparkSettings | None = None, state: Path | None = None
) -> tuple[Campaigns, dict[str, float]]:
    """A scan of ``world``, its result thrown away, with the processor seconds of its steps."""
    with tempfile.TemporaryDirectory() as out:
        settings = ScanSettings(
            (str(world / "requests"),),
            Path(out) / "result",
            accounts=world / "accounts.parquet" if accounts else None,
            engine=engine,
            spark=spark or SparkSettings(),
            state=state,
        )
        return steps_of(lambda progress: scan(settings, now=NOW, progress=progress))


def costs(options: argparse.Namespace) -> None:
    """Steps by size, then the slopes between the smallest and the largest."""
    points = []
    for accounts in options.accounts:
        with tempfile.TemporaryDirectory() as folder:
            requests = write_world(World(accounts=accounts, seed=1), Path(folder))
            scanned(Path(folder))
            runs = [scanned(Path(folder)) for _ in range(options.repeat)]
        steps = {step: statistics.median(run[step] for _, run in runs) for step in runs[0][1]}
        points.append((requests, runs[0][0].run.accounts, steps))
        print(
            f"{requests:>10,} requests, {points[-1][1]:>7,} accounts: {sum(steps.values()):8.2f} CPU-s ({shown(steps)})", flush=True
        )
    if len(points) > 1:
        (few, small, first), (many, large, last) = points[0], points[-1]
        for step in last:
            more = last[step] - first.get(step, 0.0)
            print(
                f"  {step:<20} {more / (many - few) * 1e6:8.2f} CPU-s per million requests, {more / (large - small) * 1e5:8.2f} per 100,000 accounts"
            )


def shown(steps: dict[str, float]) -> str:
    """The steps in one line."""
    return ", ".join(f"{step} {seconds:.2f}" for step, seconds in steps.items())


def made(accounts: int, sharers: int, shared: str | None, seed: int = 7) -> pa.Table:
    """PER_ACCOUNT requests of each account with words of its own; the first ``sharers`` accounts share an ``ip`` or a ``system_prompt``."""
    rng = np.random.default_rng(seed)
    account = np.repeat(np.arange(accounts), PER_ACCOUNT)
    words = rng.integers(0, 5_000, (len(account), 30))
    start = datetime(2026, 10, 1, tzinfo=UTC)
    seconds = rng.integers(0, 7 * 86_400, len(account))
    among = account < sharers
    addresses = np.array([f"10.{a >> 16 & 255}.{a >> 8 & 255}.{a & 255}" for a in account])
    systems = np.array(
        [f"Synthetic system prompt of account {a}, which nobody else has, about {a % 97} and {a % 89}." for a in account], object
    )
    if shared == "ip":
        addresses[among] = "192.0.2.1"
    if shared == "system_prompt":
        systems[among] = _SCAFFOLD * 4
    return pa.table(
        {
            "request_id": [f"r{i}" for i in range(len(account))],
            "ts": pa.array([start + timedelta(seconds=int(s)) for s in seconds], pa.timestamp("us", "UTC")),
            "account_id": [f"synthetic-{a}" for a in account],
            "model": ["atlas-large"] * len(account),
            "ip": addresses.tolist(),
            "system_prompt": systems.tolist(),
            "prompt": [" ".join(f"w{word}" for word in row) for row in words],
        }
    )


def sharing(options: argparse.Namespace) -> None:
    """The same table without and with a hot value; the ratio of processor times."""
    bare = 0.0
    for name in (None, "ip", "system_prompt"):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "requests").mkdir()
            pq.write_table(made(options.accounts, options.sharers, name), Path(folder) / "requests" / "made.parquet")
            scanned(Path(folder), accounts=False)
            runs = [scanned(Path(folder), accounts=False)[1] for _ in range(options.repeat)]
        seconds = statistics.median(sum(run.values()) for run in runs)
        bare = bare or seconds
        print(
            f"{name or 'nothing'} shared by {options.sharers if name else 0:,} of {options.accounts:,} accounts: {seconds:.2f} CPU-s, ratio {seconds / bare:.2f}",
            flush=True,
        )


def state(options: argparse.Namespace) -> None:
    """The last hour of a month, scanned after histories of several lengths: size of the state, processor seconds by step."""
    for accounts in options.accounts:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            month, last = Path(folder), Path(folder) / "last"
            write_world(World(accounts=accounts, seed=1, days=30, start=START.date()), month)
            logs = ds.dataset(month / "requests")
            (last / "requests").mkdir(parents=True)
            (last / "accounts.parquet").symlink_to(month / "accounts.parquet")
            fresh = between(logs, hours=1, before=0)
            pq.write_table(fresh.to_table(), last / "requests" / "hour.parquet")
            scanned(last)
            for days in options.history_days:
                kept = month / f"state-{days}"
                history = remembered(between(logs, hours=24 * days, before=1), month, kept)
                size = sum(file.stat().st_size for file in kept.rglob("*") if file.is_file())
                result, steps = scanned(last, state=kept)
                print(
                    f"{accounts:,} accounts, {days} days: {history:,} requests before in {size / 1e6:,.0f} MB ({size / history:.0f} bytes each), "
                    f"{result.run.requests - history:,} new: {sum(steps.values()):.2f} CPU-s ({shown(steps)})",
                    flush=True,
                )


def between(logs: ds.Dataset, *, hours: int, before: int) -> ds.Scanner:
    """The requests of the ``hours`` that end ``before`` hours before the end of the month."""
    end = START + timedelta(days=30) - timedelta(hours=before)
    return logs.scanner(filter=(ds.field("ts") >= end - timedelta(hours=hours)) & (ds.field("ts") < end))


def remembered(requests: ds.Scanner, workshop: Path, state: Path) -> int:
    """Take requests into a new state, without a scan; how many they are."""
    with tempfile.TemporaryDirectory(dir=workshop) as scratch:
        file = Path(scratch) / "earlier.parquet"
        with pq.ParquetWriter(file, requests.projected_schema) as writer:
            for batch in requests.to_batches():
                writer.write_batch(batch)
        with LocalEngine(Path(scratch)) as engine:
            history = engine.history(state)
            history.together(engine.derived([file]))
            history.commit(b"[]")
        return int(pq.read_metadata(file).num_rows)


def large(options: argparse.Namespace) -> None:
    """One large world: a bare pass, then a scan in a process of its own."""
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        world = Path(folder)
        requests = write_world(World(accounts=options.accounts, days=options.days, seed=1), world)
        bare = median_seconds(bare_pass, world, options.repeat)
        print(f"{requests:,} requests of {options.accounts:,} accounts: bare pass {bare:.2f} s", flush=True)
        start, before = time.perf_counter(), cpu_seconds()
        peak = peak_mb(world)
        wall, used = time.perf_counter() - start, cpu_seconds() - before
        print(f"scan {wall:.1f} s with start-up, {used:.1f} CPU-s, {wall / bare:.1f} times the bare pass, peak {peak:,.0f} MB")


def engines(options: argparse.Namespace) -> None:
    """One world, both engines: wall seconds, what Spark's workers spent and moved, and whether the campaigns are the same."""
    with tempfile.TemporaryDirectory() as folder:
        requests = write_world(World(accounts=options.accounts[0], seed=1), Path(folder))
        found = {}
        for engine in ("local", "spark"):
            start = time.perf_counter()
            found[engine], _ = scanned(
                Path(folder), engine=engine, spark=SparkSettings(options.spark_master, logged_into(Path(folder) / "events"))
            )
            print(
                f"{engine:<6} {requests:,} requests: {time.perf_counter() - start:.1f} s, {len(found[engine].campaigns)} campaigns",
                flush=True,
            )
        print("the same campaigns" if found["local"].campaigns == found["spark"].campaigns else "DIFFERENT campaigns")
        print(", ".join(f"{name} {amount:,.1f}" for name, amount in workers_spent(Path(folder) / "events").items()))


def logged_into(events: Path) -> tuple[tuple[str, str], ...]:
    """Settings for a cluster of a few cores, with which Spark writes down what each task spent."""
    events.mkdir(exist_ok=True)
    return (
        ("spark.ui.enabled", "false"),
        ("spark.sql.shuffle.partitions", "16"),
        ("spark.eventLog.enabled", "true"),
        ("spark.eventLog.compress", "false"),
        ("spark.eventLog.dir", events.as_uri()),
    )


def workers_spent(events: Path) -> dict[str, float]:
    """What all tasks of the workers spent together: processor seconds of Java, MB written for shuffles and spilled."""
    spent = dict.fromkeys(("tasks", "CPU-s of Java", "MB of shuffles", "MB spilled", "MB to the driver"), 0.0)
    for line in chain.from_iterable(path.open("rb") for path in events.rglob("*") if path.is_file()):
        metrics = json.loads(line).get("Task Metrics") if b'"SparkListenerTaskEnd"' in line else None
        if metrics:
            spent["tasks"] += 1
            spent["CPU-s of Java"] += metrics["Executor CPU Time"] / 1e9
            spent["MB of shuffles"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"] / 1e6
            spent["MB spilled"] += metrics["Disk Bytes Spilled"] / 1e6
            spent["MB to the driver"] += metrics["Result Size"] / 1e6
    return spent


def main() -> None:
    """Run one of the four."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for run, sizes in ((costs, [500, 2_000, 8_000]), (state, [30_000]), (engines, [1_500]), (sharing, 120_000), (large, 200_000)):
        command = commands.add_parser(run.__name__)
        command.add_argument("--accounts", type=int, nargs="+" if isinstance(sizes, list) else None, default=sizes)
        command.add_argument("--repeat", type=int, default=3)
        command.set_defaults(run=run)
        if run is sharing:
            command.add_argument("--sharers", type=int, default=50_000)
        if run is state:
            command.add_argument("--history-days", type=int, nargs="+", default=[1, 7, 28])
            command.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
        if run is large:
            command.add_argument("--days", type=float, default=5.0)
            command.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
        if run is engines:
            command.add_argument("--spark-master", default="local-cluster[2,1,2048]")
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
