"""The taxonomy of distillation techniques as attack-patterns, each pointing to the technique of MITRE ATLAS that it belongs to.

Rules: an entry's id follows from its technique's id, so a later version of the taxonomy gives a later version of the same object.
The ATLAS id is an external reference, which travels with the object; the taxonomy as a whole (``taxonomy_objects``, published as
``docs/stix/taxonomy.json``) also relates each entry to the ATLAS object itself.

>>> attack_pattern("SW-T05").name
'judge and reward'
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from stillwatch.sharing.stix.extensions import TechniqueEntry
from stillwatch.sharing.stix.ids import statement_id
from stillwatch.sharing.stix.objects import AttackPattern, Extensions, ExternalReference, Relationship
from stillwatch.sharing.stix.project import PROJECT, PUBLISHED
from stillwatch.vocabulary.taxonomy import TechniqueKind, taxonomy

ATLAS_OBJECTS = {
    "AML.T0008.005": "attack-pattern--647ac4ac-b2bc-53f7-ab83-81f421a1f0b5",
    "AML.T0021": "attack-pattern--d3d7763a-58e1-5e38-84fd-3abea967cb08",
    "AML.T0065": "attack-pattern--6e148299-0460-5d0b-9741-467437464d3d",
    "AML.T0040": "attack-pattern--5ac1f849-523e-51bf-a1e9-1a97ab91cc91",
    "AML.T0024": "attack-pattern--85fed2c6-e2df-595e-88bf-f356a17cec21",
    "AML.T0024.002": "attack-pattern--3f567912-629a-5e0b-ab0c-0102977c2d6c",
    "AML.T0005.001": "attack-pattern--298dc6c6-5683-5475-b724-2a2a3db3a7dc",
    "AML.T0048.004": "attack-pattern--73772ced-edba-578c-bacd-703e082a9c57",
}
"""The STIX objects of ATLAS techniques, by ATLAS id."""

_ISSUED = {"1.1": datetime(2026, 11, 1, tzinfo=UTC)}
"""When each version of the taxonomy was issued."""


def technique_ref(technique: str) -> str:
    """The id of a technique's attack-pattern."""
    return statement_id("attack-pattern", technique)


def attack_pattern(technique: str) -> AttackPattern:
    """A technique of the taxonomy as an attack-pattern. Raises KeyError if there is none of this id."""
    entry = taxonomy().technique(technique)
    return AttackPattern(
        id=technique_ref(technique),
        spec_version="2.1",
        created=PUBLISHED,
        modified=_ISSUED[taxonomy().version],
        created_by_ref=PROJECT.id,
        name=entry.name,
        description=f"{entry.summary} Seen in requests: {entry.seen}",
        external_references=_references(entry),
        extensions=Extensions(
            technique=TechniqueEntry(
                technique=entry.id, taxonomy_version=taxonomy().version, since=entry.since, judged=entry.judged
            )
        ),
    )


def taxonomy_objects() -> Iterator[AttackPattern | Relationship]:
    """All attack-patterns of this version, each followed by its relationship to its ATLAS object."""
    for technique in taxonomy().ids:
        pattern = attack_pattern(technique)
        yield pattern
        target = ATLAS_OBJECTS[taxonomy().technique(technique).atlas]
        yield Relationship(
            id=statement_id("relationship", pattern.id, "related-to", target),
            spec_version="2.1",
            created=pattern.created,
            modified=pattern.modified,
            created_by_ref=PROJECT.id,
            relationship_type="related-to",
            source_ref=pattern.id,
            target_ref=target,
        )


def _references(entry: TechniqueKind) -> tuple[ExternalReference, ...]:
    atlas = f"https://atlas.mitre.org/techniques/{entry.atlas}"
    return (
        ExternalReference(source_name="stillwatch-taxonomy", external_id=entry.id),
        ExternalReference(source_name="mitre-atlas", external_id=entry.atlas, url=atlas),
    )
