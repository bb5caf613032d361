"""``stillwatch feed``: take in what others disclosed, look at it, let it age.

Rules: `list` and `show` only read. Opinions stand beside what they are about, member by member, and change nothing in it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from stillwatch.cli.feed import exchange
from stillwatch.cli.feed.tables import arrival_as_json, print_arrival, print_object, print_standings, standing_as_json
from stillwatch.cli.group import group
from stillwatch.cli.members import DEFAULT_CONFIG, AsJson, Config, FeedPath, member
from stillwatch.cli.streams import print_json, tell
from stillwatch.errors import NoReadableInput, RefusedByPolicy, UsageError
from stillwatch.sharing.feed.arrival import Arrival, Border, arrive
from stillwatch.sharing.feed.effect import Standing, standings
from stillwatch.sharing.feed.expiry import expire as expire_in
from stillwatch.sharing.feed.store import FeedStore
from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.membership import read_membership
from stillwatch.sharing.release.stamp import beside
from stillwatch.sharing.signatures.keyring import read_ring

app = group("Take in what others disclosed, look at it, let it age.")
for command in (exchange.pull, exchange.push, exchange.watch, exchange.notices, exchange.answer):
    app.command()(command)


@app.command("import")
def import_bundles(
    files: Annotated[list[Path], typer.Argument(help="Bundles: STIX 2.1 JSON files, or folders of them.", show_default=False)],
    feed: FeedPath = None,
    keyring: Annotated[Path | None, typer.Option(help="The known keys.  [default: of the settings]", show_default=False)] = None,
    profile: Annotated[str | None, typer.Option(help="The guard's profile.  [default: receipt_profile of the settings]")] = None,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="Take what nobody signed, too.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Verify, examine and take in bundles; what is refused is said, object by object, and recorded.

    Example:  stillwatch feed import incoming/ --keyring members.json
    """
    now = datetime.now(UTC)
    membership = member(config, now, dry_run=False)
    ring = read_ring(keyring) if keyring else membership.ring()
    border = Border(ring, Guard(profile or membership.receipt_profile), unsigned)
    arrivals = []
    with FeedStore.open(feed or membership.feed) as store, Ledger.open(membership.ledger) as ledger:
        for path in _bundles(files):
            stamped = _read(beside(path)) if beside(path).exists() else None
            arrivals.append(arrive(_read(path), str(path), store, border, ledger, membership.id, now, stamped))
            if not as_json:
                print_arrival(arrivals[-1], Console())
    if as_json:
        print_json({"imported": [arrival_as_json(arrival) for arrival in arrivals]})
    _end(arrivals)


@app.command("list")
def list_objects(
    feed: FeedPath = None,
    kind: Annotated[str | None, typer.Option("--type", help="Objects of this STIX type only, such as indicator.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what has no effect any more.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """List what the feed holds, with weight and members' opinions.

    Example:  stillwatch feed list --type indicator
    """
    found = [
        standing
        for standing in _standings(feed, config)
        if (kind is None or standing.held.type == kind) and (everything or not standing.without_effect)
    ]
    if as_json:
        print_json({"objects": [standing_as_json(standing) for standing in found]})
    else:
        print_standings(found, Console())


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="Id of an object, or the beginning of it.", show_default=False)],
    feed: FeedPath = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show one object as it is held, who made it, what it counts for, and what members think of it.

    Example:  stillwatch feed show indicator--1a2b3c4d
    """
    found = [standing for standing in _standings(feed, config) if standing.held.id.startswith(name)]
    if len({standing.held.id for standing in found}) != 1:
        what = "several objects begin with this" if found else "the feed holds no such object"
        raise UsageError(what, place=name, cure="see `stillwatch feed list --all`")
    if as_json:
        print_json({"versions": [standing_as_json(standing, whole=True) for standing in found]})
    else:
        print_object(found, Console())


@app.command()
def expire(
    feed: FeedPath = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Delete what is no longer valid; what was revoked stays, so that no earlier version can come back.

    Example:  stillwatch feed expire --dry-run
    """
    now = datetime.now(UTC)
    membership = member(config, now, dry_run=dry_run)
    with FeedStore.existing(feed or membership.feed) as store:
        if dry_run:
            result = expire_in(store, None, membership.litigation_hold, membership.id, now)
        else:
            with Ledger.open(membership.ledger) as ledger:
                result = expire_in(store, ledger, membership.litigation_hold, membership.id, now)
    if as_json:
        print_json({"expired": result.expired, "deleted": result.deleted, "held_for": result.held_for})
    else:
        done = f"kept for {result.held_for}" if result.held_for else "deleted" if result.deleted else "would be deleted"
        tell(f"{len(result.expired)} objects are no longer valid: {done if result.expired else 'nothing to do'}")


def _standings(feed: Path | None, config: Path) -> list[Standing]:
    with FeedStore.existing(feed or read_membership(config).feed) as store:
        return standings(store.facts(), store.opinions(), datetime.now(UTC))


def _bundles(files: Iterable[Path]) -> list[Path]:
    """The files, and those in folders, in order. Raises NoReadableInput if there is none."""
    found = [path for file in files for path in (sorted(file.glob("*.json")) if file.is_dir() else [file])]
    if not found:
        cure = "name a file, or a folder with *.json in it"
        raise NoReadableInput("there is no bundle", place=", ".join(map(str, files)), cure=cure)
    return found


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NoReadableInput(f"it cannot be read ({error.strerror})", place=str(path), cure="name a bundle") from error


def _end(arrivals: list[Arrival]) -> None:
    """Raise if nothing at all was taken: NoReadableInput if nothing was a bundle, RefusedByPolicy if all was refused."""
    refused = [refusal for arrival in arrivals for refusal in arrival.refused]
    if not refused or any(arrival.put for arrival in arrivals):
        return
    places = ", ".join(arrival.source for arrival in arrivals)
    if all(refusal.position is None for refusal in refused):
        raise NoReadableInput(refused[0].reason, place=places, cure="ask for a STIX 2.1 bundle in JSON")
    raise RefusedByPolicy(f"nothing was taken; the first reason: {refused[0].reason}", place=places, cure="see the reasons above")
