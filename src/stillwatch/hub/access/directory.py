"""The directory: members, keys, groups, collections with their rights, and audiences, as one value that does not change.

It is read from the database when that says that it has changed, and answers without asking it again: whose key this is, what a
member may do with a collection, which audiences it belongs to now.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from stillwatch.hub.access.audience import Audience
from stillwatch.hub.access.member import ApiKey, Member, Viewer
from stillwatch.sharing.stix.tlp import TLP


@dataclass(frozen=True)
class ApiRoot:
    """An API root; ``max_content_length`` in bytes."""

    name: str
    title: str
    description: str | None
    max_content_length: int


@dataclass(frozen=True)
class Collection:
    """A collection: where it is, what it takes, and who may use it.

    ``guarded``: whether the guard of the border examines what comes in. ``unmarked``: the level of what bears none. ``readers`` and
    ``writers`` hold ``everyone``, ``group:ID`` and ``member:ID``.
    """

    number: int
    id: str
    api_root: str
    alias: str | None
    title: str
    description: str | None
    spec_versions: tuple[str, ...]
    guarded: bool
    unmarked: TLP
    readers: frozenset[str]
    writers: frozenset[str]

    def may_read(self, viewer: Viewer) -> bool:
        """Whether the viewer may read here at all."""
        return viewer.is_operator or bool(self.readers & _callings(viewer.member))

    def may_write(self, viewer: Viewer) -> bool:
        """Whether the viewer may add here, with the key that it uses."""
        return viewer.may_write and (viewer.is_operator or bool(self.writers & _callings(viewer.member)))


@dataclass(frozen=True)
class Directory:
    """Everything that changes rarely; ``generation`` tells one state from another, ``lists`` one state of the warning lists.

    ``disputes``: whether any object at all is under dispute.
    """

    generation: int
    lists: int
    disputes: bool
    title: str
    description: str | None
    contact: str | None
    signing_secret: bytes
    roots: Mapping[str, ApiRoot]
    members: Mapping[int, Member]
    keys: Mapping[str, ApiKey]
    groups: Mapping[int, str]
    collections: tuple[Collection, ...]
    audiences: Mapping[int, Audience]
    _places: dict[tuple[str, str], Collection] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        for collection in self.collections:
            for name in filter(None, (collection.alias, collection.id)):
                self._places[collection.api_root, name] = collection

    def collection(self, root: str, name: str, viewer: Viewer) -> Collection | None:
        """The collection with this id or alias, if the viewer may do anything with it."""
        found = self._places.get((root, name)) or self._places.get((root, name.lower()))
        return found if found and (found.may_read(viewer) or found.may_write(viewer)) else None

    def in_root(self, root: str, viewer: Viewer) -> list[Collection]:
        """The collections of an API root that the viewer may do anything with, in the order in which they were made."""
        return [c for c in self.collections if c.api_root == root and (c.may_read(viewer) or c.may_write(viewer))]

    def admitting(self, viewer: Viewer, now: int) -> list[int]:
        """The audiences that the viewer belongs to."""
        return [name for name, audience in self.audiences.items() if audience.admits(viewer, now)]

    def key_holds(self, key: str, digest: bytes, now: int) -> ApiKey | None:
        """The key, if this is its digest, and it and its member may be heard."""
        found = self.keys.get(key)
        right = hmac.compare_digest(found.digest if found else bytes(len(digest)), digest)
        return found if found and right and self.key_stands(key, now) else None

    def key_stands(self, key: str, now: int) -> ApiKey | None:
        """The key, if it and its member may still be heard."""
        found = self.keys.get(key)
        return found if found and found.holds(now) and not self.members[found.member].suspended else None

    def subject(self, calling: str) -> str:
        """``group:ID`` and ``member:ID`` with the name in place of the number."""
        kind, _, number = calling.partition(":")
        if not number:
            return calling
        return f"{kind}:{self.groups[int(number)] if kind == 'group' else self.members[int(number)].name}"


def _callings(member: Member) -> set[str]:
    return {"everyone", f"member:{member.id}", *(f"group:{group}" for group in member.groups)}
