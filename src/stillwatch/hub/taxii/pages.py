"""Pages as they are written: envelopes, manifests and lists of versions, put together from bytes.

The objects of an envelope stand in it as the bytes that came; nothing is parsed or written anew. An empty page is ``{}``, because
the standard has no empty lists (TAXII 2.1, 1.6.5 and 3.7).

>>> envelope([b'{"a": 1.0}'], more=False, following=None)
b'{"more":false,"objects":[{"a": 1.0}]}'
"""

from collections.abc import Sequence

import msgspec

from stillwatch.hub.store.objects import Head
from stillwatch.hub.timestamps import written

EMPTY = b"{}"


class ManifestRecord(msgspec.Struct):
    """What a manifest says of an object version (section 5.3.1)."""

    id: str
    date_added: str
    version: str
    media_type: str


class Remarked(msgspec.Struct, omit_defaults=True):
    """What the hub has to say of the objects of a page beside them: ids under dispute, and the warning lists by id."""

    x_stillwatch_disputed: list[str] = []
    x_stillwatch_warned: dict[str, list[str]] = {}


def envelope(bodies: Sequence[bytes], *, more: bool, following: str | None, remarked: Remarked | None = None) -> bytes:
    """An envelope (section 3.7); ``following`` is its ``next``. What is remarked follows the objects, if there is anything."""
    if not bodies:
        return EMPTY
    head = b'{"more":true,"next":' + msgspec.json.encode(following) if more else b'{"more":false'
    tail = msgspec.json.encode(remarked or Remarked())[1:]
    return head + b',"objects":[' + b",".join(bodies) + b"]" + (b"," + tail if tail != b"}" else tail)


def manifest(heads: Sequence[Head], *, more: bool) -> bytes:
    """A manifest; it has no ``next`` in the standard, so one goes on by ``added_after``."""
    records = [ManifestRecord(h.stix_id, written(h.date_added), h.version, _media_type(h)) for h in heads]
    return _listed("objects", msgspec.json.encode(records), more) if records else EMPTY


def versions(heads: Sequence[Head], *, more: bool) -> bytes:
    """The versions of one object (section 5.8.1)."""
    return _listed("versions", msgspec.json.encode([head.version for head in heads]), more) if heads else EMPTY


def dates(heads: Sequence[Head]) -> dict[str, str]:
    """The headers that say when the first and the last object of a page were added (section 3.2)."""
    if not heads:
        return {}
    first, last = written(heads[0].date_added), written(heads[-1].date_added)
    return {"X-TAXII-Date-Added-First": first, "X-TAXII-Date-Added-Last": last}


def _media_type(head: Head) -> str:
    return f"application/stix+json;version={head.spec_version}"


def _listed(name: str, items: bytes, more: bool) -> bytes:
    return b'{"more":' + (b"true" if more else b"false") + f',"{name}":'.encode() + items + b"}"
