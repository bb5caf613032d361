"""``stillwatch demo``: simulate a week and find what hides in it; then the whole system, from the find to the cleared customer."""

import sys
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from stillwatch.campaigns.evaluation import evaluate
from stillwatch.campaigns.scan import ScanSettings, scan
from stillwatch.cli.demonstration.week import first_day
from stillwatch.cli.evaluate import load_labels
from stillwatch.cli.evaluate import show as show_evaluation
from stillwatch.cli.progress import shown_progress
from stillwatch.cli.scan import show
from stillwatch.cli.streams import tell
from stillwatch.traffic.simulate.world import World, write_world

_LEAST = 400
_PROVIDER_A = "provider-a"


def demo(
    out: Annotated[
        Path | None, typer.Option(help="Folder for everything; a new one.  [default: stillwatch-demo, or the next that is free]")
    ] = None,
    seed: Annotated[int, typer.Option(help="Which synthetic world.", min=0)] = 0,
    accounts: Annotated[int, typer.Option(help="Accounts of provider A; B has a third.", min=_LEAST)] = 3000,
    quick: Annotated[bool, typer.Option("--quick", help="Only find the campaigns; no hub, no gateway.")] = False,
    browser: Annotated[
        bool | None, typer.Option("--open/--no-open", help="Open the console on the campaign.  [default: on a desktop]")
    ] = None,
    stay: Annotated[
        bool, typer.Option("--stay", help="Leave the appeal to you in the browser, and everything running until Ctrl+C.")
    ] = False,
) -> None:
    """Find campaigns at a synthetic provider, share them through a hub, block them at another, clear who was wrongly flagged.

    Everything runs on this machine as local processes, ends by itself (but with --stay), and leaves nothing running. While it
    plays, the consoles of both providers and of the hub are open at the addresses that it prints.

    Example:  stillwatch demo
    """
    out = out or free_folder(Path("stillwatch-demo"))
    tell(f"Everything is written into {out}.")
    find(out / _PROVIDER_A, seed, accounts)
    if quick:
        return
    from stillwatch.cli.demonstration.consoles import is_desktop  # the quick part needs no servers
    from stillwatch.cli.demonstration.story import Audience, tell_story

    tell_story(out.resolve(), accounts, seed, Audience(is_desktop() if browser is None else browser, stay))
    tell(f"Reports: {out}/{_PROVIDER_A}/stillwatch-out/report.html and {out}/provider-b/stillwatch-out/report.html")
    tell("To do the end yourself in the browser: stillwatch demo --stay")


def free_folder(wanted: Path) -> Path:
    """The folder, or if it is there already, the next that is not, as *stillwatch-demo-2*.

    >>> taken = getfixture("tmp_path")
    >>> free_folder(taken).name == f"{taken.name}-2"
    True
    """
    others = (wanted.with_name(f"{wanted.name}-{number}") for number in count(2))
    return next(folder for folder in chain((wanted,), others) if not folder.exists())


def find(folder: Path, seed: int, accounts: int) -> None:
    """Simulate a week with hidden campaigns, scan it without a look at the labels, and compare."""
    world, result = folder / "world", folder / "stillwatch-out"
    tell(f"1. Simulating a week of synthetic traffic: {accounts:,} accounts, look-alikes, two campaigns …")
    rows = write_world(World(seed=seed, accounts=accounts, start=first_day()), world)
    tell(f"2. Scanning {rows:,} requests, with no look at the labels …")
    settings = ScanSettings(requests=(str(world / "requests"),), out=result, accounts=world / "accounts.parquet", show_text=True)
    with shown_progress(sys.stderr.isatty()) as progress:
        found = scan(settings, now=datetime.now(UTC), progress=progress)
    tell("3. Comparing the result with the labels:")
    show_evaluation(evaluate(found, load_labels(world / "labels.parquet")), Console())
    show(found, result, quiet=False, as_json=False)
