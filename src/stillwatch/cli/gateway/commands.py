"""``stillwatch gateway``: build what a gateway decides by, try it on past traffic, run it, explain it, take it back.

All commands work on one folder, named by ``--gateway`` or STILLWATCH_GATEWAY. Running gateways notice within a second what changes
in it.
"""

import base64
import getpass
import os
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console

from stillwatch.cli.gateway.correct import correct
from stillwatch.cli.gateway.tables import print_built, print_explanation, print_replayed, print_row
from stillwatch.cli.group import group
from stillwatch.cli.streams import print_json, tell
from stillwatch.errors import NoReadableInput, StillwatchError, UsageError
from stillwatch.gateway.alarm import Alarms
from stillwatch.gateway.counters.account_state import NEVER_SEEN, AccountState
from stillwatch.gateway.explain import Explanation, explain_account, recorded
from stillwatch.gateway.records.correction import Correction, Corrections
from stillwatch.gateway.records.decision_log import DecisionLog
from stillwatch.gateway.records.pardon import Pardon
from stillwatch.gateway.records.pardon_book import PardonBook
from stillwatch.gateway.records.recorder import Recorder, named
from stillwatch.gateway.settings import Settings, load_settings
from stillwatch.gateway.snapshot.shelf import Shelf
from stillwatch.gateway.snapshot.snapshot import Snapshot

app = group("Act on requests in grades, reversibly: build, replay, run, explain, pardon, roll back.")

DEFAULT_FOLDER = Path("stillwatch-gateway")
Folder = Annotated[Path, typer.Option("--gateway", envvar="STILLWATCH_GATEWAY", help="Folder of the gateway.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
app.command()(correct)


@app.command()
def build(
    gateway: Folder = DEFAULT_FOLDER,
    scan: Annotated[Path | None, typer.Option(help="Folder that `stillwatch scan` wrote.", show_default=False)] = None,
    feed: Annotated[Path | None, typer.Option(help="File of the feed of received objects.", show_default=False)] = None,
    epoch: Annotated[str | None, typer.Option(help="Epoch whose tokens of the feed count.", show_default=False)] = None,
    indicators: Annotated[list[Path] | None, typer.Option(help="Further indicators, JSON Lines.", show_default=False)] = None,
    accounts: Annotated[Path | None, typer.Option(help="Table of accounts: plans, organisations, contracts.")] = None,
    tokens: Annotated[Path | None, typer.Option(help="Whose tokens are whose: JSON Lines of account_id, token.")] = None,
    registers: Annotated[Path | None, typer.Option(help="Authorised accounts and evaluators, TOML.")] = None,
    shared_egress: Annotated[list[Path] | None, typer.Option(help="Warning lists of shared addresses.", show_default=False)] = None,
    released: Annotated[Path, typer.Option(help="Folder of bundles that were passed on.")] = Path("stillwatch-outbox"),
    policy: Annotated[Path | None, typer.Option(help="The policy, TOML.  [default: policy.toml of the folder, else ours]")] = None,
    key: Annotated[Path | None, typer.Option(help="Private key that signs.  [default: publisher.pem of the folder]")] = None,
    as_json: AsJson = False,
) -> None:
    """Build a signed snapshot of evidence and policy, and put it in force.

    Example:  stillwatch gateway build --scan stillwatch-out --accounts accounts.parquet
    """
    from stillwatch.cli.gateway.sources import gathered, policy_text  # reads tables: only a build needs the packages for it
    from stillwatch.gateway.snapshot.snapshot_build import build as build_snapshot

    now = datetime.now(UTC)
    text = policy_text(policy, gateway)
    sources = gathered(
        scan=scan, feed=feed, epoch=epoch, indicators=indicators or [], accounts=accounts, tokens=tokens, registers=registers,
        shared_egress=shared_egress or [], released=released, now=now,
    )  # fmt: skip
    signer = _signer(gateway, key)
    settings = load_settings(gateway)
    shelf = Shelf(settings.snapshots, [*settings.trusted(), signer.public_key()])
    with shelf.publishing() as number:
        snapshot = build_snapshot(sources, text, number=number, created=int(now.timestamp()))
        path = shelf.publish(snapshot, signer)
    _record(settings, "decision", f"snapshot {number}", {"what": "snapshot put in force", "counts": dict(sources.counts)}, now)
    built = {"snapshot": number, "file": str(path), "mode": snapshot.policy.mode, **sources.counts}
    _show(built, as_json, lambda console: print_built(built, console))


@app.command()
def rollback(
    gateway: Folder = DEFAULT_FOLDER,
    to: Annotated[int | None, typer.Option(min=1, help="Number of the snapshot.  [default: the one before]")] = None,
    as_json: AsJson = False,
) -> None:
    """Put an earlier snapshot in force again.

    Example:  stillwatch gateway rollback
    """
    settings = load_settings(gateway)
    before, after = Shelf(settings.snapshots, settings.trusted()).rollback(to)
    _record(settings, "decision", f"snapshot {after}", {"what": "rolled back", "from": before}, datetime.now(UTC))
    result = {"from": before, "to": after}
    _show(result, as_json, lambda console: console.print(f"snapshot {after} is in force instead of {before}", highlight=False))


@app.command()
def replay(
    requests: Annotated[list[str], typer.Argument(help="Past request logs: files, folders or globs.", show_default=False)],
    gateway: Folder = DEFAULT_FOLDER,
    snapshot: Annotated[int | None, typer.Option(min=1, help="Number of the snapshot.  [default: the one in force]")] = None,
    policy: Annotated[Path | None, typer.Option(help="Try this policy instead of the snapshot's.")] = None,
    log_format: Annotated[str, typer.Option("--format", help="Format of the logs, as for scan.")] = "auto",
    account_from: Annotated[str | None, typer.Option(metavar="FIELD|HEADER", help="What names the account, as for scan.")] = None,
    as_json: AsJson = False,
) -> None:
    """Try a policy on past traffic: whom it would have hit, when, and why. Nobody is hit.

    Example:  stillwatch gateway replay logs/ --policy policy.toml
    """
    from stillwatch.cli.gateway.past import past_requests
    from stillwatch.gateway.replay import replay as run

    settings = load_settings(gateway)
    tried = _with_policy(Shelf(settings.snapshots, settings.trusted()).load(snapshot), policy)
    with past_requests(requests, log_format, account_from, datetime.now(UTC)) as past:
        replayed = run(past, tried, PardonBook(gateway / "pardons.sqlite").latest())
    _show(replayed, as_json, lambda console: print_replayed(replayed, console))


@app.command()
def explain(
    subject: Annotated[
        str, typer.Argument(metavar="ACCOUNT|REQUEST", help="An account, or a request by its id.", show_default=False)
    ],
    gateway: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """Say why: the evidence, counters and decisions about an account, or what was done with a request.

    Example:  stillwatch gateway explain acct-17
    """
    settings = load_settings(gateway)
    row = recorded(subject, DecisionLog(gateway, Alarms()).rows())
    if row is not None:
        _show(row, as_json, lambda console: print_row(row, console))
        return
    found = explained(settings, subject)
    if not (found.evidence or found.standing or found.pardon or found.recent or found.counters["requests"]):
        what = f"nothing is known of {subject!r}, neither as an account nor as a recorded request"
        raise NoReadableInput(what, place=str(gateway), cure="requests that nothing spoke against are not recorded; check the name")
    _show(found, as_json, lambda console: print_explanation(found, console))


@app.command()
def pardon(
    account: Annotated[str, typer.Argument(help="The account.", show_default=False)],
    because: Annotated[str, typer.Option(help="Why, in a sentence for the record.", show_default=False)],
    gateway: Folder = DEFAULT_FOLDER,
    days: Annotated[float, typer.Option(min=0, help="For how long; 0 takes an earlier pardon back.")] = 30,
    by: Annotated[str | None, typer.Option(help="Who pardons.  [default: the user]")] = None,
    as_json: AsJson = False,
) -> None:
    """Serve an account whatever speaks against it; running gateways follow within seconds.

    Example:  stillwatch gateway pardon acct-17 --because "a customer's evaluation, confirmed by telephone"
    """
    given, travels = pardoned(load_settings(gateway), account, because, days, by or getpass.getuser())
    result = {"pardon": given, "correction": travels}
    note = "; others know evidence that spoke against it, so a correction waits for `stillwatch gateway correct`" if travels else ""
    until = datetime.fromtimestamp(given.until, UTC).date()
    _show(result, as_json, lambda console: console.print(f"{account} is served until {until}{note}", highlight=False, markup=False))


@app.command()
def run(
    gateway: Folder = DEFAULT_FOLDER,
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where to listen.")] = "127.0.0.1:9002",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; several share counters through Redis only.")] = 1,
) -> None:
    """Run as an external authorisation service (Envoy's ext_authz over HTTP, nginx's auth_request).

    Example:  stillwatch gateway run --listen 127.0.0.1:9002
    """
    from granian import Granian
    from granian.constants import Interfaces

    load_settings(gateway)
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise UsageError(f"no address to listen at: {listen}", place="--listen", cure="write it as HOST:PORT")
    os.environ["STILLWATCH_GATEWAY"] = str(gateway)
    target = "stillwatch.gateway.adapters.ext_authz:from_environment"
    Granian(
        target, address=host.strip("[]"), port=int(port), interface=Interfaces.ASGI, factory=True, workers=workers, log_access=False
    ).serve()


def pardoned(settings: Settings, account: str, because: str, days: float, by: str) -> tuple[Pardon, bool]:
    """Pardon an account: recorded, written, shared among gateways; and whether a correction waits, because others know of it."""
    now = datetime.now(UTC)
    evidence, known = _against(settings, account)
    at = int(now.timestamp())
    given = Pardon(
        id=f"pardon--{uuid.uuid4()}", account_id=account, by=by, because=because, at=at, until=at + int(days * 86_400),
        evidence=evidence,
    )  # fmt: skip
    details = {"until": given.until, "because": because, "evidence": list(given.evidence), "id": given.id}
    _record(settings, "pardon", account, details, now, by)
    PardonBook(settings.folder / "pardons.sqlite").add(given)
    _share(settings, given)
    travels = bool(known) and days > 0
    if travels:
        correction = Correction(id=f"correction--{uuid.uuid4()}", at=at, evidence=known, because=because)
        Corrections(settings.folder / "corrections.jsonl").add(correction)
    return given, travels


def explained(settings: Settings, account: str) -> Explanation:
    """What the gateway knows of an account now. Raises NoReadableInput without a snapshot."""
    snapshot = Shelf(settings.snapshots, settings.trusted()).load()
    latest = PardonBook(settings.folder / "pardons.sqlite").latest().get(account)
    rows = DecisionLog(settings.folder, Alarms()).rows()
    return explain_account(account, snapshot, _state(settings, account), latest, rows, datetime.now(UTC).timestamp())


def _against(settings: Settings, account: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids of what speaks against an account, and of what of it others know; a snapshot that cannot be read keeps nobody from being
    pardoned."""
    try:
        found = explained(settings, account)
    except StillwatchError as error:
        tell(f"what speaks against {account} cannot be told, so no correction will travel: {error}")
        return (), ()
    return tuple(item.id for item in (*found.evidence, *found.cited)), tuple(found.shared)


def _state(settings: Settings, account: str) -> AccountState:
    """The account's counters as they were last saved by any process of this folder."""
    from stillwatch.gateway.counters.state_store import saved_state

    states = [saved_state(path, settings.accounts, account) for path in settings.folder.glob("counters-*.sqlite")]
    return max(states, key=lambda state: state.last, default=NEVER_SEEN)


def _with_policy(snapshot: Snapshot, policy: Path | None) -> Snapshot:
    if policy is None:
        return snapshot
    from dataclasses import replace

    from stillwatch.gateway.policy_file import load_policy

    return replace(snapshot, policy=load_policy(policy)[0])


def _signer(folder: Path, key: Path | None) -> Ed25519PrivateKey:
    """The publisher's key; one is made in the folder if there is none and none is named."""
    from stillwatch.sharing.signatures.keys import generate, read_private, write_private

    path = key or folder / "publisher.pem"
    if key is None and not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_private(generate(), path)
    signer = read_private(path)
    public = folder / "publisher.pub"
    if not public.exists():
        public.write_text(base64.b64encode(signer.public_key().public_bytes_raw()).decode() + "\n", "utf-8")
    return signer


def _record(settings: Settings, kind: str, subject: str, details: Mapping[str, Any], now: datetime, by: str | None = None) -> None:
    """Record in the ledger, if the settings name one; an error means that nothing was recorded, and ends the command."""
    if settings.recorder:
        recorder: Recorder = named(settings.recorder)(settings.ledger_path)
        recorder.append(kind, subject, details, by or getpass.getuser(), now)


def _share(settings: Settings, given: Pardon) -> None:
    if settings.redis:
        from stillwatch.gateway.counters.shared_state import SharedState

        SharedState(settings.redis).add_pardon(given)


def _show(result: Any, as_json: bool, table: Any) -> None:
    if as_json:
        print_json(result)
    else:
        table(Console())
