"""A correction: a statement that one released, said again as it should have been, or taken back.

Rules: only one's own statement, and its latest version, as the releases in the outbox have it. The new version keeps id and time of
making; it bears the old one's markings, and loses the signature that no longer fits. What is revoked has no later version.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.sharing.signatures.signature import without_signature
from stillwatch.sharing.stix.objects import timestamp
from stillwatch.sharing.stix.received import read_bundle


def released(name: str, releases: Iterable[Path], member: str, now: datetime) -> dict[str, Any]:
    """The latest version of a statement in releases, without its signature.

    Raises NoReadableInput if none has it, UsageError if it is not the member's own or is revoked.
    """
    found = [one for path in releases for one in read_bundle(_read(path), now).accepted if one.id == name and one.modified]
    if not found:
        cure = "name an object of a release, and with --outbox where releases are"
        raise NoReadableInput("no release has this statement", place=name, cure=cure)
    value = max(found, key=lambda one: one.modified or now).value
    if value.get("created_by_ref", member) != member:
        raise UsageError("another member said this", place=name, cure="say what you think of it with `stillwatch opinion`")
    if value.get("revoked"):
        raise UsageError("it is revoked, and what is revoked has no later version", place=name, cure="share it anew")
    return without_signature(value)


def corrected(value: Mapping[str, Any], changes: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The next version of a statement, with these changes.

    >>> from datetime import UTC
    >>> corrected({"id": "note--1", "confidence": 80}, {"confidence": 20}, datetime(2026, 11, 24, tzinfo=UTC))
    {'id': 'note--1', 'confidence': 20, 'modified': '2026-11-24T00:00:00.000Z'}
    """
    return {**value, **changes, "modified": timestamp(now)}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NoReadableInput(f"it cannot be read ({error.strerror})", place=str(path), cure="name a release") from error
