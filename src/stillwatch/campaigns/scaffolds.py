"""Scaffolds: samples that several accounts share, gathered into one thing where the same accounts share them.

A fixed text of 500 bytes leaves some twenty samples; they are one fact, not twenty. Samples with exactly the same set
of accounts become one scaffold. A sample counts only if it stands around changing contents (a *template*): a question of
a public benchmark that many send word for word is no scaffold.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.signals.population import Floats, Ints

MIN_TEXTS = 5
"""A scaffold stands in at least this many different texts …"""
MIN_TEXTS_PER_ACCOUNT = 0.5
"""… and in at least this many per account that uses it."""
STRONG_SHARE = 0.04
"""An account *leans* on a scaffold from this share of its requests on, if they are at least STRONG_REQUESTS."""
STRONG_REQUESTS = 2


@dataclass(frozen=True)
class Scaffolds:
    """Which account uses which scaffold, as parallel arrays sorted by scaffold, then account.

    ``scaffold``, ``account``: numbers; ``share``: of the account's requests, in [0, 1]; ``leans``: whether the account
    leans on it. Per scaffold: ``accounts`` (how many use it), ``texts`` (in how many different texts it stands),
    Per sample (ascending): ``samples`` its value, ``of`` its scaffold. ``population``: how many accounts there are at all.
    """

    scaffold: Ints
    account: Ints
    share: Floats
    leans: npt.NDArray[np.bool_]
    accounts: Ints
    texts: Floats
    samples: npt.NDArray[np.uint64]
    of: Ints
    population: int

    def __len__(self) -> int:
        return len(self.accounts)

    def samples_of(self, scaffolds: Ints) -> npt.NDArray[np.uint64]:
        """All samples of the given scaffolds, ascending."""
        return self.samples[np.isin(self.of, scaffolds)]

    def users_among(self, accounts: Ints) -> Ints:
        """Per scaffold how many of ``accounts`` (each once) use it; looks at their rows only."""
        order, end = self._by_account
        count = np.diff(end, prepend=0)[accounts]
        place = np.arange(count.sum()) + np.repeat(end[accounts] - np.cumsum(count), count)
        return np.bincount(self.scaffold[order[place]], minlength=len(self))

    @cached_property
    def _by_account(self) -> tuple[Ints, Ints]:
        """The rows sorted by account, and where those of each account end."""
        return np.argsort(self.account, kind="stable"), np.cumsum(np.bincount(self.account, minlength=self.population))


def gather(uses: pa.Table, totals: pa.Table, account_keys: npt.NDArray[np.uint64], requests: Floats) -> Scaffolds:
    """Scaffolds from uses (``sample, account, requests``) and totals (``sample, distinct_texts``).

    ``account_keys`` (ascending) and ``requests`` are those of all accounts; account numbers are places in them.
    """
    sample, account, count = (uses[name].to_numpy() for name in ("sample", "account", "requests"))
    names, code = np.unique(sample, return_inverse=True)
    accounts = np.bincount(code, minlength=len(names))
    distinct = np.zeros(len(names))
    distinct[np.searchsorted(names, totals["sample"].to_numpy())] = totals["distinct_texts"].to_numpy()
    template = (distinct >= MIN_TEXTS) & (distinct >= MIN_TEXTS_PER_ACCOUNT * accounts) & (accounts > 1)
    kept = template[code]
    code, account, count = code[kept], np.searchsorted(account_keys, account[kept]), count[kept]
    merged = _same_accounts(code, account_keys[account], accounts)
    return _merge(merged[code], account, count, requests, names, distinct, merged)


def _same_accounts(code: Ints, keys: npt.NDArray[np.uint64], accounts: Ints) -> Ints:
    """Per sample the number of its scaffold, -1 where the sample is no template: equal account sets, equal number."""
    signature = np.zeros(len(accounts), np.uint64)
    np.add.at(signature, code, keys * np.uint64(0x9E3779B97F4A7C15) ^ (keys >> np.uint64(29)))
    out = np.full(len(accounts), -1, np.int64)
    used = np.unique(code)
    both = signature[used] * np.uint64(0xD6E8FEB86659FD93) + accounts[used].astype(np.uint64)
    out[used] = np.unique(both, return_inverse=True)[1]
    return out


def _merge(
    scaffold: Ints,
    account: Ints,
    count: Ints,
    requests: Floats,
    names: npt.NDArray[np.uint64],
    texts: Floats,
    merged: Ints,
) -> Scaffolds:
    """One row per (scaffold, account), with the most requests that carry one of its samples."""
    order = np.argsort(scaffold * len(requests) + account)
    scaffold, account = scaffold[order], account[order]
    first = np.ones(len(order), bool)
    first[1:] = (scaffold[1:] != scaffold[:-1]) | (account[1:] != account[:-1])
    most_used = np.maximum.reduceat(count[order], np.flatnonzero(first)) if len(order) else count
    scaffold, account = scaffold[first], account[first]
    share = most_used / requests[account]
    kept = np.flatnonzero(merged >= 0)
    of = merged[kept]
    most = np.zeros(of.max(initial=-1) + 1)
    np.maximum.at(most, of, texts[kept])
    return Scaffolds(
        scaffold=scaffold,
        account=account,
        share=np.minimum(share, 1.0),
        leans=(share >= STRONG_SHARE) & (most_used >= STRONG_REQUESTS),
        accounts=np.bincount(scaffold, minlength=len(most)),
        texts=most,
        samples=names[kept],
        of=of,
        population=len(requests),
    )
