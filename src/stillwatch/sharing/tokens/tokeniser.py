"""Tokenisers: from canonical forms to the values of tokens, for a member that asks the holders and for who holds the key.

Rules: a member blinds, asks each holder, checks each proof against the public key that it knows beforehand, and only then goes on:
one answer that does not verify, and the whole batch gives nothing. Public keys must reach members by another way than the answers
(the ledger, a signed note): a holder who names its own key could have one for each member. Who holds the whole key gets the same
tokens of its own lists without blinding, at a fifth of the work.

>>> from stillwatch.sharing.tokens.epoch import epoch_key
>>> from stillwatch.sharing.tokens.evaluator import LocalEvaluator
>>> key = epoch_key(bytes(32), "2026-q4")
>>> member = MemberTokeniser("2026-q4", "member-a", (Holder(LocalEvaluator({"2026-q4": key}), key.public),))
>>> tokens(member, [("email", "jane@example.com")]) == tokens(KeyTokeniser("2026-q4", key), [("email", "Jane@Example.com")])
True
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from stillwatch.errors import StillwatchError, UsageError
from stillwatch.sharing.tokens.canonical import canonical
from stillwatch.sharing.tokens.evaluator import Evaluator
from stillwatch.sharing.tokens.oprf import blind, evaluate, finalize
from stillwatch.sharing.tokens.proof import verifies
from stillwatch.sharing.tokens.split import joint_public, summed
from stillwatch.sharing.tokens.suite import KeyPair, Mode
from stillwatch.sharing.tokens.token import VALUE_SIZE, Token

BATCH = 4096
"""Elements that a member sends at once: the proof costs little beside them, and a retry little either."""


class ProofRefused(StillwatchError):
    """A holder's answer is not that of its public key."""


class Tokeniser(Protocol):
    """Whoever makes tokens under the key of one epoch. Chunks of a file go to other processes, so it can be pickled."""

    @property
    def epoch(self) -> str:
        """The epoch whose tokens it makes."""
        ...

    @property
    def public(self) -> bytes:
        """The public key of the epoch (32 bytes)."""
        ...

    def values(self, inputs: Sequence[bytes]) -> list[bytes]:
        """The value of the token (32 bytes) of each canonical form, in order."""
        ...


@dataclass(frozen=True)
class KeyTokeniser:
    """The holder of the key, for its own lists: no blinding, no proof."""

    epoch: str
    key: KeyPair

    @property
    def public(self) -> bytes:
        """As Tokeniser says."""
        return self.key.public

    def values(self, inputs: Sequence[bytes]) -> list[bytes]:
        """As Tokeniser says."""
        return [evaluate(self.key, each, Mode.VOPRF)[:VALUE_SIZE] for each in inputs]


@dataclass(frozen=True)
class Holder:
    """A holder of the key or of a share, and the public key (32 bytes) under which it must answer in this epoch."""

    evaluator: Evaluator
    public: bytes


@dataclass(frozen=True)
class MemberTokeniser:
    """A member that asks the holders, one or all of a split key, and shows them nothing."""

    epoch: str
    member: str
    holders: tuple[Holder, ...]

    def __post_init__(self) -> None:
        if not self.holders:
            raise UsageError("nobody holds the key", place="holders", cure="name the holder, or all of a split key")

    @property
    def public(self) -> bytes:
        """As Tokeniser says: for a split key that of all shares together."""
        return joint_public([holder.public for holder in self.holders])

    def values(self, inputs: Sequence[bytes]) -> list[bytes]:
        """As Tokeniser says; raises ProofRefused if a proof does not verify, and what the evaluators raise."""
        return [value for start in range(0, len(inputs), BATCH) for value in self._batch(inputs[start : start + BATCH])]

    def _batch(self, inputs: Sequence[bytes]) -> list[bytes]:
        blinding = blind(inputs, Mode.VOPRF)
        answers = [self._asked(number, holder, blinding.elements) for number, holder in enumerate(self.holders, 1)]
        return [output[:VALUE_SIZE] for output in finalize(blinding, summed(answers))]

    def _asked(self, number: int, holder: Holder, blinded: Sequence[bytes]) -> Sequence[bytes]:
        answer = holder.evaluator.evaluate(blinded, self.epoch, self.member)
        if not verifies(answer.proof, holder.public, blinded, answer.elements):
            what = "the answer does not prove that it was made with the key of this epoch"
            raise ProofRefused(what, place=f"holder {number}", cure="compare the public key with other members; use no token of it")
        return answer.elements


def tokens(tokeniser: Tokeniser, identifiers: Iterable[tuple[str, str]]) -> list[Token]:
    """The token of each (kind, value), in order. Raises IdentifierRefused if one is none, and what the tokeniser raises."""
    listed = list(identifiers)
    values = tokeniser.values([canonical(kind, value) for kind, value in listed])
    return [Token(tokeniser.epoch, kind, value) for (kind, _), value in zip(listed, values, strict=True)]
