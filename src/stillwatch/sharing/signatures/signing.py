"""Signing: a STIX object in, the same object with a signature on it out.

Rules: sign the JSON that will be sent, after the guard released it; whoever changes it afterwards breaks the signature. Nobody
signs over a signature: take it off with ``without_signature`` first, so that replacing one is a decision and not an accident.

>>> from stillwatch.sharing.signatures.keys import generate
>>> sorted(sign({"type": "note", "content": "synthetic"}, generate()))
['content', 'extensions', 'type']
"""

import base64
from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.errors import UsageError
from stillwatch.sharing.signatures.keys import key_id
from stillwatch.sharing.signatures.signature import SIGNATURE_EXTENSION_ID, Signature, signed_bytes


def sign(unsigned: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """The object with a signature; the argument stays as it was, and its values are shared, not copied.

    Raises NotCanonical if the object holds what JSON cannot carry safely, UsageError if it is signed already.
    """
    extensions = unsigned.get("extensions", {})
    if SIGNATURE_EXTENSION_ID in extensions:
        raise UsageError("the object is signed already", place=str(unsigned.get("id", "")), cure="take the signature off first")
    value = base64.b64encode(key.sign(signed_bytes(unsigned))).decode()
    signature = msgspec.to_builtins(Signature("property-extension", "Ed25519", key_id(key.public_key()), value))
    return {**unsigned, "extensions": {**extensions, SIGNATURE_EXTENSION_ID: signature}}
