"""What a page answers: a page to be shown, another address, or bytes to be kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Page:
    """A template with its title.

    ``data`` is the page's JSON twin and stands in the template too; ``shown`` holds what only the template needs, such as drawings.
    """

    template: str
    title: str
    data: Mapping[str, Any]
    shown: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Redirect:
    """Go on at an address of the console; ``said`` names a message of `messages.SAYINGS` to be shown there."""

    address: str
    said: str = ""


@dataclass(frozen=True)
class Json:
    """A value for a script of the page: it has no page of its own."""

    value: Any
    status: int = 200


@dataclass(frozen=True)
class Download:
    """Bytes to be saved under a name; no browser shows them, whatever they are."""

    name: str
    content: bytes


@dataclass(frozen=True)
class SignedIn:
    """A user has proved who it is: a new login record begins, and the browser goes on at an address of the console."""

    user: str
    by: str
    address: str = "/"
    as_json: bool = False


@dataclass(frozen=True)
class SignedOut:
    """The login record ends."""


Answer = Page | Redirect | Json | Download | SignedIn | SignedOut
