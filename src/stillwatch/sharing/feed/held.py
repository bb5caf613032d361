"""One object as the feed holds it: its latest version from one author, with where it came from."""

from datetime import datetime
from typing import Any

import msgspec

from stillwatch.sharing.signatures.signature import without_signature
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

    def says_as(self, other: "Held") -> bool:
        """Whether the other says the same, whatever its signature: an object that did not change is signed anew with each batch."""
        return self.text == other.text or _content(self.text) == _content(other.text)

    def thing(self) -> Object | Foreign:
        """The object, typed."""
        return decode(self.text) if self.type in TYPES else decode_foreign(self.text)


def _content(text: str) -> dict[str, Any]:
    return without_signature(msgspec.json.decode(text))
