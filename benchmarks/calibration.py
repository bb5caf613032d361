"""Do bits mean what they say? Counted bits of candidate groups beside what they turned out to be.

    python benchmarks/calibration.py [--worlds 2] [--real 4]

A likelihood ratio of b bits is true if groups with it are 2^b times as frequent among campaigns as among innocent groups
(Good 1985). What a group is depends on the question: *coordination* asks whether its accounts are one hand, which is true of a
campaign and of an organisation that openly uses several accounts; *harvest* asks whether they harvest, which is true of a campaign and
of distillation under a contract. Either holds of a group if it does of more than half of its accounts; whether a group may
do so is asked by rival explanations, not by bits. Per part of the scale and per signal the measured ratio is printed beside
the mean of the counted bits, with a 90 % interval (bootstrap over worlds). With g groups of one sort no ratio beyond about log2(2 g)
bits can be measured. Only groups whose own traffic leaves a harvest possible are weighed, so the ratios hold among those. Simulated worlds hold one campaign each; replayed worlds need the open data (``real_world.py``).
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable
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
    """One group: the world it lies in, whether each question's answer is yes, and bits by signal and question."""

    world: int
    truth: dict[str, bool]
    bits: dict[tuple[str, str], float]


class Truth(NamedTuple):
    """What is known of the accounts of a world: campaigns' accounts, whose they openly are, and those with a contract."""

    hostile: set[str]
    hand: dict[str, str]
    permitted: set[str]

    def of(self, accounts: Collection[str]) -> dict[str, bool]:
        """The answers to both questions for a group."""
        largest = max([len(self.hostile & set(accounts)), *Counter(self.hand.get(a) for a in accounts if a in self.hand).values()])
        harvesting = len((self.hostile | self.permitted) & set(accounts))
        return {"coordination": 2 * largest > len(accounts), "harvest": 2 * harvesting > len(accounts)}


def truth(world: Path) -> Truth:
    """Read a world's labels and accounts."""
    labels, accounts = pq.read_table(world / "labels.parquet").to_pylist(), pq.read_table(world / "accounts.parquet").to_pylist()
    hands = {row["account_id"]: row["authorisation"] or row["org_id"] for row in accounts}
    return Truth(
        {row["account_id"] for row in labels if row["campaign"] is not None},
        {account: hand for account, hand in hands.items() if hand},
        {row["account_id"] for row in accounts if row["authorisation"]},
    )


def weighed(world: Path, number: int) -> list[Weighed]:
    """All groups that a scan of a world weighed."""
    known = truth(world)
    with tempfile.TemporaryDirectory() as folder:
        settings = ScanSettings((str(world / "requests"),), Path(folder) / "result", accounts=world / "accounts.parquet")
        result = scan(settings, now=datetime.now(UTC))
    found = []
    for group in (*result.campaigns, *result.explained):
        bits = {("all", "coordination"): group.coordination_bits, ("all", "harvest"): group.harvest_bits}
        bits |= {(item.signal, item.question): item.bits for item in group.evidence}
        found.append(Weighed(number, known.of(group.accounts), bits))
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


def curve(groups: list[Weighed], name: tuple[str, str]) -> list[tuple[float, float, float, float, int, int]]:
    """Per part of the scale: mean counted bits, measured bits, the interval's ends, groups of which the answer is yes, and no."""
    having = [group for group in groups if name in group.bits]
    bits = np.array([group.bits[name] for group in having])
    hostile, world = np.array([group.truth[name[1]] for group in having], bool), np.array([group.world for group in having])
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
    one_hand, harvests = (sum(group.truth[question] for group in groups) for question in ("coordination", "harvest"))
    print(f"{len(groups)} groups, of which {one_hand} are one hand and {harvests} harvest\n")
    print("| bits of | question | counted | measured | 90 % interval | yes | no |\n|---|---|---|---|---|---|---|")
    for name in sorted({name for group in groups for name in group.bits}):
        for counted, measured, low, high, yes, no in curve(groups, name):
            print(f"| {name[0]} | {name[1]} | {counted:+.1f} | {measured:+.1f} | {low:+.1f} to {high:+.1f} | {yes} | {no} |")


if __name__ == "__main__":
    main()
