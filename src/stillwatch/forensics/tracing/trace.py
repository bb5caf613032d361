"""Tracing from the top down: the whole campaign first, then its clusters, then their accounts.

Rules
- A group is looked at only if the group above it was shown. A group of a of m accounts must reach α·a/m, and no group is better
  than the one above: the chance of a single false group is at most α (Meinshausen 2008, doi:10.1093/biomet/asn007).
- Accounts are named by e-values at a declared false discovery rate (e-BH), over all accounts, whatever the groups say; a group's
  e-value is the mean of its accounts' e-values.

>>> rows = np.ones((60, 1))
>>> rules, generator = TraceRules(alpha=0.01, fdr=0.05), np.random.default_rng(0)
>>> found = trace(rows, 0 * rows, ["a", "b"] * 30, {"left": ["a"], "right": ["b"]}, rules, generator)
>>> [group.name for group in found.groups if group.shown], found.named
(['campaign', 'left', 'a', 'right', 'b'], ['a', 'b'])
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from stillwatch.forensics.statistics.betting import wealth_path
from stillwatch.forensics.statistics.control_variate import remainder, running_remainder
from stillwatch.forensics.statistics.e_values import average, e_bh, p_from_e
from stillwatch.forensics.statistics.sign_flip import FLIPS, sign_flip_test
from stillwatch.forensics.twins.preference import bounded

Matrix = NDArray[np.float64]
CAMPAIGN = "campaign"


class TraceRules(msgspec.Struct, frozen=True):
    """Declared before: ``alpha`` for groups, ``fdr`` for named accounts; ``by_betting`` if only e-values hold (see judgement)."""

    alpha: float
    fdr: float
    by_betting: bool = False
    flips: int = FLIPS


class Group(msgspec.Struct, frozen=True):
    """A campaign, cluster or account with its result; ``p_value`` is adjusted for all groups and null if it was not looked at."""

    name: str
    kind: str
    accounts: list[str]
    pairs: int
    e_value: float
    p_value: float | None
    shown: bool


class Trace(msgspec.Struct, frozen=True):
    """All groups, from the top; ``named`` are the accounts that e-BH names at the declared ``fdr``."""

    groups: list[Group]
    named: list[str]
    alpha: float
    fdr: float


class _Rows(msgspec.Struct, frozen=True):
    """What the tests work on: rows for the sign-flip test, e-values by account, the account of each row."""

    scores: Matrix
    e_values: Mapping[str, float]
    account_of: NDArray[np.str_]


def trace(
    differences: Matrix,
    controls: Matrix,
    account_of: Sequence[str],
    clusters: Mapping[str, Sequence[str]],
    rules: TraceRules,
    generator: np.random.Generator,
) -> Trace:
    """Trace over ``differences`` (pairs, measures) in the declared order; ``account_of`` each pair, ``clusters`` by name.

    Accounts that no cluster holds hang directly under the campaign. Accounts without a pair are left out.
    """
    labels = np.asarray(account_of, dtype=np.str_)
    accounts = list(dict.fromkeys(account_of))
    bets = running_remainder(differences, controls)
    e_values = {account: float(wealth_path(bets[labels == account])[-1]) for account in accounts}
    rows = _Rows(bounded(remainder(differences, controls)), e_values, labels)
    groups = list(_descend(rows, accounts, clusters, rules, generator))
    named = [accounts[place] for place in e_bh([e_values[account] for account in accounts], fdr=rules.fdr)]
    return Trace(groups, named, rules.alpha, rules.fdr)


def _descend(
    rows: _Rows, accounts: list[str], clusters: Mapping[str, Sequence[str]], rules: TraceRules, generator: np.random.Generator
) -> Iterator[Group]:
    """Groups from the top down, in depth-first order."""

    def look(name: str, kind: str, members: list[str], above: Group | None) -> Group:
        return _group(rows, name, kind, members, above, len(accounts), rules, generator)

    top = look(CAMPAIGN, CAMPAIGN, accounts, None)
    yield top
    held = {name: [account for account in accounts if account in set(members)] for name, members in clusters.items()}
    for name, members in held.items():
        if members:
            cluster = look(name, "cluster", members, top)
            yield cluster
            yield from (look(account, "account", [account], cluster) for account in members)
    loose = [account for account in accounts if not any(account in members for members in held.values())]
    yield from (look(account, "account", [account], top) for account in loose)


def _group(
    rows: _Rows,
    name: str,
    kind: str,
    members: list[str],
    above: Group | None,
    accounts: int,
    rules: TraceRules,
    generator: np.random.Generator,
) -> Group:
    mine = rows.scores[np.isin(rows.account_of, members)]
    e_value = average([rows.e_values[account] for account in members])
    if above is not None and not above.shown:
        return Group(name, kind, members, len(mine), e_value, None, False)
    raw = p_from_e(e_value) if rules.by_betting else sign_flip_test(mine, generator, flips=rules.flips).p_value
    p_value = max(min(1.0, raw * accounts / len(members)), above.p_value or 0.0 if above else 0.0)
    return Group(name, kind, members, len(mine), e_value, p_value, p_value <= rules.alpha)
