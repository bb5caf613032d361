"""A key split over two holders, so that neither alone can make a token.

The shares add up: k = k1 + k2 modulo the order of the group. Additive and not multiplicative, because then each holder answers the
member by itself, in parallel and without knowing of the other; each answer has its own proof under the holder's own public key;
and the public key of the whole is the sum of theirs, which anybody can compute (a product of shares would need one holder to
go after the other, and one more proof that the joint public key is right). A holder cannot choose its public key against the
other's: every proof shows that it knows the secret of its own share.

Either each holder draws its own seed, and nobody ever has the whole key; or a key in use is split, and its tokens stay the same.

>>> from stillwatch.sharing.tokens.epoch import epoch_key
>>> whole = epoch_key(bytes(32), "2026-q4")
>>> first, second = split(whole)
>>> joint_public([first.public, second.public]) == whole.public
True
"""

from collections.abc import Sequence
from functools import reduce

from stillwatch.sharing.tokens.group import add, random_scalar, scalar_difference
from stillwatch.sharing.tokens.suite import KeyPair


def split(key: KeyPair) -> tuple[KeyPair, KeyPair]:
    """Two shares of a key, the first drawn at random: each alone says nothing about the key. Destroy the key afterwards."""
    first = random_scalar()
    return KeyPair.of(first), KeyPair.of(scalar_difference(key.secret, first))


def joint_public(publics: Sequence[bytes]) -> bytes:
    """The public key of all holders together: the sum of theirs."""
    return reduce(add, publics)


def summed(answers: Sequence[Sequence[bytes]]) -> list[bytes]:
    """Element by element the sum of what the holders answered; check their proofs first."""
    return [reduce(add, each) for each in zip(*answers, strict=True)]
