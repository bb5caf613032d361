"""``stillwatch case``: cases opened from a scan, worked on by people, decided, kept or deleted, written down for counsel."""

import mimetypes
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from stillwatch.attribution.trait import Trait
from stillwatch.campaigns.campaign import Campaign
from stillwatch.case.case import Case, Purged
from stillwatch.case.cases import RETENTION_DAYS, Cases
from stillwatch.case.failures import Held
from stillwatch.case.source import Scan, read_scan
from stillwatch.case.states import STATES, State, state_named
from stillwatch.cli.case import attribution, export
from stillwatch.cli.case.store import (
    DEFAULT_LEDGER,
    DEFAULT_STORE,
    AsJson,
    By,
    CaseName,
    LedgerPath,
    Reason,
    Seen,
    StoreUrl,
    now,
    numbered,
    reading,
    somebody,
    writing,
)
from stillwatch.cli.case.tables import print_cases, print_file, print_holds
from stillwatch.cli.group import group
from stillwatch.cli.streams import print_json, tell
from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.sharing.ledger.ledger import Ledger

app = group("Work on cases: open them from a scan, assign, decide, merge, hold, purge, attribute, export.")
app.add_typer(attribution.app, name="attribute")
app.command("export")(export.export)


@app.command()
def add(
    scan: Annotated[Path, typer.Argument(help="Folder that scan wrote, or its campaigns.json.", show_default=False)],
    campaign: Annotated[list[str] | None, typer.Option(help="Only the campaign with this id. May stand more than once.")] = None,
    accounts: Annotated[Path | None, typer.Option(help="Table of accounts, to link cases by shared payments and devices.")] = None,
    by: By = None,
    config: Annotated[
        Path, typer.Option(envvar="STILLWATCH_CONFIG", help="The member's settings, for tokens of what accounts share.")
    ] = Path("stillwatch.toml"),
    store: StoreUrl = DEFAULT_STORE,
    ledger: LedgerPath = DEFAULT_LEDGER,
    as_json: AsJson = False,
) -> None:
    """Open a case for each campaign of a scan; one that has a case gets its news.

    Example:  stillwatch case add stillwatch-out
    """
    result = read_scan(scan)
    wanted = _wanted(result, campaign or [], scan)
    shared = _shared(wanted, accounts, config) if accounts else {}
    with writing(store, ledger, begin=True) as cases:
        found = cases.add(result, somebody(by), now(), wanted, shared)
    _print_cases(found, as_json)


@app.command("list")
def list_cases(
    state: Annotated[list[str] | None, typer.Option(help=f"{', '.join(STATES)}. May stand more than once.")] = None,
    assignee: Annotated[str | None, typer.Option(help='Assigned to; "" for those that nobody has.', show_default=False)] = None,
    words: Annotated[str, typer.Option(help="With these words in the title or campaign id.")] = "",
    merged: Annotated[bool, typer.Option("--merged", help="Also those that were merged into others.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    skip: Annotated[int, typer.Option(min=0, help="How many to leave out first.")] = 0,
    store: StoreUrl = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """List cases, the newest change first.

    Example:  stillwatch case list --state new --state triaged
    """
    states = [state_named(name) for name in state or ()]
    with reading(store) as cases:
        found = cases.find(states, assignee, words, with_merged=merged, limit=limit, offset=skip)
        total = cases.count(states, assignee, words, with_merged=merged) - skip
    if as_json:
        print_json({"cases": found, "total": total + skip})
    else:
        print_cases(found, total, Console())


@app.command()
def show(case: CaseName, store: StoreUrl = DEFAULT_STORE, as_json: AsJson = False) -> None:
    """Show a case with all that belongs to it.

    Example:  stillwatch case show 1
    """
    with reading(store) as cases:
        file = cases.file(numbered(cases, case))
    if as_json:
        print_json(file)
    else:
        print_file(file, Console())


@app.command()
def assign(
    case: CaseName,
    to: Annotated[str, typer.Option(help='Who is to work on it; "" for nobody.')],
    by: By = None,
    seen: Seen = None,
    store: StoreUrl = DEFAULT_STORE,
    ledger: LedgerPath = DEFAULT_LEDGER,
    as_json: AsJson = False,
) -> None:
    """Give a case to somebody.

    Example:  stillwatch case assign 1 --to "Bo Analyst"
    """
    with writing(store, ledger) as cases:
        _print_cases([cases.assign(numbered(cases, case), to, somebody(by), now(), seen)], as_json)


@app.command()
def comment(
    case: CaseName,
    text: Annotated[str, typer.Argument(help="What there is to remark; never the text of a request.", show_default=False)],
    by: By = None,
    seen: Seen = None,
    store: StoreUrl = DEFAULT_STORE,
    ledger: LedgerPath = DEFAULT_LEDGER,
    as_json: AsJson = False,
) -> None:
    """Remark something on a case.

    Example:  stillwatch case comment 1 "The rhythm changed on Monday."
    """
    with writing(store, ledger) as cases:
        number = numbered(cases, case)
        cases.comment(number, text, somebody(by), now(), seen)
        _print_cases([cases.case(number)], as_json)


@app.command()
def attach(
    case: CaseName,
    file: Annotated[Path, typer.Argument(help="The file.", show_default=False)],
    media_type: Annotated[str | None, typer.Option(help="Its media type.  [default: by its name]", show_default=False)] = None,
    by: By = None,
    seen: Seen = None,
    store: StoreUrl = DEFAULT_STORE,
    ledger: LedgerPath = DEFAULT_LEDGER,
    as_json: AsJson = False,
) -> None:
    """Add a file to a case, with its digest.

    Example:  stillwatch case attach 1 letter.pdf
    """
    content = _content(file)
    named = media_type or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    with writing(store, ledger) as cases:
        made = cases.attach(numbered(cases, case), file.name, named, content, somebody(by), now(), seen)
    if as_json:
        print_json(made)
    else:
        tell(f"attachment {made.id}: {made.size:,} bytes, SHA-256 {made.sha256}")


@app.command()
def decide(
    case: CaseName,
    state: Annotated[State, typer.Argument(help="The state that it goes to.", show_default=False)],
    reason: Reason,
    retention_days: Annotated[
        int, typer.Option(min=0, max=36_500, help="How long to keep it, once it is closed or reversed.")
    ] = RETENTION_DAYS,
    by: By = None,
    seen: Seen = None,
    store: StoreUrl = DEFAULT_STORE,
    ledger: LedgerPath = DEFAULT_LEDGER,
    as_json: AsJson = False,
) -> None:
    """Take a case to another state, for a reason that is kept.

    Example:  stillwatch case decide 1 triaged --reason "One queue behind sixty accounts."
    """
    with writing(store, ledger) as cases:
        number = numbered(cases, case)
        _print_cases([cases.decide(number, state, reason, somebody(by), now(), seen, retention_days)], as_json)


@app.command()
def merge(
    into: CaseName,
    cases: Annotated[list[str], typer.Argument(help="The cases that it takes in.", show_default=False)],
    reason: Reason,
    by: By = None,
    seen: Seen = None,
    store: StoreUrl = DEFAULT_STORE,
    ledger: LedgerPath = DEFAULT_LEDGER,
    as_json: AsJson = False,
) -> None:
    """Let a case take in others; they stay as they are and are told with it.

    Example:  stillwatch case merge 1 2 3 --reason "One hand: they share a rare scaffold and a payment."
    """
    with writing(store, ledger) as opened:
        others = [numbered(opened, name) for name in cases]
        _print_cases([opened.merge(numbered(opened, into), others, reason, somebody(by), now(), seen)], as_json)


@app.command()
def hold(
    case: Annotated[str | None, typer.Argument(metavar="CASE", help="The case.", show_default=False)] = None,
    everything: Annotated[bool, typer.Option("--all", help="A hold on everything.")] = False,
    lift: Annotated[int | None, typer.Option(metavar="HOLD", help="Lift the hold with this id.", show_default=False)] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, in a sentence.")] = "",
    by: By = None,
    store: StoreUrl = DEFAULT_STORE,
    ledger: LedgerPath = DEFAULT_LEDGER,
    as_json: AsJson = False,
) -> None:
    """Place or lift a litigation hold, which stops every deletion; without a case, list all holds.

    Example:  stillwatch case hold 1 --reason "A suit was announced."
    """
    if sum((case is not None, everything, lift is not None)) > 1:
        raise UsageError("more than one thing is asked", place="hold", cure="name a case, or --all, or --lift HOLD")
    if case is None and not everything and lift is None:
        with reading(store) as cases:
            found = cases.holds()
    else:
        with writing(store, ledger) as cases:
            who, when = somebody(by), now()
            if lift is not None:
                found = [cases.lift(lift, reason, who, when)]
            else:
                found = [cases.hold(None if case is None else numbered(cases, case), reason, who, when)]
    if as_json:
        print_json({"holds": found})
    else:
        print_holds(found, Console())


@app.command()
def purge(
    case: Annotated[
        list[str] | None, typer.Argument(metavar="[CASE]...", help="Cases whose time is over.", show_default=False)
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, in a sentence.")] = "The time of retention is over.",
    yes: Annotated[bool, typer.Option("--yes", help="Delete them for good.")] = False,
    by: By = None,
    store: StoreUrl = DEFAULT_STORE,
    ledger: LedgerPath = DEFAULT_LEDGER,
    as_json: AsJson = False,
) -> None:
    """Delete cases whose time of retention is over and on which no hold stands; without --yes, list them.

    Example:  stillwatch case purge
    """
    with writing(store, ledger) as cases:
        when = now()
        numbers = [numbered(cases, name) for name in case] if case else [each.number for each in cases.due(when) if not each.held]
        if not yes:
            _print_cases([cases.case(number) for number in numbers] if case else cases.due(when), as_json)
            tell("Nothing was deleted; add --yes to delete those that are not held.")
            return
        left = _purged(cases, numbers, reason, somebody(by), when, ledger)
    if as_json:
        print_json({"purged": left})
    else:
        tell(f"deleted: {', '.join(f'case-{each.number}' for each in left) or 'nothing was due'}")


def _purged(cases: Cases, numbers: list[int], reason: str, by: str, when: datetime, ledger: Path) -> list[Purged]:
    """Delete them; that a hold stopped it is entered in the ledger too."""
    try:
        return cases.purge(numbers, reason, by, when)
    except Held as held:
        with Ledger.open(ledger) as recorder:
            recorder.append("deletion-held", held.place, {"reason": reason}, by, when)
        raise


def _wanted(scan: Scan, ids: list[str], path: Path) -> list[Campaign]:
    known = {each.id: each for each in scan.campaigns}
    if strangers := [each for each in ids if each not in known]:
        cure = f"name one of {', '.join(list(known)[:5]) or 'none: the scan found no campaign'}"
        raise UsageError(f"the scan found no such campaign: {strangers[0]!r:.80}", place=str(path), cure=cure)
    return [known[each] for each in dict.fromkeys(ids)] if ids else list(known.values())


def _shared(campaigns: list[Campaign], accounts: Path, config: Path) -> dict[str, list[Trait]]:
    """By campaign, what its accounts share, with tokens of it if the settings have a key for them."""
    from stillwatch.case.shared import shared_traits  # these load the engine and the guard, which only this needs
    from stillwatch.console.elsewhere import tokens_for
    from stillwatch.sharing.release.membership import read_membership
    from stillwatch.traffic.accounts import load_accounts

    table, tokeniser = load_accounts(accounts), read_membership(config).tokeniser()
    found = {each.id: shared_traits(table, each.accounts) for each in campaigns}
    return {name: [*traits, *(tokens_for(traits, tokeniser) if tokeniser else ())] for name, traits in found.items()}


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NoReadableInput(f"it cannot be read ({error.strerror})", place=str(file), cure="name a file") from error


def _print_cases(found: list[Case], as_json: bool) -> None:
    if as_json:
        print_json({"cases": found, "total": len(found)})
    else:
        print_cases(found, len(found), Console())
