"""The member on whose behalf a command runs: its settings, found or made, and the options by which commands find them."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from stillwatch.cli.streams import tell
from stillwatch.sharing.release.membership import Membership, established, read_membership

DEFAULT_CONFIG = Path("stillwatch.toml")
Config = Annotated[Path, typer.Option("--config", envvar="STILLWATCH_CONFIG", help="The member's settings.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
FeedPath = Annotated[Path | None, typer.Option("--feed", help="The feed's file.  [default: of the settings]", show_default=False)]

_NOBODY = "identity--00000000-0000-4000-8000-000000000000"
"""Who speaks in a dry run before there is an identity."""


def member(config: Path, now: datetime, *, dry_run: bool) -> Membership:
    """The member's settings; only a dry run leaves an identity and a key that are missing unmade."""
    if not dry_run:
        return established(config, now, tell)
    membership = read_membership(config)
    return membership if membership.id else replace(membership, id=_NOBODY)
