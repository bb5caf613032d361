"""What was passed on: the ids in the bundles of an outbox, so that evidence is known as shared and a pardon can travel after it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from stillwatch.errors import NoReadableInput
from stillwatch.gateway.evidence import Indicator


class _Object(msgspec.Struct):
    id: str


class _Bundle(msgspec.Struct):
    objects: list[_Object]


def released_ids(outbox: Path) -> set[str]:
    """The ids of all objects in the bundles of a folder. Raises NoReadableInput for a bundle that cannot be read."""
    found: set[str] = set()
    for path in sorted(outbox.glob("*.json")):
        try:
            found |= {thing.id for thing in msgspec.json.decode(path.read_bytes(), type=_Bundle).objects}
        except (OSError, msgspec.MsgspecError) as error:
            raise NoReadableInput(f"no bundle: {error}", place=str(path), cure="name the folder of released bundles") from error
    return found


def marked_shared(indicators: Iterable[Indicator], released: set[str]) -> Iterator[Indicator]:
    """The indicators, those of a released campaign marked so."""
    for indicator in indicators:
        campaign = indicator.id.partition(" ")[0]
        yield replace(indicator, shared=True) if campaign in released else indicator
