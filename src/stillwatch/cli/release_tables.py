"""A release before people approve it: side by side what we know and exactly what would leave, field by field with the reason.

Rules: text from outside is shown, never obeyed. Of many objects of one type (tokens, relationships) the first are shown and the
others counted; ``--json`` holds every field of every object.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stillwatch.campaigns.report.printable import one_line
from stillwatch.sharing.release.prepared import Line, Prepared

_SHOWN_OF_A_TYPE = 12
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
    if console.is_terminal:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in ("field", "what we know", "what would leave", "why"):
            table.add_column(heading, overflow="fold")
        for line in lines:
            table.add_row(*(Text(cell, style=_STYLES.get(line.action, "")) for cell in _cells(line)))
        console.print(table)
        return
    for line in lines:
        path, known, leaving, why = _cells(line)
        _say(console, f"  {path}: {known} → {leaving} [{why}]")


def _cells(line: Line) -> Iterator[str]:
    yield one_line(line.path or "the object")
    yield _value(line.known)
    yield _value(line.leaving) if line.action in ("kept", "generalised") else "—"
    yield f"{one_line(line.why)} ({line.rule})"


def _value(value: Any) -> str:
    return one_line(value if isinstance(value, str) else msgspec.json.encode(value).decode())


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(one_line(text), style=style), soft_wrap=True)
