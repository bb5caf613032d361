"""Tracing by account codes: the watermark of every account, looked for where the suspect could remember it.

A code is one of many in the training data, so over all that a suspect writes it is diluted by the number c of accounts. It is whole
where the suspect repeats what that account was served. Hence two restrictions, both blind to what the suspect's tokens score:

- only answers to the account's own prompts are read;
- only contexts through which the answers served to that account went.

Rules
- Prompts know nothing of keys. Whether an answer went through a context was settled before the key decided anything there, so in
  the order of serving every score is a fair draw by chance, given all before: a bet on each is fair, however many there come to
  be. That is what e-values need. A p-value of their number would not hold, and none is given but 1/e.
- Accounts have different keys, so the scores of a group are one run of bets. A group's e-value is one half of that run and one half
  the mean of its parts (clusters, or accounts): codes that are weak in all add up, and one that is strong in few is not drowned.
- An account with fewer than ``LEAST_SCORES`` places has an e-value of 1.

>>> from stillwatch.forensics.watermark.green_list import GreenList
>>> scores = {"a": np.ones(300), "b": np.tile([1.0, 0.0], 150)}
>>> found = trace_codes(scores, GreenList(), {}, TraceRules(alpha=0.001, fdr=0.01))
>>> found.named, [group.shown for group in found.groups]
(['a'], [True, True, False])
"""

from collections.abc import Mapping, Sequence

import numpy as np

from stillwatch.forensics.statistics.e_values import average, p_from_e
from stillwatch.forensics.tracing.trace import Evidence, Trace, TraceRules, from_the_top
from stillwatch.forensics.watermark.contexts import marked_by
from stillwatch.forensics.watermark.e_process import wealth_path
from stillwatch.forensics.watermark.keyed_hash import Words
from stillwatch.forensics.watermark.keys import tier_key
from stillwatch.forensics.watermark.pairs import Pairs, Scores
from stillwatch.forensics.watermark.scheme import Scheme

LEAST_SCORES = 50


def code_scores(scheme: Scheme, secret: bytes, account: str, pairs: Pairs, served: Words) -> Scores:
    """The scores of an account's code, shape (n,).

    ``pairs`` are those of the suspect's answers to the account's prompts; ``served`` the contexts of what it was answered.
    """
    key = tier_key(secret, "account", account)
    return scheme.scores(key.key, pairs.where(marked_by(key, pairs.contexts) & np.isin(pairs.contexts, served)))


def trace_codes(scores: Mapping[str, Scores], scheme: Scheme, clusters: Mapping[str, Sequence[str]], rules: TraceRules) -> Trace:
    """Trace by the ``scores`` of every account's code; p of a group is 1 / its e-value."""
    counted = {name: own if len(own) >= LEAST_SCORES else own[:0] for name, own in scores.items()}

    def bet(members: Sequence[str]) -> float:
        path = wealth_path(scheme, np.concatenate([counted[member] for member in members]))
        return float(path[-1]) if len(path) else 1.0

    def e_value(members: Sequence[str]) -> float:
        parts = _parts(members, clusters)
        return bet(members) if len(parts) < _SEVERAL else average([bet(members), average([e_value(part) for part in parts])])

    evidence = Evidence(e_value, lambda members: p_from_e(e_value(members)))
    return from_the_top({name: len(own) for name, own in scores.items()}, clusters, rules, evidence)


_SEVERAL = 2


def _parts(members: Sequence[str], clusters: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The clusters that lie within the members and are not all of them, and single accounts that are in none of these."""
    within = [[name for name in cluster if name in members] for cluster in clusters.values()]
    within = [cluster for cluster in within if 0 < len(cluster) < len(members)]
    return within + [[name] for name in members if not any(name in cluster for cluster in within)]
