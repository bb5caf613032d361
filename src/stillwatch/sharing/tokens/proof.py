"""Proofs that a whole batch was evaluated under one key: DLEQ, RFC 9497, section 2.2.

A proof shows, for elements C and D, that every D[i] is k C[i] with the k of the public key, and nothing else about k. It is made
over two composites, sums of all C and of all D with weights drawn by hashing, so one proof of 64 bytes serves a batch.

>>> from stillwatch.sharing.tokens.suite import derive_key_pair, hash_to_group
>>> key = derive_key_pair(bytes(32), b"synthetic", Mode.VOPRF)
>>> sent = [hash_to_group(b"a", Mode.VOPRF), hash_to_group(b"b", Mode.VOPRF)]
>>> answered = [multiply(key.secret, each) for each in sent]
>>> verifies(prove(key, sent, answered), key.public, sent, answered)
True
>>> verifies(prove(key, sent, answered), key.public, sent, answered[::-1])
False
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from stillwatch.sharing.tokens.group import (
    SIZE,
    InvalidElement,
    InvalidScalar,
    add,
    base,
    multiply,
    random_scalar,
    read_scalar,
    scalar_difference,
    scalar_product,
)
from stillwatch.sharing.tokens.suite import InputRefused, KeyPair, Mode, hash_to_scalar, prefixed

LARGEST_BATCH = 2**16 - 1
"""Elements that one proof can cover."""
PROOF_SIZE = 2 * SIZE


def check_batch(size: int) -> None:
    """Raise InputRefused if no proof can cover a batch of this size."""
    if not 0 < size <= LARGEST_BATCH:
        raise InputRefused(f"a batch of {size:,} elements", cure=f"send from 1 to {LARGEST_BATCH:,}")


def prove(
    key: KeyPair, sent: Sequence[bytes], answered: Sequence[bytes], mode: Mode = Mode.VOPRF, randomness: bytes | None = None
) -> bytes:
    """``GenerateProof``: 64 bytes, the challenge and the response.

    ``randomness`` is a scalar, drawn anew unless given; given twice for two proofs it betrays the key. Raises InvalidElement if
    an element is none, InputRefused if the batch is empty or too large.
    """
    combined = _sum(multiply(weight, each) for weight, each in zip(_weights(key.public, sent, answered, mode), sent, strict=True))
    drawn = random_scalar() if randomness is None else randomness
    challenge = _challenge(key.public, combined, multiply(key.secret, combined), base(drawn), multiply(drawn, combined), mode)
    return challenge + scalar_difference(drawn, scalar_product(challenge, key.secret))


def verifies(proof: bytes, public: bytes, sent: Sequence[bytes], answered: Sequence[bytes], mode: Mode = Mode.VOPRF) -> bool:
    """``VerifyProof``: whether every element of ``answered`` is that of ``sent`` under the key of ``public``.

    What is malformed, the proof or an element, does not verify. Raises InputRefused if the batch is empty or too large.
    """
    if len(proof) != PROOF_SIZE or len(sent) != len(answered):
        return False
    weights = _weights(public, sent, answered, mode)
    try:
        challenge, response = read_scalar(proof[:SIZE]), read_scalar(proof[SIZE:])
        weighted = [(multiply(w, c), multiply(w, d)) for w, c, d in zip(weights, sent, answered, strict=True)]
        before, after = _sum(c for c, _ in weighted), _sum(d for _, d in weighted)
        first = add(base(response), multiply(challenge, public))
        second = add(multiply(response, before), multiply(challenge, after))
    except (InvalidElement, InvalidScalar):
        return False
    return challenge == _challenge(public, before, after, first, second, mode)


def _weights(public: bytes, sent: Sequence[bytes], answered: Sequence[bytes], mode: Mode) -> Iterator[bytes]:
    """The weight of each pair in the composites (``ComputeComposites``, section 2.2.1)."""
    check_batch(len(sent))
    seed = hashlib.sha512(prefixed(public) + prefixed(b"Seed-" + mode.context)).digest()
    return (
        hash_to_scalar(prefixed(seed) + index.to_bytes(2, "big") + prefixed(c) + prefixed(d) + b"Composite", mode)
        for index, (c, d) in enumerate(zip(sent, answered, strict=True))
    )


def _sum(points: Iterable[bytes]) -> bytes:
    rest = iter(points)
    total = next(rest)
    for point in rest:
        total = add(total, point)
    return total


def _challenge(public: bytes, before: bytes, after: bytes, first: bytes, second: bytes, mode: Mode) -> bytes:
    transcript = b"".join(map(prefixed, (public, before, after, first, second)))
    return hash_to_scalar(transcript + b"Challenge", mode)
