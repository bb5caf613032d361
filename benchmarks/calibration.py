"""Do bits mean what they say? Counted bits of candidate groups beside what they turned out to be.

    python benchmarks/calibration.py [--worlds 2] [--real 4]

A likelihood ratio of b bits is true if groups with it are 2^b times as frequent among campaigns as among innocent groups
(Good 1985). Per part of the scale and per signal the measured ratio is printed beside the mean of the counted bits, with a 90 %
interval (bootstrap over worlds). With g groups of one sort no ratio beyond about log2(2 g) bits can be measured. A group is a
campaign's if more than half of its accounts are. Only groups whose own traffic leaves a harvest possible are weighed, so the ratios hold
among those. Simulated worlds hold one campaign each; replayed worlds need the open data (``real_world.py``).
"""

import argparse
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq
import real_world

from stillwatch.campaigns.scan import ScanSettings, scan
from stillwatch.traffic.simulate.pools import CAMPAIGNS
from stillwatch.traffic.simulate.world import World, write_world

EDGES = (-np.inf, -8.0, -4.0, -1.0, 1.0, 4.0, 8.0, np.inf)
"""Parts of the scale of bits."""
DRAWS = 500


class Weighed(NamedTuple):
    """One group: the world it lies in, whether it is a campaign's, and its bits by name."""

    world: int
    hostile: bool
    bits: dict[str, float]


def weighed(world: Path, number: int) -> list[Weighed]:
    """All groups that a scan of a world weighed."""
    labels = pq.read_table(world / "labels.parquet")
    hostile = {a for a, c in zip(labels["account_id"].to_pylist(), labels["campaign"].to_pylist(), strict=True) if c is not None}
    with tempfile.TemporaryDirectory() as folder:
        settings = ScanSettings((str(world / "requests"),), Path(folder) / "result", accounts=world / "accounts.parquet")
        result = scan(settings, now=datetime.now(UTC))
    found = []
    for group in (*result.campaigns, *result.explained):
        bits = {"all coordination": group.coordination_bits, "all harvest": group.harvest_bits}
        bits |= {item.signal: item.bits for item in group.evidence}
        found.append(Weighed(number, 2 * len(hostile & set(group.accounts)) > len(group.accounts), bits))
    return found


def worlds(simulated: int, real: int) -> Iterable[list[Weighed]]:
    """The groups of each world."""
    names = [(name, seed) for name in CAMPAIGNS for seed in range(simulated)]
    for number, (name, seed) in enumerate(names):
        with tempfile.TemporaryDirectory() as folder:
            write_world(World(seed=1300 + seed, campaigns=(name,)), Path(folder))
            yield weighed(Path(folder), number)
    for seed in range(real if real_world.shared_data().exists() else 0):
        with tempfile.TemporaryDirectory() as folder:
            real_world.build(1300 + seed, campaign=seed % 2 == 0).write(Path(folder))
            yield weighed(Path(folder), len(names) + seed)


def ratio(hostile: int, all_hostile: int, benign: int, all_benign: int) -> float:
    """log2 of the ratio of two frequencies, with half a group added to each (Haldane 1956; Anscombe 1956)."""
    return float(np.log2((hostile + 0.5) / (all_hostile + 1) / (benign + 0.5) * (all_benign + 1)))


def curve(groups: list[Weighed], name: str) -> list[tuple[float, float, float, float, int, int]]:
    """Per part of the scale: mean counted bits, measured bits, the interval's ends, campaigns' and innocent groups."""
    having = [group for group in groups if name in group.bits]
    bits = np.array([group.bits[name] for group in having])
    hostile, world = np.array([group.hostile for group in having], bool), np.array([group.world for group in having])
    part = np.digitize(bits, EDGES[1:-1])
    drawn = np.random.default_rng(1).multinomial(world.max() + 1, np.full(world.max() + 1, 1 / (world.max() + 1)), DRAWS)
    rows = []
    for place in np.unique(part):
        here = part == place
        sorts = here & hostile, hostile, here & ~hostile, ~hostile
        low, high = np.quantile([ratio(*(int(times[world[sort]].sum()) for sort in sorts)) for times in drawn], (0.05, 0.95))
        counts = [int(sort.sum()) for sort in sorts]
        rows.append((float(bits[here].mean()), ratio(*counts), float(low), float(high), counts[0], counts[2]))
    return rows


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=2, help="simulated worlds per kind of campaign")
    parser.add_argument("--real", type=int, default=4, help="worlds of replayed tools, every second one without a campaign")
    options = parser.parse_args()
    groups = [group for found in worlds(options.worlds, options.real) for group in found]
    of_campaigns = sum(group.hostile for group in groups)
    print(f"{of_campaigns} groups of campaigns, {len(groups) - of_campaigns} innocent groups\n")
    print("| bits of | counted | measured | 90 % interval | campaigns' groups | innocent groups |\n|---|---|---|---|---|---|")
    for name in sorted({name for group in groups for name in group.bits}):
        for counted, measured, low, high, hostile, innocent in curve(groups, name):
            print(f"| {name} | {counted:+.1f} | {measured:+.1f} | {low:+.1f} to {high:+.1f} | {hostile} | {innocent} |")


if __name__ == "__main__":
    main()
