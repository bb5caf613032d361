"""What the accounts of a campaign share beyond their scaffolds: payments and devices, in the provider's own accounts table.

Rules: a value counts that at least two accounts of the campaign have; its holders are all accounts of the table that have it, so
that a payment that thousands use weighs nothing. The store keeps such values as digests only.

>>> table = pa.table({"account_id": ["a", "b", "c"], "payment_fingerprint": ["card-1", "card-1", None]})
>>> [(t.kind, t.holders, t.population) for t in shared_traits(table, ["a", "b"])]
[('payment', 2, 3)]
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

import pyarrow as pa

from stillwatch.attribution.trait import Trait

COLUMNS: Mapping[str, str] = {"payment": "payment_fingerprint", "device": "device_id"}
"""The column of the accounts table behind each kind."""


def shared_traits(accounts: pa.Table, members: Collection[str]) -> list[Trait]:
    """The traits that these accounts share; ``accounts`` has one row per account."""
    inside = set(members)
    names = accounts["account_id"].to_pylist()
    present = {kind: column for kind, column in COLUMNS.items() if column in accounts.schema.names}
    return [trait for kind, column in present.items() for trait in _traits(kind, names, accounts[column].to_pylist(), inside)]


def _traits(kind: str, names: list[str], values: list[str | None], inside: set[str]) -> Iterator[Trait]:
    everywhere = Counter(value for value in values if value)
    here = Counter(value for name, value in zip(names, values, strict=True) if value and name in inside)
    for value, count in here.items():
        if count >= 2:
            yield Trait(kind, value, everywhere[value], len(names))
