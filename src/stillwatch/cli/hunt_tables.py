"""Finds of a hunt on a terminal and as JSON. They name one's own accounts and are for one's own eyes; a sighting does not."""

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stillwatch.campaigns.report.wording import many, share
from stillwatch.sharing.feed.find import Find
from stillwatch.sharing.feed.quarry import Quarry
from stillwatch.vocabulary.printable import one_line

_ACCOUNTS_SHOWN = 5


def print_finds(finds: Sequence[Find], looked_for: Quarry, requests: int, console: Console) -> None:
    """Print the finds: a table on a terminal, else one a line."""
    _say(console, f"Looked for {_quarry(looked_for)} in {many(requests, 'request')}: {many(len(finds), 'find')}.")
    if finds and console.is_terminal:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in ("found", "sighting of", "overlap", "requests", "accounts", "from", "to"):
            table.add_column(heading, overflow="fold")
        for find in finds:
            table.add_row(*map(Text, _cells(find)))
        console.print(table)
    for find in finds if not console.is_terminal else ():
        _say(console, "  ".join(_cells(find)))


def finds_as_json(finds: Sequence[Find], looked_for: Quarry, requests: int) -> dict[str, Any]:
    """The same as a JSON value, with all accounts."""
    return {
        "looked_for": _counts(looked_for),
        "requests": requests,
        "finds": [
            {
                "matched": find.kind,
                "sighting_of": find.target,
                "overlap": round(find.overlap, 4),
                "requests": find.requests,
                "accounts": list(find.accounts),
                "first_seen": find.first_seen,
                "last_seen": find.last_seen,
            }
            for find in finds
        ],
    }


def _counts(looked_for: Quarry) -> dict[str, int]:
    return {name: len(getattr(looked_for, name)) for name in ("scaffolds", "clients", "networks", "tokens")}


def _quarry(looked_for: Quarry) -> str:
    counted = (f"{count} {name}" for name, count in _counts(looked_for).items() if count)
    return ", ".join(counted) or "nothing (the feed holds nothing that can be looked for)"


def _cells(find: Find) -> tuple[str, ...]:
    shown = ", ".join(find.accounts[:_ACCOUNTS_SHOWN])
    more = f" and {len(find.accounts) - _ACCOUNTS_SHOWN} more" if len(find.accounts) > _ACCOUNTS_SHOWN else ""
    days = f"{find.first_seen:%Y-%m-%d}", f"{find.last_seen:%Y-%m-%d}"
    return find.kind, find.target, share(find.overlap), str(find.requests), one_line(shown + more), *days


def _say(console: Console, text: str) -> None:
    console.print(Text(one_line(text)), soft_wrap=True)
