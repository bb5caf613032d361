"""``stillwatch token``: make tokens of identifiers, under one's own key or with holders who see no identifier."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from stillwatch.cli.group import group
from stillwatch.cli.members import DEFAULT_CONFIG, AsJson, Config, member
from stillwatch.cli.peers import HubAuthority, HubKey, HubMember, Shown, peer_at
from stillwatch.cli.streams import print_json, tell
from stillwatch.errors import RefusedByPolicy, UsageError
from stillwatch.sharing.exchange.holder import KnownHolder, RemoteEvaluator, read_holders, write_holders
from stillwatch.sharing.exchange.peer import Peer
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.membership import Membership
from stillwatch.sharing.tokens.epoch import epoch_key, new_seed, read_seed
from stillwatch.sharing.tokens.token_file import tokenise_file

app = group("Tokens, which stand for identifiers between providers: keys, holders, lists.")


@app.command()
def seed(
    file: Annotated[Path, typer.Argument(help="File to write; it is never overwritten.", show_default=False)],
    epoch: Annotated[str, typer.Option(help="An epoch, to show its public key.")] = "2026-q4",
    as_json: AsJson = False,
) -> None:
    """Draw a secret from which one makes tokens oneself (settings: token_seed, token_epoch).

    Example:  stillwatch token seed token.seed
    """
    key = epoch_key(new_seed(file), epoch)
    _show({"file": str(file), "epoch": epoch, "public": key.public.hex()}, as_json=as_json)


@app.command()
def public(
    file: Annotated[Path, typer.Argument(help="File of a seed.", show_default=False)],
    epoch: Annotated[str, typer.Argument(help="The epoch.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Show the public key of an epoch under one's own seed, for others to compare.

    Example:  stillwatch token public token.seed 2026-q4
    """
    _show({"epoch": epoch, "public": epoch_key(read_seed(file), epoch).public.hex()}, as_json=as_json)


@app.command()
def holder(
    url: Annotated[str, typer.Argument(help="URL of the hub or second holder.", show_default=False)],
    expect: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help="A public key that its operator published; may stand more than once.")
    ] = None,
    hub_member: HubMember = None,
    key_file: HubKey = None,
    authority: HubAuthority = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """See which epochs a holder has open; pin those public keys that one knows by another way (--expect).

    Example:  stillwatch token holder https://hub.example/ --member synthetic-provider-a --key-file hub.key
    """
    now = datetime.now(UTC)
    membership = member(config, now, dry_run=not expect)
    peer = peer_at(url, Shown(hub_member, key_file, authority), membership)
    offer = RemoteEvaluator(peer).offer()
    pinned = {each.epoch: each.public for each in offer.epochs if each.public in {key.lower() for key in expect or ()}}
    if expect and not pinned:
        cure = "use no token of it; compare with its operator and with other members"
        raise RefusedByPolicy("it shows none of the public keys that were expected", place=peer.url, cure=cure)
    if pinned:
        _pin(peer, key_file or membership.hub_key, pinned, membership, now)
    epochs = {each.epoch: each.public for each in offer.epochs}
    _show({"holder": peer.url, "per day": offer.per_day, "epochs": epochs, "pinned": sorted(pinned)}, as_json=as_json)


@app.command()
def make(
    file: Annotated[Path, typer.Argument(help="Identifiers: kind,value a line, or JSON Lines.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder for tokens.csv and rejected.jsonl.")] = Path("stillwatch-tokens"),
    processes: Annotated[int, typer.Option(help="Processes that work on it.", min=1, max=256)] = 1,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Make the tokens of a list; after an interruption or a spent quota the same command goes on.

    Example:  stillwatch token make identifiers.csv --out stillwatch-tokens
    """
    made = member(config, datetime.now(UTC), dry_run=False).tokeniser()
    if made is None:
        cure = "set token_epoch, and token_holders (see `stillwatch token holder`) or token_seed"
        raise UsageError("nothing makes tokens here", place="token make", cure=cure)
    counts = tokenise_file(file, out, made, processes=processes)
    _show({"folder": str(out), "lines": counts.lines, "tokens": counts.tokens, "rejected": counts.rejected}, as_json=as_json)


def _pin(peer: Peer, secret: Path | None, epochs: dict[str, str], membership: Membership, now: datetime) -> None:
    """Write a holder's public keys into the file of holders, after the ledger. Raises UsageError if there is no place for it."""
    path = membership.token_holders
    if path is None or secret is None:
        what = "there is no place to pin keys in" if path is None else "no file with our key there is named"
        raise UsageError(what, place="--expect", cure='set token_holders = "token-holders.json", and name --key-file')
    known = KnownHolder(
        peer.url,
        peer.member,
        _seen_from(path, secret),
        epochs,
        _seen_from(path, peer.authority) if peer.authority else None,
        _seen_from(path, peer.certificate) if peer.certificate else None,
    )
    holders = read_holders(path).knowing(known)
    with Ledger.open(membership.ledger) as ledger:
        ledger.append("decision", peer.url, {"what": "token keys pinned", "epochs": epochs}, membership.id, now)
    write_holders(holders, path)


def _seen_from(path: Path, file: Path) -> str:
    """A file as it is seen from the folder of another."""
    return os.path.relpath(file.resolve(), path.parent.resolve())


def _show(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        for line in (f"{key}: {what}" for key, what in value.items()) if isinstance(value, dict) else (value,):
            typer.echo(f"{name}: {line}")
    if facts.get("pinned") == []:
        tell("nothing is pinned: compare the keys with what the operator published, then give them with --expect")
