"""Keys in three tiers from one secret: one for all traffic, one for a cohort of accounts, one (the account code) for an account.

Rules
- Every key is HKDF-SHA-256 (RFC 5869) of the secret with the tier and the name as its ``info``: the provider keeps one secret, and
  an account's key betrays neither another's nor the secret.
- Each context of previous tokens belongs to one tier, chosen by a fourth key (the selector), so the tiers never mark the same
  place and their tests rest on different places. ``SHARES`` says how many contexts in sixteen each tier has.
- The commitment fixes the secret before a suspect is looked at. Without it one could search for a key that happens to fit.

>>> secret = b"a synthetic secret of 32 bytes.."
>>> keys = marking_keys(secret, cohort="2026-w40", account="acct-7")
>>> keys.row().shape, keys.global_ == marking_keys(secret, cohort="other", account="acct-9").global_
((8,), True)
"""

import hashlib
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from stillwatch.errors import UsageError
from stillwatch.forensics.watermark.keyed_hash import Words, halves

Tier: TypeAlias = Literal["global", "cohort", "account"]
TIERS: tuple[Tier, ...] = ("global", "cohort", "account")
SHARES = (4, 4, 8)
"""Contexts in sixteen that mark with the global, the cohort and the account key: the account's signal is the one that dilutes."""
KEY_BYTES = 16
_LABEL = b"stillwatch.watermark/1"
_LEAST_SECRET_BYTES = 32


@dataclass(frozen=True)
class MarkingKeys:
    """The keys with which one account's answers are marked, each of 16 bytes."""

    selector: bytes
    global_: bytes
    cohort: bytes
    account: bytes

    def row(self) -> Words:
        """All four as the kernels take them: shape (8,), selector first, then the tiers in order."""
        return halves(self.selector + self.global_ + self.cohort + self.account)


@dataclass(frozen=True)
class TierKey:
    """What a test for one tier needs: the selector, the ``tier`` and its ``key``; ``name`` is the cohort or account, else ""."""

    selector: bytes
    tier: Tier
    name: str
    key: bytes


def marking_keys(secret: bytes, *, cohort: str, account: str) -> MarkingKeys:
    """The keys for an account of a cohort. Raises UsageError if the secret is shorter than 32 bytes."""
    derived = [
        _derived(secret, kind, name) for kind, name in (("selector", ""), ("global", ""), ("cohort", cohort), ("account", account))
    ]
    return MarkingKeys(*derived)


def tier_key(secret: bytes, tier: Tier, name: str = "") -> TierKey:
    """The key to test for. Raises UsageError for a short secret, an unknown tier, or a name where none belongs or none is given."""
    if tier not in TIERS:
        raise UsageError(f"{tier!r} is no tier", place="watermark tier", cure=f"choose one of {', '.join(TIERS)}")
    if (tier == "global") == bool(name):
        cure = "leave the name out" if name else f"name the {tier}"
        raise UsageError(f"the name {name!r} does not go with the tier {tier!r}", place="watermark tier", cure=cure)
    return TierKey(_derived(secret, "selector", ""), tier, name, _derived(secret, tier, name))


def commitment(secret: bytes) -> str:
    """64 hex digits to publish or to sign into a plan before any suspect is looked at; they betray nothing of the keys."""
    _check(secret)
    return hashlib.sha256(_LABEL + b"\0commitment\0" + secret).hexdigest()


def _derived(secret: bytes, kind: str, name: str) -> bytes:
    _check(secret)
    info = b"\0".join((_LABEL, kind.encode(), name.encode()))
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)


def _check(secret: bytes) -> None:
    if len(secret) < _LEAST_SECRET_BYTES:
        raise UsageError(f"the secret has {len(secret)} bytes", place="watermark secret", cure="make one with: openssl rand 32")
