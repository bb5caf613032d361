"""Signing: a STIX object in, the same object with a signature on it out.

Rules: sign the JSON that will be sent, after the guard released it; whoever changes it afterwards breaks the signature. Nobody
signs over a signature: take it off with ``without_signature`` first, so that replacing one is a decision and not an accident.

>>> from stillwatch.sharing.signatures.keys import generate
>>> sorted(sign({"type": "note", "content": "synthetic"}, generate()))
['content', 'extensions', 'type']
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.errors import UsageError
from stillwatch.sharing.signatures.batch import prove
from stillwatch.sharing.signatures.keys import key_id
from stillwatch.sharing.signatures.signature import SIGNATURE_EXTENSION_ID, BatchSignature, Signature, signed_bytes

_WORTH_WHILE = 2
"""Fewer objects are no batch."""


def sign(unsigned: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """The object with a signature; the argument stays as it was, and its values are shared, not copied.

    Raises NotCanonical if the object holds what JSON cannot carry safely, UsageError if it is signed already.
    """
    content = _to_sign(unsigned)
    return _signed(unsigned, Signature("property-extension", key_id(key.public_key()), _value(content, key)))


def sign_together(unsigned: Sequence[Mapping[str, Any]], key: Ed25519PrivateKey) -> list[dict[str, Any]]:
    """The objects in their order, as one batch under one signature; each is verified by itself. Raises as ``sign`` does."""
    if len(unsigned) < _WORTH_WHILE:
        return [sign(thing, key) for thing in unsigned]
    name, proven = key_id(key.public_key()), prove([_to_sign(thing) for thing in unsigned], key)
    value = _value(proven[0].statement, key)
    return [
        _signed(thing, BatchSignature("property-extension", name, value, proof.proof))
        for thing, proof in zip(unsigned, proven, strict=True)
    ]


def _to_sign(unsigned: Mapping[str, Any]) -> bytes:
    if SIGNATURE_EXTENSION_ID in unsigned.get("extensions", {}):
        raise UsageError("the object is signed already", place=str(unsigned.get("id", "")), cure="take the signature off first")
    return signed_bytes(unsigned)


def _value(content: bytes, key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.sign(content)).decode()


def _signed(unsigned: Mapping[str, Any], signature: Signature) -> dict[str, Any]:
    extensions = unsigned.get("extensions", {})
    return {**unsigned, "extensions": {**extensions, SIGNATURE_EXTENSION_ID: msgspec.to_builtins(signature)}}
