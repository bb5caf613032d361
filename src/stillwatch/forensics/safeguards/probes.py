"""Probes: prompts that a guarded model usually declines, harmless whatever comes back.

>>> len(built_in()), built_in()[0].id
(24, 'review-own-shop')
"""

import tomllib
from collections import Counter
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

from stillwatch.errors import NoReadableInput
from stillwatch.forensics.documents import read_lines


class Probe(msgspec.Struct, frozen=True):
    """One probe; ``kind`` groups probes in the report, "ordinary" ones should be answered."""

    id: str
    prompt: str
    kind: str = "own"


@cache
def built_in() -> tuple[Probe, ...]:
    """The set that ships with this version."""
    data = tomllib.loads(resources.files("stillwatch.forensics.safeguards").joinpath("probes.toml").read_text("utf-8"))
    return msgspec.convert(tuple(data["probes"]), tuple[Probe, ...])


def read_probes(path: Path) -> list[Probe]:
    """The user's own set: JSON Lines with ``id``, ``prompt`` and perhaps ``kind``. Raises NoReadableInput if an id repeats."""
    probes = read_lines(path, Probe, "probes")
    repeated = [name for name, count in Counter(probe.id for probe in probes).items() if count > 1]
    if repeated:
        raise NoReadableInput(f"the id {repeated[0]!r} occurs more than once", place=str(path), cure="give each probe its own id")
    return probes
