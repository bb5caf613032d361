"""``stillwatch simulate``: write a synthetic, labelled world of traffic."""

from dataclasses import fields
from datetime import datetime, time
from pathlib import Path
from typing import Annotated

import typer

from stillwatch.cli.streams import print_json
from stillwatch.errors import UsageError
from stillwatch.traffic.simulate.evasion import Evasion
from stillwatch.traffic.simulate.world import World, write_world

_START = datetime.combine(World.start, time())


def simulate(
    out: Annotated[Path, typer.Option(help="Folder for the world.", show_default=False)],
    accounts: Annotated[int, typer.Option(help="Accounts in all, at least 50.")] = 3_000,
    days: Annotated[float, typer.Option(help="Length of the window in days, at least 1.")] = 7,
    seed: Annotated[int, typer.Option(help="The same seed gives the same world.", min=0)] = 0,
    campaign: Annotated[
        list[str] | None,
        typer.Option(help="NAME or NAME:SIZE, repeatable; or none. [default: queue, low-and-slow]"),
    ] = None,
    evade: Annotated[
        list[str] | None,
        typer.Option(metavar="MEANS=STRENGTH", help="How campaigns evade: jitter, rotation, paraphrase, volume, decoy; 0 to 1."),
    ] = None,
    start: Annotated[datetime, typer.Option(help="First day of the window, UTC.", formats=["%Y-%m-%d"])] = _START,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write requests/*.parquet, accounts.parquet, events.parquet and labels.parquet of a synthetic world.

    Example:  stillwatch simulate --out world --accounts 3000 --campaign queue:200 --campaign paraphrased
    """
    if accounts < 50 or days < 1:
        raise UsageError("a world has at least 50 accounts and one day", cure="for example --accounts 3000 --days 7")
    names = World.campaigns if not campaign else tuple(name for name in campaign if name != "none")
    rows = write_world(World(accounts, days, seed, names, _evasion(evade or []), start.date()), out)
    if as_json:
        found = {"out": str(out), "requests": rows, "accounts": accounts, "days": days, "seed": seed, "campaigns": list(names)}
        print_json(found)
    else:
        typer.echo(
            f"{out}: {rows:,} synthetic requests of {accounts:,} accounts, {days:g} days; campaigns: {', '.join(names) or 'none'}",
            err=True,
        )


def _evasion(given: list[str]) -> Evasion:
    strengths = {}
    for entry in given:
        name, _, strength = entry.partition("=")
        if name not in {field.name for field in fields(Evasion)} or not strength.replace(".", "", 1).isdecimal():
            raise UsageError(f"no such evasion: {entry}", place="--evade", cure="for example --evade paraphrase=0.5")
        strengths[name] = float(strength)
    return Evasion(**strengths)
