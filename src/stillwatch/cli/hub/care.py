"""``stillwatch hub appeal|warnlist``: what protects people who were wrongly flagged, or stand behind a shared address."""

from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from stillwatch.cli.group import group
from stillwatch.cli.hub.elsewhere import At, Elsewhere, OperatorsKey
from stillwatch.cli.hub.place import (
    DEFAULT_STATE,
    AsJson,
    State,
    Store,
    administrator,
    changing,
    now,
    opened,
    show_facts,
    show_table,
)
from stillwatch.cli.members import DEFAULT_CONFIG, Config
from stillwatch.cli.peers import HubAuthority, InClear
from stillwatch.cli.streams import print_json, tell
from stillwatch.errors import NoReadableInput
from stillwatch.hub.exchange.appeal import Course, course, decide_appeal, open_appeal
from stillwatch.hub.store import appeals, warning_rows
from stillwatch.hub.store.appeals import Appeal
from stillwatch.hub.timestamps import written
from stillwatch.sharing.exchange import operator
from stillwatch.sharing.exchange.operator import AppealCourse
from stillwatch.sharing.guard.guard import Guard

appeal_app = group("Appeals: wrong flags, and how their correction travels.")
warnlist_app = group("Warning lists: addresses and clients that many innocent people share.")

Case = Annotated[str, typer.Argument(help="Id of the case.", show_default=False)]


class Outcome(StrEnum):
    """How a case can end."""

    UPHELD = "upheld"
    REJECTED = "rejected"


@appeal_app.command("open")
def open_case(
    objects: Annotated[list[str], typer.Argument(help="Ids of the objects that flag wrongly.", show_default=False)],
    because: Annotated[str, typer.Option(help="What is wrong with them, without naming anybody.")],
    state: State = DEFAULT_STATE,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Open a case, and tell every member that received one of the objects.

    Example:  stillwatch hub appeal open indicator--… --because "The address is shared by a university's users."
    """
    with opened(state, store) as hub:
        name = open_appeal(hub, Guard("member-standard"), objects, because, administrator(), now())
        told = len(course(hub, name)[1])
    show_facts({"appeal": name, "members told": told}, as_json=as_json)


@appeal_app.command("decide")
def decide_case(
    case: Case, outcome: Annotated[Outcome, typer.Argument()], state: State = DEFAULT_STATE, store: Store = None
) -> None:
    """Decide a case, and tell every member that received one of the objects.

    Example:  stillwatch hub appeal decide appeal--… upheld
    """
    with opened(state, store) as hub:
        decide_appeal(hub, case, outcome.value, administrator(), now())


@appeal_app.command("show")
def show_case(
    case: Case,
    state: State = DEFAULT_STATE,
    store: Store = None,
    at: At = None,
    key_file: OperatorsKey = None,
    authority: HubAuthority = None,
    in_clear: InClear = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show a case: for each member, when it was told, when it confirmed, what it did, and the time that took.

    Example:  stillwatch hub appeal show appeal--… --at https://hub.example/ --key-file operator.key
    """
    if at is None:
        with opened(state, store) as hub:
            held, courses = course(hub, case)
        found = as_told(held, courses)
    else:
        found = Elsewhere(at, key_file, authority, in_clear, config).ask(lambda to, beside: operator.appeal(to, beside, case))
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    facts = {"opened": found.opened, "because": found.because, "objects": found.objects, "outcome": found.outcome}
    show_facts({"appeal": found.id, **facts, "decided": found.decided}, as_json=False)
    heading = ["member", "told", "confirmed after", "answered after", "what it did"]
    show_table(heading, list(map(_line, found.members)), as_json=False)


def as_told(case: Appeal, courses: Sequence[Course]) -> AppealCourse:
    """A case of the hub in the folder, as a hub at a URL would tell it."""
    decided = written(case.decided) if case.decided is not None else None
    members = tuple(msgspec.convert(asdict(one), operator.Course) for one in courses)
    return AppealCourse(case.id, written(case.opened), case.because, tuple(case.objects), case.outcome, decided, members)


def _line(one: operator.Course) -> list[str | None]:
    """A member's course for a person: when it was told, to the second, and how long it took."""
    told = one.told and f"{one.told.partition('.')[0]}Z"
    confirmed, answered = (None if value is None else f"{value:.1f} s" for value in (one.seconds_to_confirm, one.seconds_to_answer))
    return [one.member, told, confirmed, answered, one.what]


@appeal_app.command("list")
def list_cases(
    state: State = DEFAULT_STATE,
    store: Store = None,
    at: At = None,
    key_file: OperatorsKey = None,
    authority: HubAuthority = None,
    in_clear: InClear = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """List the cases; with --at, those of the hub at a URL.

    Example:  stillwatch hub appeal list
    """
    if at is None:
        with opened(state, store) as hub, hub.database.reading() as connection:
            cases: tuple[operator.Appeal, ...] = tuple(as_told(case, ()) for case in appeals.all_cases(connection))
    else:
        cases = Elsewhere(at, key_file, authority, in_clear, config).ask(operator.appeals)
    rows = [[case.id, case.opened, case.outcome or "open", list(case.objects)] for case in cases]
    show_table(["appeal", "opened", "outcome", "objects"], rows, as_json=as_json)


@warnlist_app.command("put")
def put_list(
    name: Annotated[str, typer.Argument(help="Name of the list.", show_default=False)],
    file: Annotated[Path, typer.Argument(help="Text file: a network, client fingerprint or name a line; # begins a remark.")],
    state: State = DEFAULT_STATE,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Put a list in place of what bore its name; an empty file takes it away. Objects that are here are marked anew.

    Example:  stillwatch hub warnlist put relays relays.txt
    """
    entries = _entries(file)
    with changing(state, store, "warning list put", name, entries=len(entries)) as connection:
        marked = warning_rows.replace(connection, name, entries)
    show_facts({"list": name, "entries": len(entries), "objects marked differently": marked}, as_json=as_json)


@warnlist_app.command("list")
def list_lists(state: State = DEFAULT_STATE, store: Store = None, as_json: AsJson = False) -> None:
    """List the warning lists.

    Example:  stillwatch hub warnlist list
    """
    with opened(state, store) as hub, hub.database.reading() as connection:
        sizes = warning_rows.sizes(connection)
    show_table(["list", "entries"], list(sizes.items()), as_json=as_json)


def _entries(file: Path) -> list[str]:
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NoReadableInput(f"the list cannot be read: {error}", place=str(file), cure="name a text file in UTF-8") from error
    entries = [entry for line in lines if (entry := line.partition("#")[0].strip())]
    if not entries:
        tell("The list is empty: it is taken away.")
    return entries
