"""Detection measured: campaigns of every kind found, and false campaigns in worlds without any.

    python benchmarks/detection.py [--worlds 5] [--empty 20] [--real 3] [--first 0] [--only queue]

Simulated worlds (3,000 accounts) hold one kind of campaign each; empty worlds hold none. With the open data beside the project
(see ``real_world.py``), replayed tools are measured too. Prints one line per kind and the totals.
"""

import argparse
import tempfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import real_world

from stillwatch.campaigns.evaluation import Evaluation, evaluate
from stillwatch.campaigns.scan import ScanSettings, scan
from stillwatch.cli.evaluate import load_labels
from stillwatch.traffic.simulate.pools import CAMPAIGNS
from stillwatch.traffic.simulate.world import World, write_world


def measured(world: Path, folder: Path) -> Evaluation:
    """Scan a world without its labels, then compare."""
    settings = ScanSettings(requests=(str(world / "requests"),), out=folder / "result", accounts=world / "accounts.parquet")
    return evaluate(scan(settings, now=datetime.now(UTC)), load_labels(world / "labels.parquet"))


def simulated(names: tuple[str, ...], seed: int) -> Evaluation:
    """One simulated world."""
    with tempfile.TemporaryDirectory() as folder:
        write_world(World(seed=seed, campaigns=names), Path(folder) / "world")
        return measured(Path(folder) / "world", Path(folder))


def replayed(seed: int, campaign: bool) -> Evaluation:
    """One world of real tools and prompts."""
    with tempfile.TemporaryDirectory() as folder:
        real_world.build(seed, campaign=campaign).write(Path(folder) / "world")
        return measured(Path(folder) / "world", Path(folder))


def report(title: str, evaluations: list[Evaluation]) -> None:
    """Print what was found over some worlds: per campaign, then false campaigns, look-alikes hit, precision."""
    found: dict[str, list[tuple[bool, int, int]]] = defaultdict(list)
    for evaluation in evaluations:
        for entry in evaluation.campaigns:
            found[entry.campaign].append((entry.found, entry.reported_accounts, entry.accounts))
    for name, entries in found.items():
        recall = sum(entry[1] for entry in entries) / sum(entry[2] for entry in entries)
        print(
            f"{title:12} {name:22} found {sum(entry[0] for entry in entries)}/{len(entries)}  account recall {recall:.3f}",
            flush=True,
        )
    reported = sum(kind.reported_accounts for e in evaluations for kind in e.kinds)
    innocent = sum(kind.reported_accounts for e in evaluations for kind in e.kinds if not kind.hostile)
    precision = f"{1 - innocent / reported:.4f}" if reported else "not defined"
    false = sum(len(evaluation.false) for evaluation in evaluations)
    print(f"{title:12} {len(evaluations)} worlds: false campaigns {false}, account precision {precision}", flush=True)
    hit = sorted(
        {kind.kind for e in evaluations for kind in e.kinds if not kind.hostile and kind.reported_accounts > kind.accounts / 2}
    )
    print(f"{title:12} look-alike kinds of which most accounts were reported: {', '.join(hit) or 'none'}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=2, help="worlds per kind of campaign")
    parser.add_argument("--empty", type=int, default=10, help="worlds without a campaign")
    parser.add_argument("--real", type=int, default=2, help="worlds of replayed tools, and as many without a campaign")
    parser.add_argument("--first", type=int, default=0, help="the first seed, to measure in slices")
    parser.add_argument("--only", default="", help="kinds of campaigns whose name holds this")
    options = parser.parse_args()
    worlds, empty, real = (range(options.first, options.first + count) for count in (options.worlds, options.empty, options.real))
    for name in (name for name in CAMPAIGNS if worlds and options.only in name):
        report("simulated", [simulated((name,), 100 + seed) for seed in worlds])
    if empty:
        report("empty", [simulated((), 500 + seed) for seed in empty])
    if not real:
        return
    if real_world.shared_data().exists():
        report("replayed", [replayed(seed, True) for seed in real])
        report("replayed, empty", [replayed(900 + seed, False) for seed in real])
    else:
        print("replayed     skipped: the open data is not beside the project")


if __name__ == "__main__":
    main()
