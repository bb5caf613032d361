"""Tracing from the top down: the whole campaign first, then its clusters, then their accounts.

Rules
- A group is looked at only if the group above it was shown. A group of a of m accounts must reach α·a/m, and no group is better
  than the one above: the chance of a single false group is at most α (Meinshausen 2008, doi:10.1093/biomet/asn007).
- Accounts are named by e-values at a declared false discovery rate (e-BH), over all accounts, whatever the groups say; by twins, a
  group's e-value is the mean of its accounts' e-values.

>>> rows = np.ones((60, 1))
>>> rules, generator = TraceRules(alpha=0.01, fdr=0.05), np.random.default_rng(0)
>>> found = trace(rows, 0 * rows, ["a", "b"] * 30, {"left": ["a"], "right": ["b"]}, rules, generator)
>>> [group.name for group in found.groups if group.shown], found.named
(['campaign', 'left', 'a', 'right', 'b'], ['a', 'b'])
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

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


class Evidence(NamedTuple):
    """What a group's members (names of accounts) give: an e-value, and a p-value before it is adjusted."""

    e_value: Callable[[Sequence[str]], float]
    p_value: Callable[[Sequence[str]], float]


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
    scores = bounded(remainder(differences, controls))

    def mean(members: Sequence[str]) -> float:
        return average([e_values[member] for member in members])

    def raw(members: Sequence[str]) -> float:
        if rules.by_betting:
            return p_from_e(mean(members))
        return sign_flip_test(scores[np.isin(labels, members)], generator, flips=rules.flips).p_value

    return from_the_top(Counter(account_of), clusters, rules, Evidence(mean, raw))


def from_the_top(counts: Mapping[str, int], clusters: Mapping[str, Sequence[str]], rules: TraceRules, evidence: Evidence) -> Trace:
    """Groups from the top down, of the accounts with their ``counts`` of pairs; and the accounts that their e-values name."""
    accounts = list(counts)

    def look(name: str, kind: str, members: list[str], above: Group | None) -> Group:
        pairs, e_value = sum(counts[member] for member in members), evidence.e_value(members)
        if above is not None and not above.shown:
            return Group(name, kind, members, pairs, e_value, None, False)
        adjusted = min(1.0, evidence.p_value(members) * len(accounts) / len(members))
        p_value = max(adjusted, above.p_value or 0.0 if above else 0.0)
        return Group(name, kind, members, pairs, e_value, p_value, p_value <= rules.alpha)

    named = sorted(accounts[place] for place in e_bh([evidence.e_value([name]) for name in accounts], fdr=rules.fdr))
    return Trace(list(_descend(accounts, clusters, look)), named, rules.alpha, rules.fdr)


_Look = Callable[[str, str, list[str], Group | None], Group]


def _descend(accounts: list[str], clusters: Mapping[str, Sequence[str]], look: _Look) -> Iterator[Group]:
    """Groups from the top down, in depth-first order."""
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
