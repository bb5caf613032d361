"""The resources of TAXII 2.1 as they are written, each with the properties that the standard names and no others.

What is empty is left out, as the standard asks of lists. Envelopes and manifests of objects are put together from bytes in
``pages.py``; here is what is made of values.
"""

from typing import Any

import msgspec
from msgspec import Struct


class Discovery(Struct, omit_defaults=True):
    """Section 4.1: the server and its API roots."""

    title: str
    description: str | None = None
    contact: str | None = None
    default: str | None = None
    api_roots: list[str] | None = None


class ApiRoot(Struct, omit_defaults=True):
    """Section 4.2."""

    title: str
    versions: list[str]
    max_content_length: int
    description: str | None = None


class Collection(Struct, omit_defaults=True):
    """Section 5.2: a collection and what this client may do with it."""

    id: str
    title: str
    can_read: bool
    can_write: bool
    description: str | None = None
    alias: str | None = None
    media_types: list[str] | None = None


class Collections(Struct, omit_defaults=True):
    """Section 5.1."""

    collections: list[Collection] | None = None


class StatusDetail(Struct, omit_defaults=True):
    """What became of one object (section 4.3)."""

    id: str
    version: str
    message: str | None = None


class Status(Struct, omit_defaults=True):
    """Section 4.3: what became of a request to add objects."""

    id: str
    status: str
    request_timestamp: str
    total_count: int
    success_count: int
    failure_count: int
    pending_count: int
    successes: list[StatusDetail] | None = None
    failures: list[StatusDetail] | None = None
    pendings: list[StatusDetail] | None = None


class Error(Struct, omit_defaults=True):
    """Section 3.6.1: why a request did not succeed; ``http_status`` is a text in the standard."""

    title: str
    description: str | None = None
    error_id: str | None = None
    http_status: str | None = None
    details: dict[str, Any] | None = None


def as_bytes(resource: Struct) -> bytes:
    """The resource in JSON."""
    return msgspec.json.encode(resource)
