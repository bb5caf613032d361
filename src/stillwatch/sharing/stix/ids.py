"""Ids that follow from content, so that who says the same thing twice says it under one id.

Rules: an observable's id is the UUID version 5 of its contributing properties as canonical JSON (STIX 2.1, section 2.9); a
statement of ours (an indicator, a relationship) has a UUID version 5 in our name space of who says what of what; a campaign keeps
the id that the scan gave it.

>>> observable_id("ipv4-addr", {"value": "198.51.100.3"})
'ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4'
"""

import uuid
from collections.abc import Mapping

import msgspec

from stillwatch.sharing.signatures.canonical import canonical

_OBSERVABLES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""The name space that STIX 2.1 fixes for the ids of observables."""

_STATEMENTS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:stillwatch:stix-ids:1")


def observable_id(kind: str, contributing: Mapping[str, str]) -> str:
    """The id of an observable with these contributing properties."""
    return f"{kind}--{uuid.uuid5(_OBSERVABLES, _canonical_texts(contributing))}"


def _canonical_texts(texts: Mapping[str, str]) -> str:
    """Canonical JSON (RFC 8785) of texts by name; what is printable ASCII needs no more than sorting."""
    if all(each.isascii() and each.isprintable() for pair in texts.items() for each in pair):
        return msgspec.json.encode(texts, order="sorted").decode()
    return canonical(dict(texts)).decode()


def statement_id(kind: str, *parts: str) -> str:
    """The id of an object of this type that is told apart by ``parts``, in their order."""
    return f"{kind}--{uuid.uuid5(_STATEMENTS, canonical([kind, *parts]).decode())}"
