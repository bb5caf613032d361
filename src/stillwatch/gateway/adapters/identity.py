"""Who asks: the account behind a request, from what an adapter knows of it.

>>> identify("header:x-account", {"x-account": "acct-1"}).account_id
'acct-1'
>>> identify("key", {"authorization": "Bearer sk-synthetic"}).account_id[:12]
'419a33ebcfe9'
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from stillwatch.errors import UsageError

_KEY_HEADERS = ("authorization", "x-api-key", "api-key", "x-goog-api-key")


class Identity(msgspec.Struct, frozen=True):
    """The account, and what else is known of it; "" where nobody is named (all such requests count as one account's)."""

    account_id: str
    org_id: str | None = None
    plan: str | None = None


def identify(account_from: str, headers: Mapping[str, str], row: Mapping[str, Any] | None = None) -> Identity:
    """The account by the setting ``account_from``; ``headers`` have lower-case names, ``row`` is the request as it was read.

    ``key``: the SHA-256 of the API key (the key itself is never kept); ``header:NAME``; ``org``, ``end_user``.
    Raises UsageError for another setting.
    """
    row = row or {}
    if account_from == "key":
        key = next((headers[name] for name in _KEY_HEADERS if headers.get(name)), "")
        return Identity(hashlib.sha256(key.removeprefix("Bearer ").encode()).hexdigest() if key else "")
    if account_from.startswith("header:"):
        return Identity(headers.get(account_from.partition(":")[2].lower(), ""))
    if account_from in ("org", "end_user"):
        return Identity(str(row.get(f"{account_from}_id") or headers.get("openai-organization", "")))
    what = f"account_from = {account_from!r} names nothing"
    raise UsageError(what, place="gateway.toml", cure="use key, org, end_user or header:NAME")
