"""The taxonomy of distillation techniques, read from its data file.

>>> taxonomy().technique("SW-T05").name
'judge and reward'
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Literal


@dataclass(frozen=True)
class TechniqueKind:
    """A technique: stable ``id``, ``name``, ``summary`` (what it is for), what is ``seen`` of it, and its ``atlas`` id.

    ``judged`` is by ``text``, by the ``request`` (its parameters), or by the ``group`` of requests as a whole; ``since`` is
    the taxonomy's version that brought it in. A text shows it if ``at_least`` so many of its ``concepts`` (stems by concept)
    occur; ``measure`` names an account measure that is a share of requests that show it.
    """

    id: str
    name: str
    seen: str
    summary: str
    judged: Literal["text", "request", "group"]
    since: str
    concepts: dict[str, list[str]] = field(default_factory=dict)
    at_least: int = 0
    measure: str | None = None
    atlas: str = "AML.T0024.002"


@dataclass(frozen=True)
class Taxonomy:
    """All techniques of one version."""

    version: str
    atlas_version: str
    techniques: tuple[TechniqueKind, ...]

    def technique(self, name: str) -> TechniqueKind:
        """The technique with this id. Raises KeyError if there is none."""
        return {technique.id: technique for technique in self.techniques}[name]

    @property
    def ids(self) -> tuple[str, ...]:
        """All ids, in the order of the data file."""
        return tuple(technique.id for technique in self.techniques)


@cache
def taxonomy() -> Taxonomy:
    """The taxonomy that ships with this version."""
    data = tomllib.loads(resources.files("stillwatch.vocabulary").joinpath("taxonomy.toml").read_text("utf-8"))
    return Taxonomy(data["version"], data["atlas_version"], tuple(TechniqueKind(**entry) for entry in data["technique"]))
