"""A scan's result on a terminal: the campaigns as a table, then what was explained, then what abstained.

Rules: a person at a terminal gets a table; a file or a pipe gets the same as plain lines, one fact each, never wrapped.
Text from requests is shown, never obeyed: no rich markup in it and no control character of a terminal takes effect.

>>> from rich.console import Console
>>> run = Run("0", "", "", "local", 9, 2, 0, ("", ""), 0.01, [Abstained("devices", "no accounts table")])
>>> campaigns_table(Campaigns(run, []), Console(force_terminal=False))
No campaign was found in 9 requests of 2 accounts.
abstained: devices: no accounts table
"""

from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stillwatch.campaigns.campaign import Abstained, Campaign, Campaigns, Run
from stillwatch.campaigns.report.summary import by_severity, headline, innocent, strongest
from stillwatch.campaigns.report.wording import bits, false_discoveries, many, number, q_value, share
from stillwatch.vocabulary.printable import one_line

_MARKS = {"high": ("▮▮▮", "bold red"), "medium": ("▮▮▯", "yellow"), "low": ("▮▯▯", "cyan")}
"""How full a severity is, and its style: readable without colour."""

_WIDE = 110
"""From this many columns on, reasons stand in the table; below, under it."""


def campaigns_table(result: Campaigns, console: Console) -> None:
    """Print the result: as a table if the console is a terminal, else as plain lines."""
    if console.is_terminal:
        _print_table(result, console)
    else:
        for line in _lines(result):
            console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)


def _print_table(result: Campaigns, console: Console) -> None:
    ordered = by_severity(result.campaigns)
    console.print(Text(_opening(result.run, ordered), style="bold"))
    if ordered:
        wide = console.width >= _WIDE
        console.print(_table(ordered, wide))
        for place, c in enumerate(ordered, start=1) if not wide else ():
            console.print(Text.assemble((f"{place}. ", "bold"), _reason(c), (f" Techniques: {_techniques(c)}.", "dim")))
        console.print(Text(false_discoveries(result.run.fdr)))
    for kind, saying in _remarks(result):
        console.print(Text.assemble((f"{kind}: ", "dim"), saying))


def _table(campaigns: list[Campaign], wide: bool) -> Table:
    """One row a campaign, numbered as in the report; the columns of words only where they have room."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("no.", justify="right")
    table.add_column("severity", no_wrap=True)
    for heading in ("accounts", "requests", "coordination", "harvest", "q"):
        table.add_column(heading, justify="right", no_wrap=True)
    if wide:
        table.add_column("techniques", overflow="fold", ratio=2)
        table.add_column("strongest reason", overflow="fold", ratio=3)
    for place, c in enumerate(campaigns, start=1):
        words = [Text(_techniques(c)), Text(_reason(c))] if wide else []
        table.add_row(str(place), _severity(c.severity), *map(Text, _figures(c)), *words)
    return table


def _lines(result: Campaigns) -> Iterator[str]:
    ordered = by_severity(result.campaigns)
    yield _opening(result.run, ordered)
    for c in ordered:
        _, _, coordination, harvest, q = _figures(c)
        yield (
            f"{one_line(c.severity)}: {one_line(c.id)}: {_size(c)}, coordination {coordination} bits, harvest {harvest} bits, q {q}"
        )
        yield f"  techniques: {_techniques(c)}"
        yield f"  strongest reason: {_reason(c)}"
    if ordered:
        yield false_discoveries(result.run.fdr)
    for kind, saying in _remarks(result):
        yield f"{kind}: {saying}"


def _opening(run: Run, campaigns: list[Campaign]) -> str:
    found = one_line(headline(campaigns))
    place = f"in {many(run.requests, 'request')} of {many(run.accounts, 'account')}."
    return f"{found}, {place}" if campaigns else f"{found} {place}"


def _remarks(result: Campaigns) -> Iterator[tuple[str, str]]:
    """What follows the campaigns, a kind and a line each: explained groups, unreadable rows, notes, what abstained."""
    for c in by_severity(result.explained):
        yield "explained", f"{_size(c)}. {one_line(innocent(c))}"
    if result.run.rejected_rows:
        yield "rejected", f"{many(result.run.rejected_rows, 'row')} could not be read; see rejected.jsonl"
    for note in result.run.notes:
        yield "note", one_line(note)
    for a in result.run.abstained:
        yield "abstained", _abstained(a)


def _abstained(a: Abstained) -> str:
    return f"{one_line(a.signal)}: {one_line(a.because)}"


def _size(c: Campaign) -> str:
    return f"{many(len(c.accounts), 'account')}, {many(c.requests, 'request')}"


def _figures(c: Campaign) -> tuple[str, str, str, str, str]:
    sums = bits(c.coordination_bits), bits(c.harvest_bits)
    return number(len(c.accounts)), number(c.requests), *sums, q_value(c.q_value)


def _severity(word: str) -> Text:
    marks, style = _MARKS.get(word, ("▯▯▯", ""))
    return Text(f"{marks} {one_line(word)}", style=style)


def _techniques(c: Campaign) -> str:
    shown = sorted(c.techniques, key=lambda t: (-t.share, t.id))
    return ", ".join(f"{one_line(t.name)} ({share(t.share)})" for t in shown) or "none recognised"


def _reason(c: Campaign) -> str:
    best = strongest(c.evidence)
    return one_line(best.statement) if best else "nothing speaks for it"
