"""Evaluation: whoever holds a key of tokens, or a share of one, behind one interface.

Rules: an evaluator takes blinded elements and sees no identifier; it answers a batch whole or not at all, with one proof for the
batch. It evaluates only under the epochs that are open. What a member may ask (``quota.py``) and the record of it
(``recorded.py``) are evaluators around an evaluator. Nothing here needs a network; the hub serves the same interface over one.

>>> from stillwatch.sharing.tokens.suite import Mode, hash_to_group
>>> evaluator = LocalEvaluator.of(bytes(32), ["2026-q4"])
>>> evaluator.evaluate([hash_to_group(b"synthetic", Mode.VOPRF)], "2026-q3", "member-a")
Traceback (most recent call last):
stillwatch.sharing.tokens.evaluator.EpochClosed: epoch '2026-q3' is not open
  to mend it: use one of 2026-q4
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from stillwatch.errors import RefusedByPolicy
from stillwatch.sharing.tokens.epoch import epoch_key
from stillwatch.sharing.tokens.oprf import blind_evaluate
from stillwatch.sharing.tokens.proof import check_batch, prove
from stillwatch.sharing.tokens.suite import KeyPair


class EpochClosed(RefusedByPolicy):
    """No key is in use under this epoch."""


@dataclass(frozen=True)
class Evaluation:
    """The evaluated elements, in the order of the blinded ones (32 bytes each), and the proof for all of them (64 bytes)."""

    elements: Sequence[bytes]
    proof: bytes


class Evaluator(Protocol):
    """Whoever evaluates blinded elements."""

    def evaluate(self, blinded: Sequence[bytes], epoch: str, member: str) -> Evaluation:
        """Evaluate 1 to 65,535 blinded elements for a member.

        Raises InvalidElement, with its index, if one is none; InputRefused for a batch too small or too large; EpochClosed, or
        another RefusedByPolicy, if the member may not have it. After an error nothing was answered.
        """
        ...


@dataclass(frozen=True)
class LocalEvaluator:
    """The holder of keys in this process: the key pair of each open epoch."""

    keys: Mapping[str, KeyPair]

    @classmethod
    def of(cls, seed: bytes, epochs: Iterable[str]) -> "LocalEvaluator":
        """The evaluator whose keys come from a seed, open for these epochs."""
        return cls({epoch: epoch_key(seed, epoch) for epoch in epochs})

    def evaluate(self, blinded: Sequence[bytes], epoch: str, member: str) -> Evaluation:
        """As Evaluator says."""
        key = self.keys.get(epoch)
        if key is None:
            raise EpochClosed(f"epoch {epoch[:40]!r} is not open", cure=f"use one of {', '.join(sorted(self.keys)) or 'none now'}")
        check_batch(len(blinded))
        evaluated = blind_evaluate(key, blinded)
        return Evaluation(evaluated, prove(key, blinded, evaluated))
