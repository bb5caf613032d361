"""The ``stillwatch`` command: its commands by name, each imported only when it is called, and how errors end.

A command's module is ``stillwatch.cli.<name>``, or ``stillwatch.cli.<name>.commands`` where the command has a folder. It holds a
function of that name, or, if it is a group of commands, a Typer called ``app``. So ``stillwatch ledger verify`` starts without the
engine that ``scan`` needs.
"""

import importlib
import sys
from collections.abc import Mapping
from typing import Any

import typer
import typer.main

from stillwatch import __version__
from stillwatch.errors import StillwatchError

COMMANDS: Mapping[str, str] = {
    "demo": "Show the whole system at work on synthetic traffic: two providers, a hub, a proxy with the gateway.",
    "scan": "Find distillation campaigns in request logs.",
    "evaluate": "Compare a scan's result with labels.",
    "simulate": "Write a world of synthetic traffic with labels.",
    "share": "See what of a campaign would leave, field by field, approve it, and write the bundle.",
    "feed": "Take in what others shared: verified, guarded, merged, aged, revoked.",
    "opinion": "Say what we think of something in the feed: confirmed, investigating, disputed, false positive.",
    "correct": "Put right, or take back, one statement that was released.",
    "hunt": "Look for received indicators in your own past traffic.",
    "keyring": "Whose signatures count here: show, export, add, revoke public keys.",
    "case": "Work on cases: open them from a scan, assign, decide, merge, hold, purge, attribute, export.",
    "token": "Tokens, which stand for identifiers between providers: keys, holders, lists.",
    "ledger": "Check, show, prove and export the record of what was shared, read and decided.",
    "examine": "Was this model trained on our answers? Plan an examination, run it, report it.",
    "hub": "Run an information sharing and analysis centre: TAXII 2.1, members, markings, receipts.",
    "console": "Serve the analysts' pages, and say who may use them.",
    "gateway": "Act on requests in grades, reversibly: build, replay, run, explain, pardon, roll back.",
}
"""Every command with the sentence that the overview shows."""


class _Commands(typer.core.TyperGroup):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"stillwatch.cli.{cmd_name}")
        if hasattr(module, "__path__"):
            module = importlib.import_module(f"{module.__name__}.commands")
        if hasattr(module, "app"):
            command = typer.main.get_command(module.app)
        else:
            single = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
            single.command(cmd_name)(getattr(module, cmd_name))
            command = typer.main.get_command(single)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(cls=_Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Print the version and end."),
) -> None:
    """Find, attribute and stop adversarial distillation of language models."""


def main() -> None:
    """Run the command line; an error of ours is printed as cause and cure and ends with its own status."""
    try:
        app()
    except StillwatchError as error:
        print(f"stillwatch: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_status)
