"""The serving record: what is signed and kept when a sampled request is answered, digests only, never text.

Rules
- Made at serving time, before the twin is drawn; signed with the provider's Ed25519 key (RFC 8032) over its RFC 8785 form.
- The account is a pseudonym; prompt and answer are there as SHA-256 of their UTF-8 bytes.

>>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
>>> key = Ed25519PrivateKey.generate()
>>> asked, told, ts = digest("Why?"), digest("Because."), "2026-10-01T00:00:00Z"
>>> record = ServingRecord("req-1", ts, "acct-7", asked, "m-1", Sampler(1.0), told, commitment="0" * 64)
>>> is_genuine(signed(record, key), key.public_key())
True
"""

import base64
import hashlib

import msgspec
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class Sampler(msgspec.Struct, frozen=True):
    """How the answer was drawn. Both twins share it; ``temperature`` 0 means that there is no chance and no twin."""

    temperature: float
    top_p: float = 1.0
    max_output_tokens: int | None = None


class ServingRecord(msgspec.Struct, frozen=True):
    """One sampled request: who (pseudonym), what (digests), from which ``snapshot`` and how, and the commitment to its coins."""

    request_id: str
    ts: str
    account: str
    prompt_digest: str
    snapshot: str
    sampler: Sampler
    answer_digest: str
    commitment: str
    signature: str = ""


class ServedAnswer(msgspec.Struct, frozen=True):
    """A sampled request as the provider's own log has it, with texts; ``account`` is a pseudonym already."""

    request_id: str
    ts: str
    account: str
    prompt: str
    answer: str
    snapshot: str
    sampler: Sampler


def record_of(served: ServedAnswer, commitment: str, key: Ed25519PrivateKey) -> ServingRecord:
    """The signed record of a served answer whose coins have this commitment."""
    return signed(
        ServingRecord(
            request_id=served.request_id,
            ts=served.ts,
            account=served.account,
            prompt_digest=digest(served.prompt),
            snapshot=served.snapshot,
            sampler=served.sampler,
            answer_digest=digest(served.answer),
            commitment=commitment,
        ),
        key,
    )


def digest(text: str) -> str:
    """SHA-256 of the UTF-8 bytes, 64 hex digits; a lone surrogate counts as the replacement character."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def signed(record: ServingRecord, key: Ed25519PrivateKey) -> ServingRecord:
    """The record with the provider's signature (base64)."""
    return msgspec.structs.replace(record, signature=base64.b64encode(key.sign(_signed_bytes(record))).decode())


def is_genuine(record: ServingRecord, key: Ed25519PublicKey) -> bool:
    """Whether the record is as the holder of the key signed it."""
    try:
        key.verify(base64.b64decode(record.signature, validate=True), _signed_bytes(record))
    except (InvalidSignature, ValueError):
        return False
    return True


def _signed_bytes(record: ServingRecord) -> bytes:
    return rfc8785.dumps(msgspec.to_builtins(msgspec.structs.replace(record, signature="")))
