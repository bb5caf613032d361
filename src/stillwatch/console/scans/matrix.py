"""Techniques of a campaign on a matrix like that of MITRE ATLAS: a column for each stage, the techniques that were seen marked.

Rules: the columns are the stages of a distillation campaign as they stand in the threat model: getting access, asking, drawing
out, preparing the answers for training. A technique that the taxonomy brings in later and no stage names stands in the last
column, so none is lost.

>>> [cell.share for column in matrix([]) for cell in column.cells if cell.share]
[]
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stillwatch.campaigns.campaign import Technique
from stillwatch.vocabulary.taxonomy import TechniqueKind, taxonomy

STAGES: Mapping[str, tuple[str, ...]] = {
    "Get access": ("SW-T14", "SW-T13"),
    "Set tasks": ("SW-T07", "SW-T08", "SW-T09"),
    "Draw out": ("SW-T01", "SW-T02", "SW-T03", "SW-T04", "SW-T11"),
    "Judge and clean": ("SW-T05", "SW-T06", "SW-T10", "SW-T12"),
}
"""Ids of the taxonomy by stage."""


@dataclass(frozen=True)
class Cell:
    """A technique and the share of the campaign's requests that show it; 0 if it was not seen."""

    technique: TechniqueKind
    share: float


@dataclass(frozen=True)
class Column:
    """A stage and its techniques."""

    stage: str
    cells: tuple[Cell, ...]


def matrix(seen: Iterable[Technique]) -> list[Column]:
    """The whole taxonomy with what was seen of it."""
    shares = {technique.id: technique.share for technique in seen}
    placed = {name for names in STAGES.values() for name in names}
    rest = tuple(name for name in taxonomy().ids if name not in placed)
    columns = {**STAGES, **({"Further": rest} if rest else {})}
    return [
        Column(stage, tuple(Cell(taxonomy().technique(name), shares.get(name, 0.0)) for name in names))
        for stage, names in columns.items()
    ]
