"""A release before people approve it: side by side what we know and exactly what would leave, field by field with the reason.

Rules: text from outside is shown, never obeyed. Of many objects of one type (tokens, relationships) the first are shown and the
others counted, and an extension goes by its name; ``--json`` holds every field of every object as it is.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stillwatch.sharing.release.prepared import Line, Prepared
from stillwatch.sharing.signatures.signature import SIGNATURE_EXTENSION_ID
from stillwatch.sharing.stix.extensions import EXTENSIONS, extension_id
from stillwatch.vocabulary.printable import one_line, visible

_SHOWN_OF_A_TYPE = 12
_ITEMS_SHOWN = 3
_LONGEST = 240
_EXTENSION = re.compile(r"extension-definition--[0-9a-f-]{36}")
_NAMES = {extension_id(name): name for name in EXTENSIONS} | {SIGNATURE_EXTENSION_ID: "signature"}
_INDEX = re.compile(r"\[\d+\]")
_STYLES = {"kept": "", "generalised": "yellow", "dropped": "red", "refused": "bold red"}


def print_prepared(prepared: Prepared, console: Console) -> None:
    """Print every object with its fields, the counts, and what is forbidden."""
    shown: Counter[str] = Counter()
    verdicts = {thing["id"]: ruling.verdict for thing, ruling in zip(prepared.known, prepared.rulings, strict=True)}
    for name, lines in groupby(prepared.lines(), key=lambda line: line.id):
        kind = name.partition("--")[0]
        shown[kind] += 1
        if shown[kind] <= _SHOWN_OF_A_TYPE:
            console.print(Text.assemble((kind, "bold"), f" {one_line(name)}: ", verdicts.get(name, "left out")))
            _print_fields(lines, console)
    for kind, count in shown.items():
        if count > _SHOWN_OF_A_TYPE:
            _say(console, f"… and {count - _SHOWN_OF_A_TYPE} more of type {kind}, ruled in the same way (--json shows all)")
    _say(console, summary(prepared))
    for name, reason in prepared.forbidden:
        _say(console, f"forbidden: {name}: {reason.path}: {reason.why} ({reason.rule})", "bold red")


def summary(prepared: Prepared) -> str:
    """How many objects leave, in what state."""
    verdicts = Counter(ruling.verdict for ruling in prepared.rulings)
    counted = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
    return f"{len(prepared.leaving)} of {len(prepared.known)} objects would leave ({counted})"


def as_json(prepared: Prepared) -> dict[str, Any]:
    """The same as a JSON value: the fields of every object, and the objects as they would leave."""
    verdicts = [(thing["id"], ruling.verdict) for thing, ruling in zip(prepared.known, prepared.rulings, strict=True)]
    return {
        "objects": [{"id": name, "verdict": verdict} for name, verdict in verdicts],
        "fields": [_line(line) for line in prepared.lines()],
        "forbidden": [{"id": name, **msgspec.structs.asdict(reason)} for name, reason in prepared.forbidden],
        "leaving": list(prepared.leaving),
    }


def _line(line: Line) -> Mapping[str, Any]:
    return {name: getattr(line, name) for name in ("id", "path", "known", "leaving", "action", "rule", "why")}


def _print_fields(lines: Iterable[Line], console: Console) -> None:
    rows = list(_rows(lines))
    if console.is_terminal:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in ("field", "what we know", "what would leave", "why"):
            table.add_column(heading, overflow="fold")
        for action, cells in rows:
            table.add_row(*(Text(cell, style=_STYLES.get(action, "")) for cell in cells))
        console.print(table)
    for _, (path, known, leaving, why) in () if console.is_terminal else rows:
        _say(console, f"  {path}: {known} → {leaving} [{why}]")


def _rows(lines: Iterable[Line]) -> Iterator[tuple[str, tuple[str, str, str, str]]]:
    """The action and the cells of each line; items of one list that fare alike are counted after the first few."""
    for (path, action, rule), alike in groupby(lines, key=lambda line: (_INDEX.sub("[]", line.path), line.action, line.rule)):
        for number, line in enumerate(alike):
            if number < _ITEMS_SHOWN:
                yield action, _cells(line)
        if number >= _ITEMS_SHOWN:
            yield action, (path, f"… and {number + 1 - _ITEMS_SHOWN} more", "in the same way", rule)


def _cells(line: Line) -> tuple[str, str, str, str]:
    leaving = _value(line.leaving) if line.action in ("kept", "generalised") else "—"
    return (
        _EXTENSION.sub(lambda found: f"@{_NAMES.get(found[0], found[0])}", one_line(line.path)) or "the object",
        _value(line.known) if line.path else "",
        leaving,
        f"{one_line(line.why)} ({line.rule})",
    )


def _value(value: Any) -> str:
    text = one_line(value if isinstance(value, str) else msgspec.json.encode(value).decode())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters, all of them with --json)"


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(visible(text), style=style), soft_wrap=True)
