"""``stillwatch demo``: simulate a week, scan it, and show the report."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from stillwatch.campaigns.evaluation import evaluate
from stillwatch.campaigns.scan import ScanSettings, scan
from stillwatch.cli.evaluate import load_labels
from stillwatch.cli.evaluate import show as show_evaluation
from stillwatch.cli.progress import shown_progress
from stillwatch.cli.scan import show
from stillwatch.traffic.simulate.world import World, write_world


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the world and the result.")] = Path("stillwatch-demo"),
    seed: Annotated[int, typer.Option(help="Which synthetic world.", min=0)] = 0,
) -> None:
    """Simulate a synthetic week of traffic with two hidden campaigns, find them, and say where the report is.

    Example:  stillwatch demo
    """
    world, result = out / "world", out / "result"
    print("1. Simulating a week of synthetic traffic: 3,000 accounts, look-alikes, two campaigns …", file=sys.stderr)  # noqa: T201
    rows = write_world(World(seed=seed), world)
    print(f"2. Scanning {rows:,} requests, with no look at the labels …", file=sys.stderr)  # noqa: T201
    settings = ScanSettings(requests=(str(world / "requests"),), out=result, accounts=world / "accounts.parquet", show_text=True)
    with shown_progress(True) as progress:
        found = scan(settings, now=datetime.now(UTC), progress=progress)
    print("3. Comparing the result with the labels:", file=sys.stderr)  # noqa: T201
    show_evaluation(evaluate(found, load_labels(world / "labels.parquet")), Console())
    show(found, result, quiet=False, as_json=False)
