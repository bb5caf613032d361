"""``stillwatch hub correlate|statistics|report|register``: what the hub can see, and what it says of itself."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from stillwatch.cli.group import group
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
    time_of,
)
from stillwatch.cli.streams import print_json, tell
from stillwatch.hub.analysis.alerts import correlate_and_tell, reports_of
from stillwatch.hub.analysis.statistics import campaigns_by_technique, release, spend
from stillwatch.hub.analysis.transparency import report as transparency
from stillwatch.hub.store import registers
from stillwatch.hub.store.registers import Register
from stillwatch.hub.timestamps import microseconds, moment, written
from stillwatch.sharing.signatures.whole_file import whole_file

register_app = group("Registers: authorised distillation, and independent evaluators.")


def correlate(state: State = DEFAULT_STATE, store: Store = None, as_json: AsJson = False) -> None:
    """Find campaigns that several members reported, and tell the members concerned in their feeds.

    Example:  stillwatch hub correlate
    """
    with opened(state, store) as hub:
        links, told = correlate_and_tell(hub, administrator(), now())
    rows = [[link.earlier.disclosure.campaign, link.later.disclosure.campaign, link.relation, link.shared] for link in links]
    show_table(["earlier", "later", "relation", "shared"], rows, as_json=as_json)
    tell(f"{told} alerts were put into feeds.")


def statistics(
    epsilon: Annotated[float, typer.Option(help="What the release spends of the year's budget.")] = 1.0,
    state: State = DEFAULT_STATE,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Release the number of campaigns by technique, noisy, in buckets, where enough members contributed.

    Example:  stillwatch hub statistics --epsilon 0.5
    """
    with opened(state, store) as hub:
        with hub.database.writing() as connection:
            left = spend(connection, "campaigns by technique", epsilon, now())
            details = {"what": "statistics", "epsilon": epsilon}
            hub.ledger.append("release", "campaigns by technique", details, administrator(), moment(now()))
        with hub.database.reading() as connection:
            reports, _ = reports_of(connection, hub.directory())
        numbers = release(campaigns_by_technique(reports), epsilon)
    show_table(["technique", "campaigns", "withheld"], [list(asdict(number).values()) for number in numbers], as_json=as_json)
    tell(f"Of the year's budget {left:.2f} is left.")


def report(
    since: Annotated[str | None, typer.Option(help="First moment of the span.  [default: 1 January]", show_default=False)] = None,
    until: Annotated[str | None, typer.Option(help="Moment just after the span.  [default: now]", show_default=False)] = None,
    out: Annotated[
        Path | None, typer.Option(help="Markdown file to write.  [default: standard output]", show_default=False)
    ] = None,
    state: State = DEFAULT_STATE,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Write the transparency report: what was received, refused, revoked, removed, appealed.

    Example:  stillwatch hub report --since 2026-01-01T00:00:00Z --out transparency-2026.md
    """
    year = datetime.now(UTC).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    span = (time_of(since, "--since") if since else microseconds(year)), (time_of(until, "--until") if until else now())
    with opened(state, store) as hub:
        found = transparency(hub, *span)
    if out is not None:
        with whole_file(out, what="the report") as file:
            file.write(found.markdown().encode())
    elif as_json:
        print_json(asdict(found))
    else:
        typer.echo(found.markdown(), nl=False)


@register_app.command("add")
def add_entry(
    register: Annotated[Register, typer.Argument(help="Which register.", show_default=False)],
    holder: Annotated[str, typer.Argument(help="Who, as members will read it.", show_default=False)],
    scope: Annotated[str, typer.Option(help="What it covers: a contract's id, models, accounts as tokens.")],
    valid_until: Annotated[str, typer.Option(help="When it ends, such as 2027-01-01T00:00:00Z.")],
    valid_from: Annotated[str | None, typer.Option(help="When it begins.  [default: now]", show_default=False)] = None,
    state: State = DEFAULT_STATE,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Make an entry, which members read at /registers/.

    Example:  stillwatch hub register add evaluator "Synthetic institute" --scope "all models" --valid-until 2027-01-01T00:00:00Z
    """
    begins = time_of(valid_from, "--valid-from") if valid_from else now()
    with changing(state, store, "register entry made", holder, register=register.value) as connection:
        name = registers.add(connection, register, holder, scope, begins, time_of(valid_until, "--valid-until"))
    show_facts({"entry": name}, as_json=as_json)


@register_app.command("end")
def end_entry(
    entry: Annotated[str, typer.Argument(help="Id of the entry.")], state: State = DEFAULT_STATE, store: Store = None
) -> None:
    """End an entry before its time.

    Example:  stillwatch hub register end entry--…
    """
    with changing(state, store, "register entry ended", entry) as connection:
        registers.end(connection, entry, now())


@register_app.command("list")
def list_entries(state: State = DEFAULT_STATE, store: Store = None, as_json: AsJson = False) -> None:
    """List the entries.

    Example:  stillwatch hub register list
    """
    with opened(state, store) as hub, hub.database.reading() as connection:
        found = list(registers.entries(connection))
    heading = ["entry", "register", "holder", "scope", "valid from", "valid until", "state"]
    rows = [
        [
            e.id,
            e.register.value,
            e.holder,
            e.scope,
            written(e.valid_from),
            written(e.valid_until),
            "in force" if e.holds(now()) else "not in force",
        ]
        for e in found
    ]
    show_table(heading, rows, as_json=as_json)
