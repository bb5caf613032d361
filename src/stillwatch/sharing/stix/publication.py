"""What ``docs/stix/`` holds: for each extension its definition and JSON Schema, the markings, and the taxonomy, each as a file.

>>> "campaign.schema.json" in files()
True
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from stillwatch.sharing.stix.bundle import assembled
from stillwatch.sharing.stix.definitions import PUBLISHED_TYPES, definition, schema
from stillwatch.sharing.stix.objects import as_json
from stillwatch.sharing.stix.policies import policy_marking
from stillwatch.sharing.stix.techniques import taxonomy_objects
from stillwatch.sharing.stix.tlp import TLP


def files() -> dict[str, bytes]:
    """The files by name."""
    made: dict[str, Any] = {f"{name}.schema.json": schema(name) for name in PUBLISHED_TYPES}
    made["extension-definitions.json"] = _bundle(as_json(definition(name)) for name in PUBLISHED_TYPES)
    made["markings.json"] = _bundle(marking for level in TLP for marking in (level.marking, as_json(policy_marking(level))))
    made["taxonomy.json"] = _bundle(map(as_json, taxonomy_objects()))
    return {name: msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n" for name, content in made.items()}


def _bundle(objects: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return assembled(list(objects))
