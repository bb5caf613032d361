"""The way out, the same for campaigns and sightings: show, ask, sign, record, write.

Rules: nothing leaves that was not shown first. At a terminal a person is asked; elsewhere the approver must be named and ``--yes``
given. Under dual control a second, different person is needed.
"""

import getpass
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from stillwatch.cli.release_tables import as_json, print_prepared
from stillwatch.cli.sending import Onward
from stillwatch.cli.streams import print_json, tell
from stillwatch.errors import RefusedByPolicy
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.approval import approvers
from stillwatch.sharing.release.membership import Membership
from stillwatch.sharing.release.outbox import place, prepare_folder
from stillwatch.sharing.release.prepared import Prepared
from stillwatch.sharing.release.sealed import Sealed, objection, record_refusal, seal, send

DEFAULT_OUTBOX = Path("stillwatch-outbox")
To = Annotated[
    str,
    typer.Option(metavar="PLACE|HUB", help="File or folder for the bundle; or a hub's URL, where it is sent from the outbox."),
]


@dataclass(frozen=True)
class Wish:
    """What the caller asked for: where to write, who approves, whether to ask, whether to print JSON, whether only to show.

    ``onward`` is where it goes after it is written, if it goes anywhere.
    """

    to: Path = DEFAULT_OUTBOX
    approve: str | None = None
    second: str | None = None
    yes: bool = False
    dry_run: bool = False
    as_json: bool = False
    onward: Onward | None = None


def let_out(
    prepared: Prepared,
    subjects: Sequence[str],
    name: str,
    membership: Membership,
    wish: Wish,
    now: datetime,
    beside: Mapping[str, Any] | None = None,
) -> None:
    """Show what would leave and, unless it is a dry run, get it approved and write it.

    ``subjects`` are the objects that it is about; ``name`` the name of the file in an outbox; ``beside`` stands in the JSON too.
    Raises RefusedByPolicy if the guard or the people say no, OutputNotWritten if it cannot be written, and as the exchange does.
    """
    if not wish.as_json:
        print_prepared(prepared, Console())
    result = {**(beside or {}), "subjects": list(subjects), **as_json(prepared), "released": None}
    try:
        _check(prepared, subjects, membership, wish, now)
        if not wish.dry_run:
            result["released"] = _released(prepared, subjects, name, membership, wish, now)
            if wish.onward:
                result["sent"] = wish.onward.send(place(wish.to, name), membership)
    finally:
        if wish.as_json:
            print_json(result)


def _check(prepared: Prepared, subjects: Sequence[str], membership: Membership, wish: Wish, now: datetime) -> None:
    """Raise RefusedByPolicy if the guard objects, after recording it unless it is a dry run."""
    refusal = objection(prepared, subjects)
    if refusal is None:
        return
    if not wish.dry_run:
        with Ledger.open(membership.ledger) as ledger:
            record_refusal(prepared, subjects, "guard", ledger, membership.id, now)
    raise refusal


def _released(
    prepared: Prepared, subjects: Sequence[str], name: str, membership: Membership, wish: Wish, now: datetime
) -> dict[str, Any]:
    sealed = seal(prepared, membership.id, membership.private_key())
    path = place(wish.to, name)
    with Ledger.open(membership.ledger) as ledger:
        try:
            people = _approved(sealed, membership, wish)
        except RefusedByPolicy:
            record_refusal(prepared, subjects, "not approved", ledger, membership.id, now)
            raise
        prepare_folder(path)
        send(sealed, prepared, people, path, ledger, now)
    tell(f"{path}: {sealed.id}, SHA-256 {sealed.sha256}, approved by {', '.join(people)}")
    return {"file": str(path), "bundle": sealed.id, "sha256": sealed.sha256, "approved_by": list(people)}


def _approved(sealed: Sealed, membership: Membership, wish: Wish) -> Sequence[str]:
    """Who approved these bytes. Raises RefusedByPolicy if too few did."""
    names = [wish.approve or "", wish.second or ""]
    if not wish.yes:
        if not sys.stdin.isatty():
            cure = "give --approve NAME and --yes, or use a terminal"
            raise RefusedByPolicy("nobody can be asked here, so nothing leaves", place="approval", cure=cure)
        names = [_asked(sealed, "who approves", names[0] or getpass.getuser())]
        if membership.dual_control:
            names.append(_asked(sealed, "the second person", wish.second or ""))
    elif not names[0]:
        names[0] = getpass.getuser()
    return approvers(names, dual_control=membership.dual_control)


def _asked(sealed: Sealed, role: str, default: str) -> str:
    """The name of a person who says yes to these bytes; empty if the answer is no."""
    name: str = typer.prompt(f"{role}, by name", default=default or None, err=True)
    return name if typer.confirm(f"{name}: release {len(sealed.data)} bytes with SHA-256 {sealed.sha256}?", err=True) else ""
