"""The protocols OPRF and VOPRF of RFC 9497, section 3.3, over batches.

1. The client hashes each input to the group and blinds it with a scalar of its own (``blind``).
2. The server multiplies each blinded element by its key; it sees uniformly random elements only (``blind_evaluate``).
3. The client takes its blinds off and hashes the result together with the input (``finalize``).

In VOPRF mode the server's proof must be checked (``proof.verifies``) before ``finalize``. Whoever holds the key gets the same
output of an input without blinding (``evaluate``).

>>> from stillwatch.sharing.tokens.suite import derive_key_pair
>>> key = derive_key_pair(bytes(32), b"synthetic", Mode.VOPRF)
>>> blinding = blind([b"synthetic"], Mode.VOPRF)
>>> finalize(blinding, blind_evaluate(key, blinding.elements)) == [evaluate(key, b"synthetic", Mode.VOPRF)]
True
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from stillwatch.sharing.tokens.group import InvalidElement, inverses, multiply, random_scalar
from stillwatch.sharing.tokens.suite import KeyPair, Mode, hash_to_group, prefixed


@dataclass(frozen=True)
class Blinding:
    """A batch of inputs, the secret blind of each, and the blinded elements, which are all that the server may see."""

    inputs: tuple[bytes, ...] = field(repr=False)
    blinds: tuple[bytes, ...] = field(repr=False)
    elements: tuple[bytes, ...]


def blind(inputs: Sequence[bytes], mode: Mode, blinds: Sequence[bytes] | None = None) -> Blinding:
    """``Blind`` for each input; ``blinds`` are scalars, drawn anew unless given. Raises InputRefused if an input is too long."""
    drawn = tuple(random_scalar() for _ in inputs) if blinds is None else tuple(blinds)
    elements = tuple(multiply(factor, hash_to_group(each, mode)) for factor, each in zip(drawn, inputs, strict=True))
    return Blinding(tuple(inputs), drawn, elements)


def blind_evaluate(key: KeyPair, elements: Sequence[bytes]) -> list[bytes]:
    """``BlindEvaluate`` without the proof. Raises InvalidElement, with the index as its place, if an element is none."""
    evaluated = []
    for index, each in enumerate(elements):
        try:
            evaluated.append(multiply(key.secret, each))
        except InvalidElement as error:
            raise InvalidElement(error.what, place=f"element {index}", cure=error.cure) from error
    return evaluated


def finalize(blinding: Blinding, evaluated: Sequence[bytes]) -> list[bytes]:
    """``Finalize`` for each input: outputs of 64 bytes. Raises InvalidElement if an evaluated element is none."""
    off = inverses(blinding.blinds)
    return [
        _output(each, multiply(factor, answer))
        for each, factor, answer in zip(blinding.inputs, off, evaluated, strict=True)
    ]  # fmt: skip


def evaluate(key: KeyPair, value: bytes, mode: Mode) -> bytes:
    """``Evaluate``: the output of 64 bytes for one input, without blinding; only who holds the key can do it."""
    return _output(value, multiply(key.secret, hash_to_group(value, mode)))


def _output(value: bytes, unblinded: bytes) -> bytes:
    return hashlib.sha512(prefixed(value) + prefixed(unblinded) + b"Finalize").digest()
