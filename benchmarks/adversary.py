"""Recall against an adversary who adapts: each evasion at growing strength, and all together.

    python benchmarks/adversary.py [--campaign queue] [--seeds 2] [--strengths 0.25 0.5 0.75 1]

Per evasion and strength: campaigns found, accounts recalled (at the default FDR of 0.01), false campaigns, and what a kept answer
costs the adversary in requests, as a multiple of what it costs without evasion. Simulated worlds of 3,000 accounts.
"""

import argparse
import tempfile
from dataclasses import fields
from pathlib import Path

from detection import measured

from stillwatch.campaigns.evaluation import Evaluation
from stillwatch.traffic.simulate.evasion import Evasion, requests_per_answer
from stillwatch.traffic.simulate.pools import CAMPAIGNS
from stillwatch.traffic.simulate.world import World, write_world

MEANS = tuple(field.name for field in fields(Evasion))


def world(campaign: str, seed: int, evasion: Evasion) -> Evaluation:
    """One world with one campaign that evades so."""
    with tempfile.TemporaryDirectory() as folder:
        write_world(World(seed=seed, campaigns=(campaign,), evasion=evasion), Path(folder) / "world")
        return measured(Path(folder) / "world", Path(folder))


def line(title: str, campaign: str, seeds: int, evasion: Evasion) -> str:
    """Measure one setting over ``seeds`` worlds."""
    found = [world(campaign, 900 + seed, evasion) for seed in range(seeds)]
    entries = [entry for evaluation in found for entry in evaluation.campaigns]
    recall = sum(entry.reported_accounts for entry in entries) / sum(entry.accounts for entry in entries)
    false = sum(len(evaluation.false) for evaluation in found)
    price = requests_per_answer(CAMPAIGNS[campaign], evasion)
    return f"| {title} | {sum(entry.found for entry in entries)}/{len(entries)} | {recall:.3f} | {false} | {price:.1f} |"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--campaign", default="queue", choices=sorted(CAMPAIGNS))
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--strengths", type=float, nargs="+", default=[0.25, 0.5, 0.75, 1.0])
    options = parser.parse_args()
    print("| evasion | found | account recall | false campaigns | requests per kept answer |\n|---|---|---|---|---|")
    print(line("none", options.campaign, options.seeds, Evasion()), flush=True)
    for means in (*MEANS, "all"):
        for strength in options.strengths:
            names = MEANS if means == "all" else (means,)
            print(
                line(f"{means} {strength:g}", options.campaign, options.seeds, Evasion(**dict.fromkeys(names, strength))),
                flush=True,
            )


if __name__ == "__main__":
    main()
