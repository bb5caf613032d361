"""Who is wrongly reported: false accounts per 10,000 benign ones, by plan, client, volume and script of the prompts.

    python benchmarks/fairness.py [--worlds 5] [--campaign queue low-and-slow reseller-mixture]

Each simulated world (3,000 accounts) holds all campaigns named. No signal reads a script or where somebody comes from; the table
shows whether errors fall unevenly all the same. The script of an account is the one of most of its letters.
"""

import argparse
import tempfile
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from detection import measured

from stillwatch.traffic.simulate.pools import CAMPAIGNS
from stillwatch.traffic.simulate.world import World, write_world

Traits = dict[str, dict[str, str]]


def script(text: str) -> str:
    """The first word of the Unicode names of most letters, such as LATIN or CJK."""
    names = Counter(unicodedata.name(char, "?").split()[0] for char in text[:200] if char.isalpha())
    return names.most_common(1)[0][0].lower() if names else "none"


def traits(world: Path) -> Traits:
    """Per trait the value of every account."""
    requests = pq.read_table(world / "requests", columns=["account_id", "user_agent", "prompt"])
    one = requests.group_by("account_id").aggregate([("user_agent", "min"), ("prompt", "max"), ("prompt", "count")])
    ids = one["account_id"].to_pylist()
    decile = np.searchsorted(np.quantile(one["prompt_count"], np.arange(0.1, 1, 0.1)), one["prompt_count"].to_numpy()) + 1
    accounts = pq.read_table(world / "accounts.parquet", columns=["account_id", "plan"])
    return {
        "plan": dict(zip(accounts["account_id"].to_pylist(), (str(plan) for plan in accounts["plan"].to_pylist()), strict=True)),
        "client": dict(zip(ids, one["user_agent_min"].to_pylist(), strict=True)),
        "volume decile": dict(zip(ids, (f"{number:02d}" for number in decile), strict=True)),
        "script": dict(zip(ids, map(script, one["prompt_max"].to_pylist()), strict=True)),
    }


def count(world: Path, scratch: Path, benign: Counter[tuple[str, str]], wrong: Counter[tuple[str, str]]) -> None:
    """Scan a world and add its benign accounts, and those of them that were reported, to the counts."""
    measured(world, scratch)
    result = pq.read_table(scratch / "result" / "accounts.parquet", columns=["account_id", "campaign_id"])
    reported = set(result.filter(pc.is_valid(result["campaign_id"]))["account_id"].to_pylist())
    labels = pq.read_table(world / "labels.parquet")
    innocent = labels.filter(pc.is_null(labels["campaign"]))["account_id"].to_pylist()
    for trait, values in traits(world).items():
        benign.update((trait, values[account]) for account in innocent if account in values)
        wrong.update((trait, values[account]) for account in innocent if account in values and account in reported)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=5)
    parser.add_argument("--campaign", nargs="+", default=["queue", "low-and-slow", "reseller-mixture"], choices=sorted(CAMPAIGNS))
    options = parser.parse_args()
    benign: Counter[tuple[str, str]] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    for seed in range(options.worlds):
        with tempfile.TemporaryDirectory() as folder:
            write_world(World(seed=1200 + seed, campaigns=tuple(options.campaign)), Path(folder) / "world")
            count(Path(folder) / "world", Path(folder), benign, wrong)
    print("| trait | value | benign accounts | reported wrongly | per 10,000 |\n|---|---|---|---|---|")
    for trait, value in sorted(benign):
        number, false = benign[trait, value], wrong[trait, value]
        print(f"| {trait} | {value} | {number:,} | {false} | {10_000 * false / number:.1f} |")


if __name__ == "__main__":
    main()
