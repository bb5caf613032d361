"""``stillwatch hub``: begin a hub, administer it, serve it."""

import sys
from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from stillwatch.cli.group import group
from stillwatch.cli.hub.analysis import correlate, register_app, report, statistics
from stillwatch.cli.hub.care import appeal_app, warnlist_app
from stillwatch.cli.hub.elsewhere import At, Elsewhere, OperatorsKey
from stillwatch.cli.hub.importing import import_files
from stillwatch.cli.hub.place import DEFAULT_STATE, AsJson, State, Store, now, opened, show_facts, show_table
from stillwatch.cli.hub.registry import collection_app, group_app, key_app, member_app
from stillwatch.cli.hub.token import token_app, token_holder
from stillwatch.cli.members import DEFAULT_CONFIG, Config
from stillwatch.cli.peers import HubAuthority, InClear
from stillwatch.cli.streams import tell
from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.hub.access.member import Role
from stillwatch.hub.backup import backup, restore
from stillwatch.hub.exchange.overview import overview
from stillwatch.hub.exchange.trace import Reached, trace
from stillwatch.hub.hub import Hub, HubSettings
from stillwatch.hub.receipt.examiner import Unexamined
from stillwatch.hub.store import registry
from stillwatch.sharing.exchange import operator

app = group("Run an information sharing and analysis centre: a TAXII 2.1 server with members, markings and receipts.")
app.add_typer(member_app, name="member")
app.add_typer(group_app, name="group")
app.add_typer(collection_app, name="collection")
app.add_typer(key_app, name="key")
app.add_typer(appeal_app, name="appeal")
app.add_typer(warnlist_app, name="warnlist")
app.add_typer(register_app, name="register")
app.add_typer(token_app, name="token")
app.command("token-holder")(token_holder)
app.command()(correlate)
app.command()(statistics)
app.command()(report)

OPERATOR = "operator"


@app.command()
def init(
    title: Annotated[str, typer.Option(help="What the hub calls itself.")] = "Stillwatch hub",
    state: State = DEFAULT_STATE,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Begin a hub, with an operator and its key (shown once); or bring an older hub's tables up to date.

    Example:  stillwatch hub init --title "Synthetic ISAC"
    """
    settings = HubSettings(state, store)
    hub = Hub.open(settings, Unexamined(), begin=title, now=now())
    try:
        facts = {"hub": hub.directory().title, "state": str(state), "store": hub.database.place}
        if not hub.directory().members:
            with hub.database.writing() as connection:
                registry.add_member(connection, OPERATOR, Role.OPERATOR, None, now())
                made = registry.add_key(connection, OPERATOR, now(), may_write=True, label="first", expires=None)
            facts |= {"member": OPERATOR, "key": made.text}
            tell("The operator's key is shown this once; only its digest is kept.")
    finally:
        hub.close()
    show_facts(facts, as_json=as_json)


@app.command("import")
def import_objects(
    files: Annotated[
        list[Path], typer.Argument(help="Archives: JSON Lines with object and date_added, or envelopes.", show_default=False)
    ],
    collection: Annotated[str, typer.Option(help="Id or alias of the collection.")],
    contributor: Annotated[str, typer.Option("--as", help="Member that contributes them.")] = OPERATOR,
    state: State = DEFAULT_STATE,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Take in objects from elsewhere, each with the date_added that it had there. What is here already stays as it is.

    Example:  stillwatch hub import archive.jsonl --collection campaigns --as synthetic-provider-a
    """
    with opened(state, store) as hub:
        total = import_files(hub, files, collection, contributor, now())
    show_facts({"objects": total.objects, "taken": total.taken, "refused": len(total.refused)}, as_json=as_json)
    for name, message in total.refused[:20]:
        tell(f"refused: {name}: {message}")


@app.command("backup")
def back_up(
    folder: Annotated[Path, typer.Argument(help="Folder to make; it is itself a hub that can be served.", show_default=False)],
    state: State = DEFAULT_STATE,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Copy the hub as it is at one moment, while it runs.

    Example:  stillwatch hub backup /backup/hub-2026-11-24
    """
    rows = backup(HubSettings(state, store), folder)
    show_facts({"backup": str(folder), "rows": rows}, as_json=as_json)


@app.command("restore")
def restore_hub(
    folder: Annotated[Path, typer.Argument(help="A backup.", show_default=False)],
    state: State = DEFAULT_STATE,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Bring a backup to a place where there is no hub yet; the database may be of the other kind.

    Example:  stillwatch hub restore /backup/hub-2026-11-24 --state new-hub --store postgresql://hub@localhost/hub
    """
    rows = restore(folder, HubSettings(state, store))
    show_facts({"state": str(state), "rows": rows}, as_json=as_json)


@app.command()
def status(
    state: State = DEFAULT_STATE,
    store: Store = None,
    at: At = None,
    key_file: OperatorsKey = None,
    authority: HubAuthority = None,
    in_clear: InClear = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say how much is in the hub: the one in the folder, or with --at the one at a URL.

    Example:  stillwatch hub status --at https://hub.example/ --key-file operator.key
    """
    if at is None:
        with opened(state, store) as hub:
            facts = overview(hub).facts()
    else:
        told = Elsewhere(at, key_file, authority, in_clear, config).ask(operator.status)
        facts = {name.replace("_", " "): value for name, value in msgspec.structs.asdict(told).items()}
    inside = facts.pop("by collection")
    show_facts(facts | ({"by collection": inside} if as_json else {}), as_json=as_json)


@app.command("trace")
def trace_object(
    stix_id: Annotated[str, typer.Argument(metavar="ID", help="Id of an object.", show_default=False)],
    state: State = DEFAULT_STATE,
    store: Store = None,
    at: At = None,
    key_file: OperatorsKey = None,
    authority: HubAuthority = None,
    in_clear: InClear = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Tell for every member when an object was delivered to it, or why not; with --at, of the hub at a URL.

    Example:  stillwatch hub trace indicator--00000000-0000-4000-8000-000000000001
    """
    found: list[dict[str, Any]]
    if at is None:
        with opened(state, store) as hub:
            found = [asdict(one) for one in trace(hub, stix_id, now())]
    else:
        reached = Elsewhere(at, key_file, authority, in_clear, config).ask(lambda to, beside: operator.trace(to, beside, stix_id))
        found = [msgspec.structs.asdict(one) for one in reached]
    if not found:
        raise NoReadableInput("no such object is or was here", place=stix_id, cure="name the id of an object that was added")
    show_table([field.name for field in fields(Reached)], [list(one.values()) for one in found], as_json=as_json)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8043,
    workers: Annotated[int, typer.Option(help="Processes.", min=1, max=64)] = 1,
    public_url: Annotated[str | None, typer.Option(help="URL under which members reach it, if a proxy stands before it.")] = None,
    tls_certificate: Annotated[Path | None, typer.Option(help="PEM file of the server's certificate chain.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file (PKCS #8) of its private key.")] = None,
    client_ca: Annotated[
        Path | None, typer.Option(help="PEM file of authorities; members must show a certificate of theirs.")
    ] = None,
    profile: Annotated[
        str, typer.Option(help="The guard's profile for guarded collections: a name or a TOML file.")
    ] = "member-standard",
    signed_only: Annotated[
        bool, typer.Option("--signed-only", help="Guarded collections take only what its author signed.")
    ] = False,
    correlate_every: Annotated[
        float | None,
        typer.Option(help="Seconds between looks for linked campaigns; members hear of them.  [default: never]", min=1),
    ] = None,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
    state: State = DEFAULT_STATE,
    store: Store = None,
) -> None:
    """Serve the hub until stopped.

    Example:  stillwatch hub serve --host 0.0.0.0 --tls-certificate hub.pem --tls-key hub.key
    """
    from stillwatch.hub.web.server import ServerSettings
    from stillwatch.hub.web.server import serve as run
    from stillwatch.sharing.guard.profile import profile as read_profile

    if (tls_certificate is None) != (tls_key is None) or (client_ca and tls_certificate is None):
        cure = "give both --tls-certificate and --tls-key; --client-ca needs them"
        raise UsageError("TLS needs a certificate and its key", place="--tls-certificate", cure=cure)
    if log_level not in ("debug", "info", "warning", "error"):
        raise UsageError(f"no such level: {log_level}", place="--log-level", cure="debug, info, warning or error")
    for file in (tls_certificate, tls_key, client_ca):
        if file is not None and not file.is_file():
            raise UsageError("there is no such file", place=str(file), cure="name a PEM file")
    settings = HubSettings(state, store)
    read_profile(profile)
    with opened(state, store):
        scheme = "https" if tls_certificate else "http"
    tell(f"Listening on {scheme}://{host}:{port}; discovery at /taxii2/")
    run(
        ServerSettings(
            settings,
            host,
            port,
            workers,
            public_url,
            tls_certificate,
            tls_key,
            client_ca,
            log_level,
            profile,
            signed_only,
            correlate_seconds=correlate_every,
        )
    )
    sys.exit(0)
