"""``stillwatch hub token`` and ``stillwatch hub token-holder``: the token service, in a hub or at a second holder by itself.

A second holder has a folder like a hub's (`hub init`, `hub member add`) with keys, quotas and a ledger of its own.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from stillwatch.cli.group import group
from stillwatch.cli.hub.place import DEFAULT_STATE, AsJson, State, Store, administrator, opened, show_facts, show_table
from stillwatch.cli.streams import tell
from stillwatch.errors import UsageError
from stillwatch.hub.hub import Hub, HubSettings
from stillwatch.hub.tokens.register import Register, write_register
from stillwatch.hub.tokens.service import TokenFiles, TokenService

token_app = group("The token service: epochs with their keys, and what each member may ask a day.")

Name = Annotated[str, typer.Argument(metavar="EPOCH", help="Name of the epoch, as in 2026-q4.", show_default=False)]


@token_app.command("open")
def open_epoch(
    name: Name,
    opens: Annotated[datetime | None, typer.Option("--from", help="From when on (UTC).  [default: now]")] = None,
    closes: Annotated[datetime | None, typer.Option("--until", help="Until when (UTC).  [default: until it is closed]")] = None,
    state: State = DEFAULT_STATE,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Open an epoch with a key of its own; to rotate, open the next one before the last one closes.

    Example:  stillwatch hub token open 2027-q1 --from 2027-01-01 --until 2027-04-08
    """
    now, files = datetime.now(UTC), TokenFiles(state)
    with opened(state, store) as hub:
        register = _register(hub, files).opened(name, _utc(opens) or now, _utc(closes))
        key = files.draw(name)
        _record(hub, "epoch opened", name, {"public": key.public.hex()}, now)
        write_register(register, files.register)
    show_facts({"epoch": name, "public": key.public.hex()}, as_json=as_json)
    tell("Publish the public key to all members by another way than this service: it is what they check answers against.")


@token_app.command("close")
def close_epoch(
    name: Name,
    destroy: Annotated[bool, typer.Option("--destroy", help="Destroy its seed: nobody can ever make its tokens again.")] = False,
    state: State = DEFAULT_STATE,
    store: Store = None,
) -> None:
    """Close an epoch: nothing is evaluated under it any more.

    Example:  stillwatch hub token close 2026-q3 --destroy
    """
    now, files = datetime.now(UTC), TokenFiles(state)
    with opened(state, store) as hub:
        register = _register(hub, files).closed(name, now)
        _record(hub, "epoch closed", name, {"destroyed": destroy}, now)
        write_register(register, files.register)
        if destroy:
            files.seed(name).unlink(missing_ok=True)
    tell(f"{name} is closed" + (", and its seed destroyed" if destroy else ""))


@token_app.command("quota")
def set_quota(
    member: Annotated[str, typer.Argument(help="Member.", show_default=False)],
    per_day: Annotated[int, typer.Argument(help="Evaluations a day (UTC); 0: none.", min=0, show_default=False)],
    state: State = DEFAULT_STATE,
    store: Store = None,
) -> None:
    """Say how many evaluations a member has a day; without this it has none.

    Example:  stillwatch hub token quota synthetic-provider-a 10000
    """
    now, files = datetime.now(UTC), TokenFiles(state)
    with opened(state, store) as hub:
        if member not in {each.name for each in hub.directory().members.values()}:
            raise UsageError("there is no such member", place=member, cure="see `stillwatch hub member list`")
        register = _register(hub, files).allowing(member, per_day)
        _record(hub, "token quota set", member, {"per_day": per_day}, now)
        write_register(register, files.register)
    tell(f"{member}: {per_day:,} evaluations a day")


@token_app.command("list")
def list_epochs(state: State = DEFAULT_STATE, store: Store = None, as_json: AsJson = False) -> None:
    """List the epochs with their public keys, and the quotas.

    Example:  stillwatch hub token list
    """
    now, files = datetime.now(UTC), TokenFiles(state)
    with opened(state, store) as hub:
        register = _register(hub, files)
    rows = [
        [
            epoch.name,
            files.key(epoch.name).public.hex() if files.seed(epoch.name).exists() else None,
            f"{epoch.opens:%Y-%m-%dT%H:%M:%SZ}",
            f"{epoch.closes:%Y-%m-%dT%H:%M:%SZ}" if epoch.closes else None,
            "open" if epoch.is_open(now) else "not open",
        ]
        for epoch in register.epochs
    ]
    heading = ["epoch", "public", "opens", "closes", "state"]
    if as_json:
        epochs = [dict(zip(heading, row, strict=True)) for row in rows]
        show_facts({"epochs": epochs, "per_day": register.per_day}, as_json=True)
        return
    show_table(heading, rows, as_json=False)
    show_table(["member", "per day"], list(map(list, register.per_day.items())), as_json=False)


def token_holder(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8044,
    tls_certificate: Annotated[Path | None, typer.Option(help="PEM file of the server's certificate chain.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file (PKCS #8) of its private key.")] = None,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
    state: State = DEFAULT_STATE,
    store: Store = None,
) -> None:
    """Hold a second share of the token keys: serve the token service only, with keys that the hub does not have.

    Example:  stillwatch hub token-holder --state holder --tls-certificate holder.pem --tls-key holder.key
    """
    from stillwatch.hub.web.server import ServerSettings, serve

    if (tls_certificate is None) != (tls_key is None):
        raise UsageError("TLS needs a certificate and its key", place="--tls-certificate", cure="give both")
    for file in (tls_certificate, tls_key):
        if file is not None and not file.is_file():
            raise UsageError("there is no such file", place=str(file), cure="name a PEM file")
    with opened(state, store):
        scheme = "https" if tls_certificate else "http"
    tell(f"Holding token keys on {scheme}://{host}:{port}/tokens/")
    serve(
        ServerSettings(
            HubSettings(state, store),
            host,
            port,
            certificate=tls_certificate,
            private_key=tls_key,
            log_level=log_level,
            tokens_only=True,
        )
    )


def _register(hub: Hub, files: TokenFiles) -> Register:
    return TokenService(files, hub.ledger).register() or Register()


def _record(hub: Hub, what: str, subject: str, details: dict[str, Any], now: datetime) -> None:
    hub.ledger.append("decision", subject, {"what": what, **details}, administrator(), now)


def _utc(given: datetime | None) -> datetime | None:
    return given.replace(tzinfo=UTC) if given else None
