"""Tracing by account codes: the watermark of every account, looked for in what the suspect answers to that account's own prompts.

Why there: a code is one of many in the training data, so over all answers it is diluted by the number c of accounts. Where the
suspect repeats what one account was served, that account's code is whole. Answers to its prompts are 1/c of the text, so of a mark
that gives z over all of it, an account keeps z/√c if the suspect remembers whose prompt it was, and z/c if it does not.

Rules
- Prompts choose the text and know nothing of keys, so distinct pairs score by chance under a key that the suspect never met.
- Accounts have different keys, so the scores of a group may be added up: one exact test of all of them, not a mean of e-values.
- A group with fewer than ``LEAST_PAIRS`` pairs is not shown, and an account's e-value is then 1.

>>> from stillwatch.forensics.watermark.green_list import GreenList
>>> scores = {"a": np.ones(300), "b": np.tile([1.0, 0.0], 150)}
>>> found = trace_codes(scores, GreenList(), {}, TraceRules(alpha=0.001, fdr=0.01))
>>> found.named, [group.shown for group in found.groups]
(['a'], [True, True, False])
"""

from collections.abc import Mapping, Sequence

import numpy as np

from stillwatch.forensics.statistics.e_values import average, p_from_e
from stillwatch.forensics.tracing.trace import Trace, TraceRules, from_the_top
from stillwatch.forensics.watermark.contexts import marked_by
from stillwatch.forensics.watermark.detection import LEAST_PAIRS
from stillwatch.forensics.watermark.e_process import wealth_path
from stillwatch.forensics.watermark.keys import tier_key
from stillwatch.forensics.watermark.pairs import Pairs, Scores
from stillwatch.forensics.watermark.scheme import Scheme


def code_scores(scheme: Scheme, secret: bytes, account: str, pairs: Pairs) -> Scores:
    """The scores of an account's code, shape (n,): of the ``pairs`` of answers to its prompts those that its tier marks."""
    key = tier_key(secret, "account", account)
    return scheme.scores(key.key, pairs.where(marked_by(key, pairs.contexts)))


def trace_codes(scores: Mapping[str, Scores], scheme: Scheme, clusters: Mapping[str, Sequence[str]], rules: TraceRules) -> Trace:
    """Trace by the ``scores`` of every account's code, groups by the exact test of their scores together."""
    e_values = {name: _e_value(scheme, own) for name, own in scores.items()}

    def raw(members: Sequence[str]) -> float:
        if rules.by_betting:
            return p_from_e(average([e_values[member] for member in members]))
        together = np.concatenate([scores[member] for member in members])
        return scheme.exact_p(together) if len(together) >= LEAST_PAIRS else 1.0

    return from_the_top(e_values, {name: len(own) for name, own in scores.items()}, clusters, rules, raw)


def _e_value(scheme: Scheme, scores: Scores) -> float:
    return float(wealth_path(scheme, scores)[-1]) if len(scores) >= LEAST_PAIRS else 1.0
