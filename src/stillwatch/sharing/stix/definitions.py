"""The published definitions: an extension-definition and a JSON Schema for each extension, and all objects that are constants.

>>> definition("campaign").version
'1.0.0'
"""

import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from stillwatch.sharing.signatures.signature import SIGNATURE_EXTENSION_ID, BatchSignature, Signature
from stillwatch.sharing.stix.extensions import EXTENSIONS, VERSION, extension_id
from stillwatch.sharing.stix.objects import ExtensionDefinition, as_json
from stillwatch.sharing.stix.policies import policy_marking
from stillwatch.sharing.stix.project import PROJECT, PUBLISHED
from stillwatch.sharing.stix.techniques import taxonomy_objects
from stillwatch.sharing.stix.tlp import EXTENSION, TLP

PUBLISHED_TYPES: Mapping[str, type[msgspec.Struct]] = {**EXTENSIONS, "signature": Signature}
"""The content of each extension, by name."""
_BESIDE: Mapping[str, type[msgspec.Struct]] = {"signature": BatchSignature}
"""The other form that a content may have."""


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of an extension's content."""
    kind = PUBLISHED_TYPES[name]
    forms = kind | _BESIDE[name] if name in _BESIDE else kind
    made: dict[str, Any] = _without_line_breaks(msgspec.json.schema(forms))
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:stillwatch:stix-extension:{name}:{VERSION}:schema",
        "title": f"Stillwatch extension: {name}",
    }
    return head | made


def definition(name: str) -> ExtensionDefinition:
    """The extension-definition, its schema inside, so that who gets a bundle needs nothing else to read it."""
    return ExtensionDefinition(
        id=SIGNATURE_EXTENSION_ID if name == "signature" else extension_id(name),
        spec_version="2.1",
        created=PUBLISHED,
        modified=PUBLISHED,
        created_by_ref=PROJECT.id,
        name=f"Stillwatch {name}",
        description=" ".join(inspect.getdoc(PUBLISHED_TYPES[name]).split()),  # type: ignore[union-attr]
        schema=msgspec.json.encode(schema(name)).decode(),
        version=f"{VERSION}.0.0",
        extension_types=("property-extension",),
    )


@cache
def constants() -> Mapping[str, Mapping[str, Any]]:
    """Every object that is the same for everybody in this version, by id."""
    return {str(thing["id"]): thing for thing in _constants()}


def _constants() -> Iterator[Mapping[str, Any]]:
    yield as_json(PROJECT)
    yield EXTENSION
    for name in PUBLISHED_TYPES:
        yield as_json(definition(name))
    for level in TLP:
        yield level.marking
        yield as_json(policy_marking(level))
    for thing in taxonomy_objects():
        yield as_json(thing)


def _without_line_breaks(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: " ".join(content.split()) if name == "description" and isinstance(content, str) else _without_line_breaks(content)
            for name, content in value.items()
        }
    return [_without_line_breaks(item) for item in value] if isinstance(value, list) else value
