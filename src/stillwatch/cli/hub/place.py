"""What the hub's commands have in common: where the hub is, how changes are made and recorded, how results are shown."""

import getpass
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from stillwatch.cli.streams import print_json
from stillwatch.errors import UsageError
from stillwatch.hub.hub import Hub, HubSettings
from stillwatch.hub.receipt.examiner import Unexamined
from stillwatch.hub.timestamps import moment, read
from stillwatch.vocabulary.printable import one_line

DEFAULT_STATE = Path("stillwatch-hub")

State = Annotated[Path, typer.Option("--state", envvar="STILLWATCH_HUB_STATE", help="Folder of the hub: its ledger and database.")]
Store = Annotated[
    str | None,
    typer.Option("--store", envvar="STILLWATCH_HUB_STORE", help="URL of the database, if not in that folder: postgresql://…"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def now() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000


def administrator() -> str:
    """Who gives the command, for the ledger."""
    return f"administrator {getpass.getuser()}"


def time_of(text: str, option: str) -> int:
    """The time that an option gives, in microseconds. Raises UsageError."""
    try:
        return read(text)
    except ValueError as error:
        raise UsageError(str(error), place=option, cure="write it as 2026-12-31T00:00:00Z") from error


@contextmanager
def opened(state: Path, store: str | None) -> Iterator[Hub]:
    """The hub, for a command that does not add objects."""
    hub = Hub.open(HubSettings(state, store), Unexamined())
    try:
        yield hub
    finally:
        hub.close()


@contextmanager
def changing(state: Path, store: str | None, what: str, subject: str, **details: Any) -> Iterator[Connection]:
    """One administrator's change, recorded in the ledger as a decision; nothing is changed if it cannot be recorded."""
    with opened(state, store) as hub, hub.database.writing() as connection:
        yield connection
        hub.ledger.append("decision", subject, {"what": what, **details}, administrator(), moment(now()))


def show_table(heading: Sequence[str], rows: Sequence[Sequence[Any]], *, as_json: bool) -> None:
    """Print rows as a table, or as JSON objects with the heading's names."""
    if as_json:
        print_json([dict(zip(heading, row, strict=True)) for row in rows])
        return
    table = Table(box=None, pad_edge=False)
    for name in heading:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    Console().print(table)


def show_facts(facts: Mapping[str, Any], *, as_json: bool) -> None:
    """Print facts a line each, or as one JSON object."""
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        Console().print(f"{name}: {_cell(value)}", soft_wrap=True, highlight=False, markup=False)


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return one_line(", ".join(map(str, value)))
    return "" if value is None else one_line(str(value))
