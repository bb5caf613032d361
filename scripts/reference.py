"""Write the generated documentation, or with --check say whether it is current.

docs/reference/cli.md comes from the commands' own help, docs/reference/input.md from the schemas, docs/reference/signals.md
from the signals' docstrings, docs/reference/border.md from the guard's profiles and rules.
"""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import typer.main
from typer.testing import CliRunner

from stillwatch import signals
from stillwatch.cli.app import app
from stillwatch.sharing.guard.border import border_table
from stillwatch.traffic.schema import ACCOUNTS, EVENTS, REQUESTS, REQUIRED

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"


def commands() -> str:
    """The help of every command, groups of commands with their members."""
    runner = CliRunner(env={"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"})
    parts = ["# Commands\n\nExit status: 0 done, 1 unexpected failure, 2 usage, 3 refused by policy, 4 no readable input.\n"]
    for arguments in _paths(typer.main.get_command(app), []):
        title = " ".join(["stillwatch", *arguments])
        text = runner.invoke(app, [*arguments, "--help"], prog_name="stillwatch").output.strip()
        parts.append(f"## `{title}`\n\n```\n{text}\n```\n")
    return "\n".join(parts)


def _paths(command: Any, path: list[str]) -> Iterator[list[str]]:
    yield path
    if isinstance(command, typer.core.TyperGroup):
        for name in command.list_commands(None):
            yield from _paths(command.get_command(None, name), [*path, name])


def tables() -> str:
    """The columns of the input tables."""
    parts = ["# Input tables\n\nParquet, JSON Lines (plain, `.gz`, `.zst`) or CSV. ● must be there. Times are UTC.\n"]
    for title, schema, required in (
        ("requests", REQUESTS, REQUIRED),
        ("accounts", ACCOUNTS, ("account_id",)),
        ("events", EVENTS, ("ts", "kind")),
    ):
        rows = "\n".join(f"| {'● ' if field.name in required else ''}`{field.name}` | {_type(field.type)} |" for field in schema)
        parts.append(f"## {title}\n\n| column | type |\n|---|---|\n{rows}\n")
    return "\n".join(parts)


def _type(kind: pa.DataType) -> str:
    return "timestamp (µs, UTC)" if pa.types.is_timestamp(kind) else str(kind).replace("item: ", "")


def signal_pages() -> str:
    """What each signal's module says of itself."""
    parts = ["# Signals\n\nEach is one module under `src/stillwatch/signals/`; this page is its docstring.\n"]
    machinery = {"population", "likelihood", "account_signal", "catalogue"}
    for module in pkgutil.iter_modules(signals.__path__):
        if module.name not in machinery and not module.ispkg:
            text = importlib.import_module(f"stillwatch.signals.{module.name}").__doc__ or ""
            parts.append(f"## {module.name}\n\n{text.strip()}\n")
    return "\n".join(parts)


def main() -> int:
    """Write or check all pages."""
    stale = []
    for name, text in (
        ("cli.md", commands()),
        ("input.md", tables()),
        ("signals.md", signal_pages()),
        ("border.md", border_table()),
    ):
        path = REFERENCE / name
        if "--check" not in sys.argv:
            path.write_text(text, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != text:
            stale.append(str(path.relative_to(REFERENCE.parents[1])))
    if stale:
        print(f"not current: {', '.join(stale)}\n  to mend it: make docs", file=sys.stderr)
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
