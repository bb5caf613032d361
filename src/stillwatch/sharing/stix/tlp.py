"""TLP 2.0: how far what is marked may travel, as the objects that OASIS publishes for it.

Rules: the five marking definitions and their extension definition are fixed, byte for byte in meaning, by their publisher
(oasis-open/cti-stix-common-objects, extension-definition-specifications/tlp-2.0). They travel in every bundle that uses them. An
object that bears such an id, or says such a level under another id, and is not that object is forged.

>>> TLP.AMBER.marking_id
'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421'
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

EXTENSION_ID = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

_PUBLISHED = "2022-10-01T00:00:00.000Z"

EXTENSION: Mapping[str, Any] = {
    "type": "extension-definition",
    "spec_version": "2.1",
    "id": EXTENSION_ID,
    "created_by_ref": "identity--b3bca3c2-1f3d-4b54-b44f-dac42c3a8f01",
    "created": _PUBLISHED,
    "modified": _PUBLISHED,
    "name": "TLP 2.0",
    "description": "This defines TLP 2.0 as a STIX extension",
    "schema": "https://github.com/oasis-open/cti-stix-common-objects/tree/master/extension-definition-specifications/tlp-2.0",
    "version": "1.0.0",
    "extension_types": ["property-extension"],
}
"""The extension definition as OASIS publishes it."""


class TLP(StrEnum):
    """The levels, from the widest audience to the narrowest."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"

    @property
    def marking_id(self) -> str:
        """The id of its marking definition."""
        return f"marking-definition--{_IDS[self]}"

    @property
    def marking(self) -> dict[str, Any]:
        """Its marking definition."""
        return {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": self.marking_id,
            "created": _PUBLISHED,
            "name": f"TLP:{self.upper()}",
            "extensions": {EXTENSION_ID: {"extension_type": "property-extension", "tlp_2_0": str(self)}},
        }

    @property
    def width(self) -> int:
        """How few may see it: 0 for all, 4 for those in the room."""
        return list(TLP).index(self)


_IDS = {
    TLP.CLEAR: "94868c89-83c2-464b-929b-a1a8aa3c8487",
    TLP.GREEN: "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    TLP.AMBER: "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    TLP.AMBER_STRICT: "939a9414-2ddd-4d32-a0cd-375ea402b003",
    TLP.RED: "e828b379-4e03-4974-9ac4-e53a884c97c1",
}

_BY_MARKING = {level.marking_id: level for level in TLP}

TLP_1 = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": TLP.CLEAR,
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": TLP.GREEN,
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": TLP.AMBER,
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": TLP.RED,
}
"""The markings of TLP 1.0 that STIX 2.1 itself fixes (section 7.2.1.4), which others still use, as the levels they became."""

OF_TLP = frozenset({EXTENSION_ID, *_BY_MARKING})
"""The ids that OASIS gave to the objects of TLP 2.0."""


def strictest(markings: Iterable[str]) -> TLP | None:
    """The narrowest TLP level among the ids of marking definitions, if there is any."""
    levels = [level for marking in markings if (level := _BY_MARKING.get(marking) or TLP_1.get(marking))]
    return max(levels, key=lambda level: level.width, default=None)


def forged(thing: Mapping[str, Any]) -> str | None:
    """Why a marking definition, or the definition of the extension, is not what it says; None if nothing speaks against it."""
    name, kind = thing.get("id"), thing.get("type")
    if kind not in ("marking-definition", "extension-definition"):
        return None
    if kind == "extension-definition":
        return "it bears the id of the TLP 2.0 extension and is another" if name == EXTENSION_ID and thing != EXTENSION else None
    if level := _BY_MARKING.get(str(name)):
        return None if _same(thing, level) else f"it bears the id of TLP:{level.upper()} and is another marking"
    if str(name) in TLP_1:
        return None if thing.get("definition_type") == "tlp" and _says(thing) == TLP_1[str(name)] else "a forged TLP 1.0 marking"
    return "it says that it is a TLP marking and bears another id" if _says(thing) else None


def _same(thing: Mapping[str, Any], level: TLP) -> bool:
    """Whether it is the published marking; ``created`` may be written to another precision."""
    published = level.marking
    return {**thing, "created": _PUBLISHED} == published and str(thing.get("created", "")).startswith("2022-10-01T00:00:00")


def _says(thing: Mapping[str, Any]) -> TLP | str | None:
    """The TLP level that a marking definition claims in whatever place, or that it claims some."""
    extensions, definition = thing.get("extensions"), thing.get("definition")
    if isinstance(extensions, Mapping) and EXTENSION_ID in extensions:
        return "TLP 2.0"
    if thing.get("definition_type") == "tlp":
        said = definition.get("tlp") if isinstance(definition, Mapping) else None
        return {"white": TLP.CLEAR, "green": TLP.GREEN, "amber": TLP.AMBER, "red": TLP.RED}.get(str(said), "TLP")
    return "TLP" if str(thing.get("name", "")).strip().upper().startswith("TLP:") else None
