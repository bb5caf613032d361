"""The taxonomy of distillation techniques, read from its data file.

>>> taxonomy().technique("SW-T05").name
'judge and reward'
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class TechniqueKind:
    """A technique: stable ``id``, ``name``, what is ``seen`` of it, and how it is recognised.

    Either ``concepts`` (stems by concept, of which ``at_least`` so many must occur in a text) or ``measure`` (the name of an
    account measure that is a share of requests).
    """

    id: str
    name: str
    seen: str
    concepts: dict[str, list[str]] = field(default_factory=dict)
    at_least: int = 0
    measure: str | None = None
    atlas: str = "AML.T0024.002"


@dataclass(frozen=True)
class Taxonomy:
    """All techniques of one version."""

    version: str
    techniques: tuple[TechniqueKind, ...]

    def technique(self, name: str) -> TechniqueKind:
        """The technique with this id. Raises KeyError if there is none."""
        return {technique.id: technique for technique in self.techniques}[name]


@cache
def taxonomy() -> Taxonomy:
    """The taxonomy that ships with this version."""
    data = tomllib.loads(resources.files("stillwatch.vocabulary").joinpath("taxonomy.toml").read_text("utf-8"))
    return Taxonomy(data["version"], tuple(TechniqueKind(**entry) for entry in data["technique"]))
