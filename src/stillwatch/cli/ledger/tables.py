"""A ledger on a terminal: entries as a table, findings and proofs as lines.

Rules: a person at a terminal gets a table; a file or a pipe gets one plain line an entry. What was recorded is shown, never obeyed:
no markup in it and no control character of a terminal takes effect.

>>> from rich.console import Console
>>> entry = Entry(0, "2026-01-01T00:00:00.000000Z", "release", "analyst-1", "bundle--1", {"n": 1})
>>> print_entries([entry], 1, Console(force_terminal=False))
0  2026-01-01T00:00:00.000000Z  release  analyst-1  bundle--1  {"n":1}
1 of 1 entries
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stillwatch.sharing.ledger.entry import Entry
from stillwatch.sharing.ledger.export import Head
from stillwatch.vocabulary.printable import one_line, visible

_COLUMNS = ("index", "time (UTC)", "kind", "actor", "subject", "details")


def print_entries(entries: Iterable[Entry], size: int, console: Console) -> None:
    """Print entries and how many of how many they are."""
    shown = 0
    table = Table(*_COLUMNS, box=box.SIMPLE_HEAD, pad_edge=False)
    for shown, entry in enumerate(entries, start=1):  # noqa: B007 - counts them
        if console.is_terminal:
            table.add_row(*map(Text, _cells(entry)))
        else:
            _print(console, "  ".join(_cells(entry)))
    if console.is_terminal and shown:
        console.print(table)
    _print(console, f"{shown} of {size} entries")


def print_findings(result: Mapping[str, Any], console: Console) -> None:
    """Print what a check found, or that it found nothing and what it covered."""
    for finding in result["findings"]:
        _print(console, f"{finding['fault']}: {finding['statement']}")
    if result["findings"]:
        return
    _print(console, f"sound: {result['what']} of {result['size']} entries, root {result['root']}")
    if result["what"] == "export":
        _print(console, f"proven entries: {result['entries']}{', all of the log' if result['complete'] else ', a part of the log'}")
        if not result["signed"]:
            _print(
                console, "no signature was checked: give the log's key with --public-key, or compare the root with one you trust"
            )


def print_proof(proof: Head, console: Console) -> None:
    """Print a proof for a person, hash by hash from the leaf up."""
    _print(console, f"log of {proof.size} entries, root {proof.root}")
    for proven in proof.proven:
        _print(console, "entry " + "  ".join(_cells(proven.entry)))
        _print(console, "included by" + "".join(f"\n  {digest}" for digest in proven.proof))
    if proof.consistency:
        _print(console, f"goes on from {proof.consistency.size} entries by" + "".join(f"\n  {h}" for h in proof.consistency.proof))
    if proof.checkpoint:
        _print(console, proof.checkpoint.rstrip("\n"))


def _cells(entry: Entry) -> list[str]:
    details = msgspec.json.encode(entry.details).decode()
    return [one_line(cell) for cell in (str(entry.index), entry.time, entry.kind, entry.actor, entry.subject, details)]


def _print(console: Console, text: str) -> None:
    console.print(visible(text), markup=False, highlight=False, emoji=False, soft_wrap=True)
