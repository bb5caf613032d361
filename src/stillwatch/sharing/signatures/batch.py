"""A batch: many objects under one signature, each of which is verified by itself wherever it goes.

The contents are leaves of a Merkle tree (RFC 9162, section 2.1); signed are its size and root, behind a line that no canonical
JSON begins with. A proof is 16 bytes of salt, the number of the leaf (from 0) and the size (8 bytes each, big-endian), and the
hashes from the leaf to the root. Rules: a leaf is salt and content, so whoever gets one object cannot test guesses at the others by
the hashes beside it; a salt follows from the content and the private key, so signing again gives the same.

>>> from stillwatch.sharing.signatures.keys import generate
>>> key = generate()
>>> [first, second] = prove([b"a", b"b"], key)
>>> signed_statement(b"a", first.proof) == signed_statement(b"b", second.proof) == first.statement
True
"""

import base64
import hmac
from collections.abc import Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.sharing.ledger.merkle import implied_root, leaf_hash
from stillwatch.sharing.ledger.tree import completed, inclusion_proof, root

_HEAD = b"stillwatch signed batch 1\n"
_SALT, _NUMBER, _HASH = 16, 8, 32
_PLACE = _SALT + 2 * _NUMBER
_SALTS = b"stillwatch salt of a leaf 1\n"


class Proven(NamedTuple):
    """A content's proof (base64), and the statement that is signed for all of its batch."""

    proof: str
    statement: bytes


def prove(contents: Sequence[bytes], key: Ed25519PrivateKey) -> list[Proven]:
    """The proofs of contents as one batch, in their order."""
    secret, size = key.private_bytes_raw(), len(contents)
    salts = [hmac.digest(secret, _SALTS + content, "sha256")[:_SALT] for content in contents]
    hashes: dict[tuple[int, int], bytes] = {}
    for index, (salt, content) in enumerate(zip(salts, contents, strict=True)):
        hashes.update(completed(index, leaf_hash(salt + content), lambda level, position: hashes[level, position]))

    def look(level: int, position: int) -> bytes:
        return hashes[level, position]

    statement = _statement(size, root(size, look))
    return [
        Proven(base64.b64encode(salt + _place(index, size) + b"".join(inclusion_proof(index, size, look))).decode(), statement)
        for index, salt in enumerate(salts)
    ]


def signed_statement(content: bytes, proof: str) -> bytes | None:
    """What must be signed for the content to belong to the batch of its proof; None if the proof is none."""
    try:
        parts = base64.b64decode(proof)
    except ValueError:
        return None
    if len(parts) % _HASH or len(parts) < _PLACE or base64.b64encode(parts).decode() != proof:
        return None
    salt, index, size = parts[:_SALT], parts[_SALT : _SALT + _NUMBER], parts[_SALT + _NUMBER : _PLACE]
    path = [parts[at : at + _HASH] for at in range(_PLACE, len(parts), _HASH)]
    count = int.from_bytes(size)
    found = implied_root(leaf_hash(salt + content), index=int.from_bytes(index), size=count, proof=path)
    return None if found is None else _statement(count, found)


def _place(index: int, size: int) -> bytes:
    return index.to_bytes(_NUMBER) + size.to_bytes(_NUMBER)


def _statement(size: int, root_hash: bytes) -> bytes:
    return _HEAD + size.to_bytes(_NUMBER) + root_hash
