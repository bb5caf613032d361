"""``stillwatch feed pull|push|watch|notices|answer``: exchange with a hub, or any other TAXII 2.1 server.

Rules: whatever interrupts, the same command goes on where it stopped. What comes passes signature, guard and ledger as on
`feed import`; what goes must have been released before.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from stillwatch.cli.feed.tables import arrival_as_json, print_arrival
from stillwatch.cli.members import DEFAULT_CONFIG, AsJson, Config, FeedPath, member
from stillwatch.cli.peers import CollectionName, HubAuthority, HubKey, HubMember, InClear, Shown, TokenUrl, peer_at
from stillwatch.cli.sending import as_json as progress_as_json
from stillwatch.cli.sending import send
from stillwatch.cli.streams import print_json, tell
from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.sharing.exchange.bookmark import BookmarkFile
from stillwatch.sharing.exchange.changes import answer_appeal
from stillwatch.sharing.exchange.connection import Connection
from stillwatch.sharing.exchange.place import Place, locate
from stillwatch.sharing.exchange.pull import Came
from stillwatch.sharing.exchange.pull import pull as pull_from
from stillwatch.sharing.exchange.receiver import Notice, Receiver, Removal
from stillwatch.sharing.exchange.receiver import notices as kept_notices
from stillwatch.sharing.exchange.watch import Silence, Watching
from stillwatch.sharing.exchange.watch import watch as watch_at
from stillwatch.sharing.feed.arrival import Arrival, Border
from stillwatch.sharing.feed.store import FeedStore
from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.membership import Membership
from stillwatch.sharing.signatures.keyring import read_ring
from stillwatch.vocabulary.printable import one_line

Hub = Annotated[
    str | None,
    typer.Argument(metavar="HUB", help="URL of it, an API root or a collection.  [default: of the settings]", show_default=False),
]
Keyring = Annotated[Path | None, typer.Option(help="The known keys.  [default: of the settings]", show_default=False)]
Profile = Annotated[str | None, typer.Option(help="The guard's profile.  [default: receipt_profile of the settings]")]
Unsigned = Annotated[bool, typer.Option("--unsigned", help="Take what nobody signed, too.")]
Again = Annotated[bool, typer.Option("--again", help="From the beginning, whatever was fetched before.")]


def pull(
    hub: Hub = None,
    collection: CollectionName = None,
    feed: FeedPath = None,
    keyring: Keyring = None,
    profile: Profile = None,
    unsigned: Unsigned = False,
    again: Again = False,
    hub_member: HubMember = None,
    key_file: HubKey = None,
    authority: HubAuthority = None,
    in_clear: InClear = False,
    token_url: TokenUrl = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Fetch what is new at a hub: verified, examined, taken in; revocations and removals take effect.

    Example:  stillwatch feed pull https://hub.example/ --member synthetic-provider-b --key-file hub.key
    """
    membership = member(config, datetime.now(UTC), dry_run=False)
    shown = Shown(hub_member, key_file, authority, in_clear, token_url)
    border = _border(membership, keyring, profile, unsigned)
    with _exchanging(hub, collection, feed, shown, membership, border, again) as (connection, place, receiver, file):
        came = _said(pull_from(connection, place, receiver, file), as_json=as_json)
    if as_json:
        print_json({"pulled": [_as_json(each) for each in came], "from": place.root})
    elif not came:
        tell(f"{place.root}: nothing new")


def watch(
    hub: Hub = None,
    collection: CollectionName = None,
    every: Annotated[float, typer.Option(help="Seconds between looks at a server that does not ring.", min=1)] = 60.0,
    seconds: Annotated[float | None, typer.Option("--for", help="End after so many seconds.  [default: never]", min=0)] = None,
    feed: FeedPath = None,
    keyring: Keyring = None,
    profile: Profile = None,
    unsigned: Unsigned = False,
    again: Again = False,
    hub_member: HubMember = None,
    key_file: HubKey = None,
    authority: HubAuthority = None,
    in_clear: InClear = False,
    token_url: TokenUrl = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Take in what is new at a hub as it comes, until stopped; with --json, one JSON object a line.

    Example:  stillwatch feed watch https://hub.example/ --member synthetic-provider-b --key-file hub.key
    """
    membership = member(config, datetime.now(UTC), dry_run=False)
    shown = Shown(hub_member, key_file, authority, in_clear, token_url)
    border = _border(membership, keyring, profile, unsigned)
    with _exchanging(hub, collection, feed, shown, membership, border, again) as (connection, place, receiver, file):
        tell(f"Watching {place.root}; stop with Ctrl-C")
        try:
            for each in watch_at(connection, place, receiver, file, Watching(every, seconds)):
                if as_json:
                    typer.echo(msgspec.json.encode(_as_json(each), enc_hook=str).decode())
                else:
                    _print(each)
        except KeyboardInterrupt:
            tell("Stopped; the same command goes on from here.")


def push(
    files: Annotated[list[Path], typer.Argument(help="Releases that share or hunt wrote, or folders of them.", show_default=False)],
    to: Annotated[
        str | None, typer.Option(metavar="HUB", help="URL of a server, API root or collection.  [default: of the settings]")
    ] = None,
    collection: CollectionName = None,
    again: Annotated[bool, typer.Option("--again", help="Send even what was acknowledged before.")] = False,
    own_only: Annotated[
        bool, typer.Option("--own-only", help="Without extension definitions and the like, on which medallion breaks.")
    ] = False,
    hub_member: HubMember = None,
    key_file: HubKey = None,
    authority: HubAuthority = None,
    in_clear: InClear = False,
    token_url: TokenUrl = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Send releases to a hub, and say object by object what it refuses and why.

    Example:  stillwatch feed push stillwatch-outbox --to https://hub.example/ --collection campaigns --key-file hub.key
    """
    membership = member(config, datetime.now(UTC), dry_run=False)
    shown = Shown(hub_member, key_file, authority, in_clear, token_url)
    made = send(_releases(files), to, shown, collection, membership, again=again, own_only=own_only)
    if as_json:
        print_json({"pushed": [progress_as_json(progress) for progress in made]})


def notices(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List what hubs told us: alerts about linked campaigns, appeals and their outcome.

    Example:  stillwatch feed notices
    """
    found = kept_notices(member(config, datetime.now(UTC), dry_run=True).exchange)
    if as_json:
        print_json({"notices": [msgspec.to_builtins(notice) for notice in found]})
        return
    for notice in found:
        _print(notice)
    if not found:
        tell("no hub has told anything")


def answer(
    appeal: Annotated[str, typer.Argument(help="Id of the case, as in the notice.", show_default=False)],
    what: Annotated[str, typer.Option(help="What we did about it, without naming anybody.")],
    hub_member: HubMember = None,
    key_file: HubKey = None,
    authority: HubAuthority = None,
    in_clear: InClear = False,
    token_url: TokenUrl = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Tell a hub what was done about an appeal that it told us of.

    Example:  stillwatch feed answer appeal--00000000-0000-4000-8000-000000000001 --what "accounts reinstated"
    """
    now = datetime.now(UTC)
    shown = Shown(hub_member, key_file, authority, in_clear, token_url)
    answered(member(config, now, dry_run=False), appeal, what, shown, now)
    tell(f"{appeal}: answered")


def answered(membership: Membership, appeal: str, what: str, shown: Shown, now: datetime) -> None:
    """Tell the hub that told us of a case what we did about it, recorded first. Raises UsageError, and as the exchange does."""
    told = [notice for notice in kept_notices(membership.exchange) if notice.subject == appeal]
    if not told:
        raise UsageError("no hub has told of such a case", place=appeal, cure="see `stillwatch feed notices`, after a pull")
    hub = told[-1].hub
    with Connection(peer_at(hub, shown, membership)) as connection, Ledger.open(membership.ledger) as ledger:
        ledger.append("appeal", appeal, {"answer": what, "hub": hub}, membership.id, now)
        answer_appeal(connection, hub, appeal, what)


def fetched(membership: Membership, feed: Path | None) -> list[dict[str, Any]]:
    """Everything that is new at the hub of the settings, taken into the feed; as `feed pull --json` tells it."""
    border = _border(membership, None, None, unsigned=False)
    with _exchanging(None, None, feed, Shown(), membership, border, again=False) as (connection, place, receiver, file):
        return [_as_json(each) for each in pull_from(connection, place, receiver, file)]


def _border(membership: Membership, keyring: Path | None, profile: str | None, unsigned: bool) -> Border:
    ring = read_ring(keyring) if keyring else membership.ring()
    return Border(ring, Guard(profile or membership.receipt_profile), unsigned)


@contextmanager
def _exchanging(
    hub: str | None,
    collection: str | None,
    feed: Path | None,
    shown: Shown,
    membership: Membership,
    border: Border,
    again: bool,
) -> Iterator[tuple[Connection, Place, Receiver, BookmarkFile]]:
    """Everything that is open during an exchange. A feed that does not exist yet begins at the beginning."""
    path = feed or membership.feed
    fresh = again or not path.exists()
    with Connection(peer_at(hub, shown, membership)) as connection:
        place = locate(connection, collection)
        file = BookmarkFile.of(membership.exchange, place.root, path)
        if fresh:
            file.path.unlink(missing_ok=True)
        with FeedStore.open(path) as store, Ledger.open(membership.ledger) as ledger:
            clock = lambda: datetime.now(UTC)  # noqa: E731
            folder, matter = membership.exchange, membership.litigation_hold
            yield connection, place, Receiver(store, border, ledger, membership.id, folder, matter, clock), file


def _said(came: Iterable[Came], *, as_json: bool) -> list[Came]:
    """Everything that came, each printed as it comes unless it is printed as JSON in the end."""
    found = []
    for each in came:
        found.append(each)
        if not as_json:
            _print(each)
    return found


def _print(each: Came | Silence) -> None:
    console = Console()
    match each:
        case Arrival():
            print_arrival(each, console)
        case Removal():
            tell(f"removed at the hub: {each.id}" + ("" if each.removed else " (nothing was deleted here)"))
        case Notice():
            said = ", ".join(f"{name}: {_words(value)}" for name, value in each.said.items())
            console.print(one_line(f"{each.at[:19]} {each.kind}: {said}"), soft_wrap=True, markup=False, highlight=False)
        case Silence():
            tell(f"no answer, trying again: {each.reason}")


def _words(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _as_json(each: Came | Silence) -> dict[str, Any]:
    match each:
        case Arrival():
            return {"came": "objects", **arrival_as_json(each)}
        case Removal():
            return {"came": "removal", "id": each.id, "removed": each.removed}
        case Notice():
            return {"came": "notice", **msgspec.to_builtins(each)}
        case Silence():
            return {"came": "silence", "reason": each.reason}


def _releases(files: Iterable[Path]) -> list[Path]:
    """The files, and those in folders, in order. Raises NoReadableInput if there is none."""
    found = [path for file in files for path in (sorted(file.glob("*.json")) if file.is_dir() else [file])]
    if not found:
        cure = "release something with `stillwatch share` first"
        raise NoReadableInput("there is no release", place=", ".join(map(str, files)), cure=cure)
    return found
