"""The options by which commands find a peer, a hub or another TAXII 2.1 server, and what is shown there.

Rules: an option counts before the settings; what the settings say of their hub is shown at that hub's origin and nowhere else.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from stillwatch.errors import UsageError
from stillwatch.sharing.exchange.peer import Peer, origin, read_key
from stillwatch.sharing.release.membership import Membership

HubMember = Annotated[
    str | None, typer.Option("--member", envvar="STILLWATCH_HUB_MEMBER", help="What the hub calls us.  [default: of the settings]")
]
HubKey = Annotated[
    Path | None,
    typer.Option("--key-file", envvar="STILLWATCH_HUB_KEY_FILE", help="File with the hub's key.  [default: of the settings]"),
]
HubAuthority = Annotated[Path | None, typer.Option("--authority", help="PEM file of who vouches for the hub.")]
TokenUrl = Annotated[
    str | None,
    typer.Option(
        "--token-url",
        envvar="STILLWATCH_HUB_TOKEN_URL",
        help="OAuth 2.0 token end point: the key is shown there only, and access tokens at the hub.  [default: of the settings]",
    ),
]
InClear = Annotated[bool, typer.Option("--in-clear", help="Show the key over http://, too: the way there is safe.")]
CollectionName = Annotated[str | None, typer.Option("--collection", help="Id, alias or title, if the URL does not name one.")]


@dataclass(frozen=True)
class Shown:
    """What was given on the command line."""

    member: str | None = None
    key: Path | None = None
    authority: Path | None = None
    in_clear: bool = False
    token_url: str | None = None


def peer_at(url: str | None, shown: Shown, membership: Membership) -> Peer:
    """The peer at a URL, or that of the settings. Raises UsageError, NoReadableInput."""
    wanted = url or membership.hub
    if not wanted:
        raise UsageError("no hub is named", place="HUB", cure="give its URL, or the setting `hub`")
    known = bool(membership.hub) and origin(membership.hub) == origin(wanted)
    key = shown.key or (membership.hub_key if known else None)
    return Peer.at(
        wanted,
        (membership.hub_member if known else "") if shown.member is None else shown.member,
        read_key(key) if key else "",
        authority=shown.authority or (membership.hub_authority if known else None),
        certificate=membership.hub_certificate if known else None,
        in_clear=shown.in_clear or (known and membership.hub_in_clear),
        token_url=(membership.hub_token_url if known else "") if shown.token_url is None else shown.token_url,
    )


def is_url(text: str) -> bool:
    """Whether what is meant is a server and not a file.

    >>> is_url("https://hub.example/"), is_url("stillwatch-outbox")
    (True, False)
    """
    return text.lower().startswith(("https://", "http://"))
