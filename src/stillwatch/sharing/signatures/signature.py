"""A signature as it travels: a STIX property-extension, and what exactly it signs.

Rules: what is signed is the canonical JSON (RFC 8785) of the object without this extension, and without ``extensions`` if nothing
else is in it: by Ed25519 (RFC 8032) alone, or as one of a batch whose root is signed so (``batch``). The value is base64 of 64
bytes, in the one spelling that base64 has for them. The extension has all fields of its algorithm and no other, so no value in it
can change unseen.

>>> sorted(without_signature({"type": "note", "extensions": {SIGNATURE_EXTENSION_ID: {}}}))
['type']
"""

import base64
import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from stillwatch.sharing.signatures.canonical import canonical

SIGNATURE_EXTENSION_NAME = "urn:stillwatch:stix-extension:signature:1"
"""The name from which the extension's id follows as a UUID version 5 in the name space of URLs (RFC 9562)."""

SIGNATURE_EXTENSION_ID = f"extension-definition--{uuid.uuid5(uuid.NAMESPACE_URL, SIGNATURE_EXTENSION_NAME)}"
"""The id of the extension definition, published under ``docs/stix/``."""


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="algorithm", tag="Ed25519"):
    """The content of the extension: which key signed, and the signature in base64."""

    extension_type: Literal["property-extension"]
    key_id: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
    value: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9+/]{85}[AQgw]==\Z")]
    """64 bytes leave four bits of the last digit unused; only digits that have them zero are taken."""

    def bytes(self) -> bytes:
        """The 64 bytes of the signature."""
        return base64.b64decode(self.value)


class BatchSignature(Signature, frozen=True, forbid_unknown_fields=True, tag="Ed25519-batch"):
    """The content of the extension where objects were signed together: the value signs the root of a Merkle tree, and the proof
    (base64) leads from this object to the root."""

    proof: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9+/]{43,982}={0,2}\Z")]


def without_signature(signed: Mapping[str, Any]) -> dict[str, Any]:
    """The object without its signature, as it was before it was signed; its values are shared, not copied."""
    others = {name: content for name, content in signed.get("extensions", {}).items() if name != SIGNATURE_EXTENSION_ID}
    rest = {name: value for name, value in signed.items() if name != "extensions"}
    return rest | {"extensions": others} if others else rest


def signed_bytes(signed: Mapping[str, Any]) -> bytes:
    """The bytes under the signature. Raises NotCanonical."""
    return canonical(without_signature(signed))
