"""How the commands on cases find their store, their case and their ledger."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from stillwatch.case.cases import Cases
from stillwatch.case.failures import NoSuchCase
from stillwatch.case.recorded import recorded_by
from stillwatch.errors import UsageError
from stillwatch.sharing.ledger.ledger import Ledger

DEFAULT_STORE = "stillwatch-cases.sqlite"
DEFAULT_LEDGER = Path("stillwatch-ledger.sqlite")
StoreUrl = Annotated[str, typer.Option("--store", envvar="STILLWATCH_CASES", help="File or URL (postgresql://…) of the cases.")]
LedgerPath = Annotated[Path, typer.Option("--ledger", envvar="STILLWATCH_LEDGER", help="File of the ledger.")]
By = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who does it.  [default: the user's name]", show_default=False)
]
Seen = Annotated[
    int | None, typer.Option("--if-version", min=1, help="Only if the case is still at this version.", show_default=False)
]
CaseName = Annotated[str, typer.Argument(metavar="CASE", help="Its number, or a campaign's id or part of it.", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", help="Why, in a sentence.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

_LEAST_LETTERS = 8


def somebody(by: str | None) -> str:
    """The name that was given, or the user's."""
    return by if by is not None else getpass.getuser()


def now() -> datetime:
    """The time of the command."""
    return datetime.now(UTC)


@contextmanager
def reading(url: str) -> Iterator[Cases]:
    """The store, which must be there, for questions only."""
    with Cases.existing(url) as store:
        yield store


@contextmanager
def writing(url: str, ledger: Path, *, begin: bool = False) -> Iterator[Cases]:
    """The store for changes, each of which is entered in the ledger; begun if that is wanted and there is none."""
    opened = Cases.open if begin else Cases.existing
    with Ledger.open(ledger) as recorder, opened(url, witness=recorded_by(recorder.append)) as store:
        yield store


def numbered(store: Cases, name: str) -> int:
    """The number of the case that a person names. Raises NoSuchCase, UsageError if several fit."""
    plain = name.strip().removeprefix("case-")
    if plain.isascii() and plain.isdigit() and len(plain) < 16:
        return store.case(int(plain)).number
    if len(plain) >= _LEAST_LETTERS:
        found = [case for case in store.find(words=plain, limit=2) if plain in case.campaign_id]
        if len(found) == 1:
            return found[0].number
        if found:
            raise UsageError("several cases fit", place=name, cure="give the number of the case")
    raise NoSuchCase("there is no such case", place=name, cure="see `stillwatch case list`")
