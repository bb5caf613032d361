"""One object as the feed holds it: its latest version from one author, with where it came from."""

from datetime import datetime

import msgspec

from stillwatch.sharing.stix.objects import TYPES, Foreign, Object, decode, decode_foreign


class Held(msgspec.Struct, frozen=True):
    """An object in the feed.

    ``author`` is the member whose key signed it (empty if it was taken unsigned); ``text`` is its JSON, as it came wherever the
    guard left it alone; ``received`` and ``source`` say when and from which file this version came.
    """

    id: str
    author: str
    type: str
    modified: datetime | None
    revoked: bool
    text: str
    received: datetime
    source: str

    def thing(self) -> Object | Foreign:
        """The object, typed."""
        return decode(self.text) if self.type in TYPES else decode_foreign(self.text)
