"""Reading a request to add objects: an envelope's bytes taken apart into candidates and refusals, each on its own.

Rules: an entry that cannot be stored does not harm its neighbours; a body that is no envelope is refused as a whole (NotABundle).
In a guarded collection the border's own reader judges types, dates, markings and references; in an open one any STIX object will
do.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from stillwatch.hub.access.directory import Collection
from stillwatch.hub.receipt.candidate import Candidate, Refusal, candidate, refusal
from stillwatch.sharing.stix.entries import NotABundle, entries
from stillwatch.sharing.stix.limits import Limits
from stillwatch.sharing.stix.received import read_bundle

Read = Candidate | Refusal


def read_envelope(body: bytes, collection: Collection, now: datetime) -> list[Read]:
    """What is in an envelope, in its order. Raises NotABundle if it is none or has no objects."""
    reader = _guarded(body, now) if collection.guarded else _open(body)
    found = [_fitting(one, collection) for one in reader]
    if not found:
        raise NotABundle("there are no objects in it")
    return found


def _open(body: bytes) -> Iterator[Read]:
    for entry in entries(_text(body), Limits()):
        if entry.fault:
            yield refusal(entry.position, entry.value, entry.fault)
        else:
            yield candidate(entry.position, entry.text.encode(), entry.value)


def _guarded(body: bytes, now: datetime) -> Iterator[Read]:
    reading = read_bundle(body, now)
    if reading.refused and reading.refused[0].position is None:
        raise NotABundle(reading.refused[0].reason.removeprefix("no bundle: "))
    taken: list[Read] = [candidate(one.position, one.text.encode(), msgspec.json.decode(one.text)) for one in reading.accepted]
    left = [refusal(one.position or 0, {"id": one.id}, one.reason) for one in reading.refused]
    yield from sorted([*taken, *left], key=lambda one: one.position)


def _fitting(one: Read, collection: Collection) -> Read:
    """A candidate of a version of STIX that the collection takes."""
    if isinstance(one, Refusal) or one.spec_version in collection.spec_versions:
        return one
    return refusal(one.position, one.value, f"the collection takes STIX {' and '.join(collection.spec_versions)} only")


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotABundle(f"no UTF-8 at byte {error.start}") from error
