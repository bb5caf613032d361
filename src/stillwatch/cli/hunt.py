"""``stillwatch hunt``: look for what others disclosed in one's own past traffic, and offer sightings of what is found."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from stillwatch.cli.hunt_tables import finds_as_json, print_finds
from stillwatch.cli.logs import batches, taken_in
from stillwatch.cli.members import DEFAULT_CONFIG, AsJson, Config, FeedPath, member
from stillwatch.cli.peers import CollectionName, HubKey, HubMember, Shown
from stillwatch.cli.releasing import DEFAULT_OUTBOX, To, Wish, let_out
from stillwatch.cli.sending import Onward, destination
from stillwatch.cli.streams import print_json
from stillwatch.sharing.feed.effect import standings
from stillwatch.sharing.feed.find import Find
from stillwatch.sharing.feed.hunt import COLUMNS, Hunt
from stillwatch.sharing.feed.identifiers import attributes
from stillwatch.sharing.feed.quarry import quarry
from stillwatch.sharing.feed.store import FeedStore
from stillwatch.sharing.release.membership import Membership
from stillwatch.sharing.release.prepared import prepare
from stillwatch.sharing.release.sightings import sightings_of
from stillwatch.sharing.stix.objects import as_json as as_value
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.tlp import TLP
from stillwatch.traffic.accounts import load_accounts


def hunt(
    requests: Annotated[list[str], typer.Argument(help="Request logs: files, folders or globs.", show_default=False)],
    feed: FeedPath = None,
    accounts: Annotated[Path | None, typer.Option(help="Table of accounts, to look for tokens of payments and devices.")] = None,
    log_format: Annotated[str, typer.Option("--format", help="Format of the logs, as for scan.")] = "auto",
    account_from: Annotated[
        str | None, typer.Option(metavar="FIELD|HEADER", help="Field (dotted) or header that names the account.")
    ] = None,
    offer: Annotated[bool, typer.Option("--offer", help="Offer what was found as sightings, past the guard.")] = False,
    profile: Annotated[str | None, typer.Option(help="The guard's profile.  [default: of the settings]")] = None,
    tlp: Annotated[TLP | None, typer.Option(help="How far sightings may travel.  [default: of the settings]")] = None,
    to: To = str(DEFAULT_OUTBOX),
    collection: CollectionName = None,
    hub_member: HubMember = None,
    key_file: HubKey = None,
    approve: Annotated[str | None, typer.Option(metavar="NAME", help="Who approves.")] = None,
    second: Annotated[str | None, typer.Option(metavar="NAME", help="The second person, under dual control.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="They have seen it and say yes: do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --offer, only show what would leave.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Look for what others disclosed in past traffic, and offer sightings of what is found.

    Example:  stillwatch hunt logs/ --feed stillwatch-feed.sqlite --offer --dry-run
    """
    now = datetime.now(UTC)
    membership = member(config, now, dry_run=dry_run or not offer)
    with FeedStore.existing(feed or membership.feed) as store:
        standing = standings(store.facts(), store.opinions(), now)
    looked_for = quarry(standing, membership.token_epoch)
    with taken_in(requests, log_format, account_from, now) as intake:
        hunted = Hunt(looked_for)
        for batch in batches(intake, COLUMNS):
            hunted.look(batch)
    finds = [*hunted.finds(), *_token_finds(hunted, accounts, membership)]
    shown = finds_as_json(finds, looked_for, intake.rows)
    if not as_json:
        print_finds(finds, looked_for, intake.rows, Console())
    if not offer or not finds:
        if as_json:
            print_json(shown | {"offer": None})
        return
    terms = Terms(membership.identity(now), tlp or membership.tlp, now)
    told = [as_value(thing) for thing in sightings_of(finds, terms)]
    prepared = prepare(told, membership.guard(profile), {each.held.id for each in standing})
    subjects = [thing["id"] for thing in told if thing["type"] == "sighting"]
    outbox, onward = destination(to, DEFAULT_OUTBOX, Onward(to, Shown(hub_member, key_file), collection))
    wish = Wish(outbox, approve, second, yes, dry_run, as_json, onward)
    let_out(prepared, subjects, _file_name(now), membership, wish, now, shown)


def _token_finds(hunted: Hunt, accounts: Path | None, membership: Membership) -> list[Find]:
    """What was found of tokens; none if none is looked for, or if there is no key to make one's own."""
    tokeniser = membership.tokeniser()
    if tokeniser is None or not hunted.quarry.tokens:
        return []
    return hunted.token_finds(tokeniser, attributes(load_accounts(accounts)) if accounts else {})


def _file_name(now: datetime) -> str:
    return f"sightings-{now:%Y%m%dT%H%M%SZ}.json"
