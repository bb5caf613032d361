"""Whose request it is: the account and cohort that a serving front end adds to a vLLM request.

``SamplingParams.extra_args`` (``vllm_xargs`` over HTTP) carries ``stillwatch_account`` and ``stillwatch_cohort``. The front end
sets them and removes what a caller sends under these names; requests without them are not marked.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from stillwatch.forensics.watermark.keyed_hash import Words
from stillwatch.forensics.watermark.keys import commitment, marking_keys

ACCOUNT = "stillwatch_account"
COHORT = "stillwatch_cohort"
_KEYS_KEPT = 65_536


class Owner(NamedTuple):
    """Account and cohort of a request, by the names that their keys were derived from."""

    account: str
    cohort: str


def owner_of(extra_args: Mapping[str, Any] | None) -> Owner | None:
    """The owner, or None if the request names none. Raises ValueError (as vLLM expects) if it names half of one."""
    account, cohort = ((extra_args or {}).get(name) for name in (ACCOUNT, COHORT))
    if account is None and cohort is None:
        return None
    if not (isinstance(account, str) and isinstance(cohort, str) and account and cohort):
        raise ValueError(f"{ACCOUNT} and {COHORT} must both be given, as text that is not empty")
    return Owner(account, cohort)


class KeyRing:
    """The rows of keys of owners, derived once each. Raises UsageError if the secret is too short.

    ``commitment`` is what plans of examinations name the secret by.
    """

    def __init__(self, secret: bytes) -> None:
        self.commitment = commitment(secret)
        self._row = lru_cache(_KEYS_KEPT)(lambda owner: marking_keys(secret, cohort=owner.cohort, account=owner.account).row())

    def row(self, owner: Owner) -> Words:
        """The row, uint64 (8,)."""
        return self._row(owner)
