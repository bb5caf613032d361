"""``stillwatch opinion``: say what one thinks of something that another member told."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from stillwatch.cli.members import DEFAULT_CONFIG, AsJson, Config, FeedPath, member
from stillwatch.cli.peers import CollectionName, HubKey, HubMember, Shown
from stillwatch.cli.releasing import DEFAULT_OUTBOX, To, Wish, let_out
from stillwatch.cli.sending import Onward, destination
from stillwatch.errors import UsageError
from stillwatch.sharing.feed.store import FeedStore
from stillwatch.sharing.release.outbox import earlier_created, place
from stillwatch.sharing.release.prepared import prepare
from stillwatch.sharing.stix.objects import as_json as as_value
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.tlp import TLP
from stillwatch.sharing.stix.views import View
from stillwatch.sharing.stix.views import opinion as opinion_on


class Says(StrEnum):
    """A view as members say it."""

    CONFIRMED = "confirmed"
    INVESTIGATING = "investigating"
    DISPUTED = "disputed"
    FALSE_POSITIVE = "false-positive"


_VIEWS = {
    Says.CONFIRMED: View.AGREE,
    Says.INVESTIGATING: View.INVESTIGATING,
    Says.DISPUTED: View.DISPUTED,
    Says.FALSE_POSITIVE: View.FALSE_POSITIVE,
}


def opinion(
    name: Annotated[
        str, typer.Argument(metavar="ID", help="Id of an object in the feed, or the beginning of it.", show_default=False)
    ],
    says: Annotated[Says, typer.Argument(help="Confirmed here too, investigating, disputed, or a false positive here.")],
    because: Annotated[str | None, typer.Option(help="Why, in a sentence; it passes the guard.")] = None,
    feed: FeedPath = None,
    profile: Annotated[str | None, typer.Option(help="The guard's profile.  [default: of the settings]")] = None,
    tlp: Annotated[TLP | None, typer.Option(help="How far it may travel.  [default: of the settings]")] = None,
    to: To = str(DEFAULT_OUTBOX),
    collection: CollectionName = None,
    hub_member: HubMember = None,
    key_file: HubKey = None,
    approve: Annotated[str | None, typer.Option(metavar="NAME", help="Who approves.")] = None,
    second: Annotated[str | None, typer.Option(metavar="NAME", help="The second person, under dual control.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="They have seen it and say yes: do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would leave.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say what we think of an object of the feed; to change one's mind, say it again.

    Example:  stillwatch opinion indicator--1a2b3c4d false-positive --to https://hub.example/ --dry-run
    """
    now = datetime.now(UTC)
    membership = member(config, now, dry_run=dry_run)
    with FeedStore.existing(feed or membership.feed) as store:
        found = {held.id for held in store.facts() if held.id.startswith(name)}
    if len(found) != 1:
        what = "several objects begin with this" if found else "the feed holds no such object"
        raise UsageError(what, place=name, cure="see `stillwatch feed list`")
    (target,) = found
    file = f"opinion-{target}.json"
    outbox, onward = destination(to, DEFAULT_OUTBOX, Onward(to, Shown(hub_member, key_file), collection))
    created = earlier_created(place(outbox, file), now)
    terms = Terms(membership.identity(now), tlp or membership.tlp, now, created=created)
    said = opinion_on(_VIEWS[says], target, terms, because)
    who = [as_value(terms.producer)] if terms.producer else []
    prepared = prepare([*who, as_value(said)], membership.guard(profile), {target})
    let_out(prepared, [said.id], file, membership, Wish(outbox, approve, second, yes, dry_run, as_json, onward), now)
