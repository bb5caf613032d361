"""``stillwatch keyring``: whose signatures count here.

Rules: a key is added because a person knows whose it is: its id is shown, and can be asked for with ``--expect``. Nobody else's
file adds a key to one's own identity. Each change is in the ledger before it is in the ring.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from stillwatch.cli.group import group
from stillwatch.cli.members import DEFAULT_CONFIG, AsJson, Config, member
from stillwatch.cli.streams import print_json, tell
from stillwatch.errors import RefusedByPolicy, UsageError
from stillwatch.sharing.ledger.entry import Draft
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.membership import Membership
from stillwatch.sharing.signatures.keyring import KeyRing, MemberKey, read_ring, write_ring

app = group("Whose signatures count here: public keys of members, one's own among them.")

RingPath = Annotated[
    Path | None, typer.Option("--keyring", help="The key ring's file.  [default: of the settings]", show_default=False)
]


@app.command()
def show(keyring: RingPath = None, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the keys in the ring.

    Example:  stillwatch keyring show
    """
    _show(_ring(keyring or member(config, datetime.now(UTC), dry_run=True).keyring), as_json=as_json)


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="File to write; hand it to other members and to hubs.")] = Path("our-key.json"),
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Write one's own public keys into a file for others; an identity and a key are made if there are none.

    Example:  stillwatch keyring export --out our-key.json
    """
    membership = member(config, datetime.now(UTC), dry_run=False)
    own = KeyRing(tuple(key for key in membership.ring().keys if key.member == membership.id and not key.revoked))
    write_ring(own, out)
    _show(own, as_json=as_json)
    tell(f"{out}: read the key ids to whoever gets it, by telephone or in person")


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="File that the other member exported.", show_default=False)],
    expect: Annotated[str | None, typer.Option(metavar="KEYID", help="The key id that the other member read to us.")] = None,
    keyring: RingPath = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Trust another member's public keys; what is in the ring already stays as it is.

    Example:  stillwatch keyring add synthetic-provider-b.json --expect 0123456789abcdef0123456789abcdef
    """
    now = datetime.now(UTC)
    membership = member(config, now, dry_run=False)
    path = keyring or membership.keyring
    ring = _ring(path)
    new = [key for key in read_ring(file).keys if ring.find(key.key_id) is None]
    _refuse(new, expect, membership, ring)
    _write(KeyRing((*ring.keys, *new)), path, "key added", new, membership, now)
    _show(KeyRing(tuple(new)), as_json=as_json)
    tell(f"{path}: {len(new)} keys added")


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="Id of the key that no longer counts.", show_default=False)],
    keyring: RingPath = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Let a key count no more, at once and for everything that it ever signed.

    Example:  stillwatch keyring revoke 0123456789abcdef0123456789abcdef
    """
    now = datetime.now(UTC)
    membership = member(config, now, dry_run=False)
    path = keyring or membership.keyring
    ring = _ring(path).revoking(key_id)
    _write(ring, path, "key revoked", [key for key in ring.keys if key.key_id == key_id], membership, now)
    tell(f"{path}: {key_id} is revoked")


def _refuse(new: Iterable[MemberKey], expect: str | None, membership: Membership, ring: KeyRing) -> None:
    """Raise for a key that should not be added."""
    known = {key.member for key in ring.keys}
    for key in new:
        if expect and key.key_id != expect.lower():
            cure = "do not use this file; ask the other member again"
            raise RefusedByPolicy(f"the key in it is {key.key_id}", place=f"--expect {expect[:40]}", cure=cure)
        if key.member == membership.id and membership.id in known:
            what = "it would add a key to our own identity"
            raise RefusedByPolicy(what, place=key.key_id, cure="ask who made this file; one's own keys are made here")


def _ring(path: Path) -> KeyRing:
    return read_ring(path) if path.exists() else KeyRing()


def _write(ring: KeyRing, path: Path, what: str, keys: Iterable[MemberKey], membership: Membership, now: datetime) -> None:
    drafts = [Draft("decision", key.key_id, {"what": what, "member": key.member, "ring": path.name}, membership.id) for key in keys]
    if not drafts:
        return
    if not path.parent.is_dir():
        raise UsageError("there is no such folder", place=str(path.parent), cure="name the file of a key ring")
    with Ledger.open(membership.ledger) as ledger:
        ledger.append_many(drafts, now)
    write_ring(ring, path)


def _show(ring: KeyRing, *, as_json: bool) -> None:
    if as_json:
        keys: list[Any] = [msgspec.to_builtins(key) for key in ring.keys]
        print_json({"keys": keys})
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("key id", "member", "valid until", "state"):
        table.add_column(heading, overflow="fold")
    for key in ring.keys:
        table.add_row(key.key_id, key.member, f"{key.valid_until:%Y-%m-%d}", "revoked" if key.revoked else "counts")
    Console().print(table)
