"""The ``stillwatch`` command: its groups of commands, and how errors end."""

import sys

import typer

from stillwatch import __version__
from stillwatch.cli import demo, evaluate, scan, simulate
from stillwatch.errors import StillwatchError

app = typer.Typer(
    help="Find, attribute and stop adversarial distillation of language models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("scan")(scan.scan)
app.command("demo")(demo.demo)
app.command("simulate")(simulate.simulate)
app.command("evaluate")(evaluate.evaluate)


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
