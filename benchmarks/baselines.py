"""Stillwatch beside three simpler detectors on the same worlds, by account.

    python benchmarks/baselines.py [--worlds 2] [--real 2]

* *volume*: accounts with more requests than 99 % of the accounts of a world without campaigns.
* *shared system prompt*: accounts of which most requests carry one exact system prompt, or one exact first line of the prompt, that
  eight accounts or more use so.
* *MMD window*: a two-sample test of the maximum mean discrepancy (Gretton et al. 2012; linear kernel on topic sketches, which are
  hashed counts of character runs) between an account's requests and a sample of everybody's, at the threshold that 0.3 % of the
  accounts of a world without campaigns exceed, in the way of PRADA (Juuti et al. 2019) and of window tests on embeddings.

Thresholds come from worlds without campaigns and are not tuned to any campaign. Account recall over the campaigns' accounts, and
precision over all accounts flagged.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import real_world
from detection import measured

from stillwatch.traffic.fingerprint import sketches
from stillwatch.traffic.simulate.pools import CAMPAIGNS
from stillwatch.traffic.simulate.world import World, write_world

Scores = dict[str, float]
_SAMPLE = 4_000


def requests_of(world: Path) -> pa.Table:
    """The columns that the simple detectors read."""
    return pq.read_table(world / "requests", columns=["account_id", "system_prompt", "prompt"])


def volume(requests: pa.Table) -> Scores:
    """Requests per account."""
    counts = requests.group_by("account_id").aggregate([("prompt", "count")])
    return dict(zip(counts["account_id"].to_pylist(), counts["prompt_count"].to_pylist(), strict=True))


def shared_prompt(requests: pa.Table) -> Scores:
    """1 for accounts that stand on one exact text that eight accounts or more stand on."""
    first_line = pc.utf8_slice_codeunits(
        pc.fill_null(pc.list_element(pc.split_pattern(pc.fill_null(requests["prompt"], ""), "\n"), 0), ""), 0, 200
    )
    text = pc.if_else(pc.is_valid(requests["system_prompt"]), requests["system_prompt"], first_line)
    table = pa.table({"account_id": requests["account_id"], "text": text})
    uses = table.group_by(["account_id", "text"]).aggregate([([], "count_all")]).to_pandas()
    total = uses.groupby("account_id")["count_all"].transform("sum")
    main = uses[(uses["count_all"] > total / 2) & (uses["count_all"] >= 3) & (uses["text"].str.len() >= 20)]
    popular = main.groupby("text")["account_id"].transform("nunique") >= 8
    return dict.fromkeys(main[popular]["account_id"], 1.0)


def discrepancy(requests: pa.Table) -> Scores:
    """Unbiased squared MMD of an account's sketches (unit length) to a random sample of everybody's, times its root of requests."""
    topics = sketches(requests["prompt"].combine_chunks()).topics.astype(np.float32)
    topics /= np.maximum(np.linalg.norm(topics, axis=1, keepdims=True), 1e-6)
    rng = np.random.default_rng(0)
    sample = topics[rng.permutation(len(topics))[:_SAMPLE]]
    centre, self_sample = (
        sample.mean(axis=0),
        float((sample.sum(axis=0) ** 2).sum() - len(sample)) / (len(sample) * (len(sample) - 1)),
    )
    names, codes, counts = np.unique(
        requests["account_id"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True, return_counts=True
    )
    sums = np.stack([np.bincount(codes, column, len(names)) for column in topics.T], axis=1)
    within = ((sums**2).sum(axis=1) - counts) / np.maximum(counts * (counts - 1), 1)
    score = (within + self_sample - 2 * (sums / counts[:, None]) @ centre) * np.sqrt(counts)
    return {name: float(value) for name, value, count in zip(names, score, counts, strict=True) if count >= 10}


DETECTORS: dict[str, tuple[Callable[[pa.Table], Scores], float]] = {
    "volume": (volume, 0.01),
    "shared system prompt": (shared_prompt, 0.0),
    "MMD window": (discrepancy, 0.003),
}
"""Each detector with the share of accounts of an empty world that may exceed its threshold."""


def compare(title: str, empty: Path, worlds: list[Path], scratch: Path) -> None:
    """Print recall and precision of every detector over some worlds."""
    labels = [pq.read_table(world / "labels.parquet").to_pylist() for world in worlds]
    hostile = [{row["account_id"] for row in rows if row["campaign"]} for rows in labels]
    flagged = {"Stillwatch": [_reported(world, scratch) for world in worlds]}
    for name, (detector, allowed) in DETECTORS.items():
        usual = np.array(list(detector(requests_of(empty)).values()) or [0.0])
        threshold = np.quantile(usual, 1 - allowed) if allowed else 0.5
        flagged[name] = [{a for a, score in detector(requests_of(world)).items() if score > threshold} for world in worlds]
    for name, sets in flagged.items():
        hits = sum(len(found & true) for found, true in zip(sets, hostile, strict=True))
        recall, shown = hits / sum(map(len, hostile)), sum(map(len, sets))
        print(f"| {title} | {name} | {recall:.3f} | {hits / shown if shown else 1:.3f} |", flush=True)


def _reported(world: Path, scratch: Path) -> set[str]:
    measured(world, scratch)
    accounts = pq.read_table(scratch / "result" / "accounts.parquet", columns=["account_id", "campaign_id"])
    return set(accounts.filter(pc.is_valid(accounts["campaign_id"]))["account_id"].to_pylist())


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=1, help="simulated worlds per kind of campaign")
    parser.add_argument("--real", type=int, default=2, help="worlds of replayed tools")
    options = parser.parse_args()
    print("| worlds | detector | account recall | account precision |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_world(World(seed=700, campaigns=()), root / "empty")
        worlds = []
        for kind in CAMPAIGNS:
            for seed in range(options.worlds):
                worlds.append(root / f"{kind}-{seed}")
                write_world(World(seed=800 + seed, campaigns=(kind,)), worlds[-1])
        if worlds:
            compare("simulated", root / "empty", worlds, root)
        if options.real and real_world.shared_data().exists():
            empty = real_world.build(700, campaign=False).write(root / "real-empty")
            compare("replayed", empty, [real_world.build(800 + s).write(root / f"real-{s}") for s in range(options.real)], root)


if __name__ == "__main__":
    main()
