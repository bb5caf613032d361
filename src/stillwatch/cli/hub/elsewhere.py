"""A hub that runs elsewhere, asked at its URL with an operator's key.

Rules: the key is shown as a bearer, at that hub only; what else the way there needs is an option or stands in the settings, if they
name the same hub. For a key that is no operator's the hub has no such addresses, so that this and a wrong id are one error.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from stillwatch.cli.members import DEFAULT_CONFIG
from stillwatch.cli.peers import Shown, peer_at
from stillwatch.errors import NoReadableInput
from stillwatch.sharing.exchange.connection import Connection
from stillwatch.sharing.exchange.failures import NotThere
from stillwatch.sharing.release.membership import read_membership

At = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="URL", help="Ask the hub there, with an operator's key, in place of a folder.", show_default=False
    ),
]
OperatorsKey = Annotated[
    Path | None,
    typer.Option("--key-file", envvar="STILLWATCH_HUB_KEY_FILE", help="With --at: file of an operator's key.", show_default=False),
]
_Told = TypeVar("_Told")


@dataclass(frozen=True)
class Elsewhere:
    """Where the hub is and what is shown there; ``key`` is the file of an operator's key, None for the one of the settings."""

    url: str
    key: Path | None = None
    authority: Path | None = None
    in_clear: bool = False
    config: Path = DEFAULT_CONFIG

    def ask(self, question: Callable[[Connection, str], _Told]) -> _Told:
        """What the hub tells. Raises NoReadableInput if it tells this key nothing, and what the connection raises."""
        shown = Shown("", self.key, self.authority, self.in_clear, "")
        with Connection(peer_at(self.url, shown, read_membership(self.config))) as connection:
            try:
                return question(connection, connection.peer.url)
            except NotThere as error:
                cure = "name the hub's own URL, an operator's key with --key-file, and the id of what was added or opened there"
                raise NoReadableInput(
                    "the hub has no such thing, or the key is no operator's", place=self.url, cure=cure
                ) from error
