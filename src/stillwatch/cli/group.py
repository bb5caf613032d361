"""A group of commands, such as ``stillwatch ledger …``, with the manners that all groups have."""

import typer


def group(purpose: str) -> typer.Typer:
    """An empty group; called without a command it shows its help, which begins with ``purpose``."""
    return typer.Typer(
        help=purpose, no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
    )
