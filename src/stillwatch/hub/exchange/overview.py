"""The overview: how much is in the hub, for those who run it.

>>> Overview("Synthetic ISAC", "hub.sqlite", 3, 1, 2, 900, 0, 0, 4, 0, 9, {}).facts()["object versions"]
2
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from stillwatch.hub.hub import Hub
from stillwatch.hub.store.census import count


class Overview(msgspec.Struct, frozen=True):
    """Counts; ``bytes`` of objects, ``by_collection`` object versions by the collection's id."""

    hub: str
    store: str
    members: int
    collections: int
    object_versions: int
    bytes: int
    revoked: int
    removed: int
    deliveries: int
    open_appeals: int
    ledger_entries: int
    by_collection: Mapping[str, int]

    def facts(self) -> dict[str, Any]:
        """The same by names that people read."""
        return {name.replace("_", " "): value for name, value in msgspec.structs.asdict(self).items()}


def overview(hub: Hub) -> Overview:
    """The overview as it is now; costs one pass over the objects. Raises StoreUnavailable."""
    directory = hub.directory()
    with hub.database.reading() as connection:
        found = count(connection)
    return Overview(
        hub=directory.title,
        store=hub.database.place,
        members=len(directory.members),
        collections=len(directory.collections),
        object_versions=sum(found.versions.values()),
        bytes=found.bytes,
        revoked=found.revoked,
        removed=found.removed,
        deliveries=found.deliveries,
        open_appeals=found.open_appeals,
        ledger_entries=hub.ledger.size,
        by_collection=found.versions,
    )
