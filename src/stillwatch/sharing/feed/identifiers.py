"""Identifiers of accounts, for tokens: which of the accounts' attributes are identifiers, and their tokens.

Rules: an attribute that has no canonical form makes no token. Identifiers are read where they are and never leave; tokens do.
"""

from collections.abc import Collection, Iterable, Mapping

import pyarrow as pa

from stillwatch.sharing.tokens.canonical import canonical
from stillwatch.sharing.tokens.forms.text import IdentifierRefused
from stillwatch.sharing.tokens.token import Token
from stillwatch.sharing.tokens.tokeniser import Tokeniser, tokens

COLUMNS: Mapping[str, str] = {"payment-fingerprint": "payment_fingerprint", "device-id": "device_id"}
"""The column of the accounts table in which an identifier of each kind stands."""


def attributes(accounts: pa.Table) -> dict[str, dict[str, str]]:
    """By kind of identifier, that of each account that has one."""
    names = accounts["account_id"].to_pylist()
    return {
        kind: {name: value for name, value in zip(names, accounts[column].to_pylist(), strict=True) if value}
        for kind, column in COLUMNS.items()
        if column in accounts.schema.names
    }


def tokens_of(accounts: Collection[str], known: Mapping[str, Mapping[str, str]], tokeniser: Tokeniser) -> list[Token]:
    """The tokens of these accounts' names and ``known`` attributes, each once. Raises what the tokeniser raises."""
    pairs = [("account-name", account) for account in accounts]
    pairs += [(kind, values[account]) for kind, values in known.items() for account in accounts if account in values]
    return tokens(tokeniser, canonical_only(dict.fromkeys(pairs)))


def canonical_only(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of the pairs of kind and value that have a canonical form."""
    return [pair for pair in pairs if _has_form(*pair)]


def _has_form(kind: str, value: str) -> bool:
    try:
        canonical(kind, value)
    except IdentifierRefused:
        return False
    return True
