"""A place at a peer: an API root and those of its collections that one may use, found from whatever address a person has.

Rules: the address may be that of the server (its discovery is at ``/taxii2/``), of the discovery, an API root, or a collection.
What a discovery lists counts only at the same origin. A server with several API roots and no default must be told which.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import msgspec

from stillwatch.errors import UsageError
from stillwatch.sharing.exchange.connection import Connection, odd
from stillwatch.sharing.exchange.peer import origin

_COLLECTION = re.compile(r"(?P<root>.*/)collections/(?P<name>[^/]+)/(?:objects/)?")


class Collection(msgspec.Struct, frozen=True):
    """A collection as the server describes it (TAXII 2.1, section 5.2)."""

    id: str
    title: str
    can_read: bool = False
    can_write: bool = False
    alias: str | None = None


@dataclass(frozen=True)
class Place:
    """An API root with the collections that this member may use; ``named`` says whether one of them was asked for by name."""

    root: str
    largest: int
    collections: tuple[Collection, ...]
    named: bool = False

    def address(self, collection: Collection, rest: str = "objects/") -> str:
        """The URL of something of a collection."""
        return f"{self.root}collections/{quote(collection.id, safe='')}/{rest}"

    @property
    def beside(self) -> str:
        """What the addresses begin with that stand beside the API root, where a hub of ours has its feed of changes."""
        return urljoin(self.root, "../")

    def writable(self) -> Collection:
        """The one collection that one may add to. Raises UsageError if there is none, or a choice."""
        found = [each for each in self.collections if each.can_write]
        if len(found) != 1:
            what = "there is no collection here that you may add to" if not found else "you may add to several collections here"
            names = ", ".join(each.alias or each.id for each in found[:10])
            raise UsageError(what, place=self.root, cure=f"name one with --collection: {names}" if found else "ask its operator")
        return found[0]


class _Resource(msgspec.Struct):
    """A discovery, an API root or a collection, whichever it is."""

    title: str | None = None
    default: str | None = None
    api_roots: list[str] = []
    versions: list[str] = []
    max_content_length: int = 0


class _Collections(msgspec.Struct):
    collections: list[Collection] = []


def locate(connection: Connection, wanted: str | None = None) -> Place:
    """The place at the peer's URL, with only the ``wanted`` collection (its id, alias or title) if one is named.

    Raises UsageError if the address or the name leaves a choice or names nothing, and what the connection raises.
    """
    url = connection.peer.url
    inside = _COLLECTION.fullmatch(url)
    root = inside["root"] if inside else _root(connection, url)
    found = _resource(connection, root)
    if not found.versions:
        raise odd(root, "this is no API root")
    listed = connection.get(f"{root}collections/").read(_Collections).collections
    name = wanted or (inside["name"] if inside else None)
    if name is None:
        return Place(root, found.max_content_length, tuple(listed))
    return Place(root, found.max_content_length, (_named(listed, name, root),), named=True)


def _root(connection: Connection, url: str) -> str:
    """The API root at an address, or the one to which the discovery there leads."""
    if urlsplit(url).path == "/":
        url = urljoin(url, "taxii2/")
    found = _resource(connection, url)
    if found.versions:
        return url
    roots = [found.default] if found.default else found.api_roots
    if len(roots) != 1:
        cure = f"name one of {', '.join(roots[:10])}" if roots else "ask its operator"
        raise UsageError("it has no API root that would be the one to use", place=url, cure=cure)
    root = urljoin(url, roots[0]).rstrip("/") + "/"
    if origin(root) != connection.peer.origin:
        raise UsageError(f"its API root is at another server, {root!r:.200}", place=url, cure="name that address if you trust it")
    return root


def _resource(connection: Connection, url: str) -> _Resource:
    return connection.get(url).read(_Resource)


def _named(listed: list[Collection], name: str, root: str) -> Collection:
    found = [each for each in listed if name in (each.id, each.alias, each.title)]
    if len(found) != 1:
        names = ", ".join(each.alias or each.id for each in listed[:10]) or "none"
        what = "several collections have this name" if found else "there is no such collection for you"
        raise UsageError(what, place=f"{root}collections/{name}", cure=f"the collections here are {names}")
    return found[0]
