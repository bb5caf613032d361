"""How the commands on cases find their store, their case and their ledger.

Rules: every action is entered in the ledger before it is final, with the digest that binds it into the case's history. Remarks,
names of files and names of organisations stay in the store; reasons of decisions are entered.
"""

import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from stillwatch.case.case import Action
from stillwatch.case.cases import Cases
from stillwatch.case.failures import NoSuchCase
from stillwatch.case.writer import Witness
from stillwatch.errors import UsageError
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.ledger.recorder import Recorder

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

_KINDS = {"purge": "deletion", **dict.fromkeys(("decide", "merge", "merged", "hold", "lift", "assess", "name", "link"), "decision")}
"""Under which kind an action is entered; the others under *case*."""
_KEPT_BACK = frozenset({"organisation", "name", "title", "source"})
"""Details that stay in the store: a ledger may be shown to others."""
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
    with Ledger.open(ledger) as recorder, (Cases.open if begin else Cases.existing)(url, witness=entered_in(recorder)) as store:
        yield store


def entered_in(recorder: Recorder) -> Witness:
    """A witness that enters every action in a ledger."""

    def enter(action: Action) -> None:
        kind, subject = _KINDS.get(action.action, "case"), f"case-{action.case}" if action.case else "all cases"
        recorder.append(kind, subject, _told(action), action.by, datetime.fromisoformat(action.at))

    return enter


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


def _told(action: Action) -> Mapping[str, Any]:
    details = {name: value for name, value in action.details.items() if name not in _KEPT_BACK}
    return {"action": action.action, "place": action.place, "digest": action.digest, **details}
