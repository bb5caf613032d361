"""Parting: who works off texts that nobody else of the group sends, apart from those who all send the same ones.

A pool may use the prompts of an evaluation harness that many use honestly. Then one scaffold holds both together, and the honest
users' common questions speak for all. Whose texts hardly recur is weighed as a group of its own as well; that it does not recur
among them is what it was chosen by, and says hardly more than that it is no harness (``signals.disjoint_work``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from stillwatch.campaigns.candidates import MIN_ACCOUNTS, Candidate
from stillwatch.signals.population import Floats, Group, Ints

SELDOM, OFTEN = 0.1, 0.4
"""An account whose texts recur among the others in less than this share works by itself; in more, it does what others do."""


def parted(candidates: Sequence[Candidate], groups: Sequence[Group]) -> Iterator[tuple[Candidate, Group]]:
    """Of each group that holds both sorts, those whose texts hardly recur, if they are MIN_ACCOUNTS or more."""
    for candidate, group in zip(candidates, groups, strict=True):
        account, share = recurring(group.work.account, group.work.text)
        alone = account[share < SELDOM]
        if len(alone) >= MIN_ACCOUNTS and (share > OFTEN).sum() >= MIN_ACCOUNTS / 2:
            yield _part(candidate, group, alone)


def recurring(account: Ints, text: "np.ndarray[tuple[int], np.dtype[np.uint64]]") -> tuple[Ints, Floats]:
    """Per account (ascending) the share of its different texts that another account sent too, in [0, 1]."""
    pairs = np.unique(np.stack([account.astype(np.uint64), text]), axis=1)
    _, code, senders = np.unique(pairs[1], return_inverse=True, return_counts=True)
    known, own = np.unique(pairs[0], return_inverse=True)
    return known.astype(np.int64), np.bincount(own, senders[code] > 1) / np.bincount(own)


def _part(candidate: Candidate, group: Group, members: Ints) -> tuple[Candidate, Group]:
    kept = np.isin(candidate.members, members)
    outside = candidate.outside + int((~kept).sum())
    part = Candidate(members, candidate.samples, candidate.share[kept], outside)
    carried = {name: values[kept] for name, values in group.carried.items()}
    return part, replace(
        group, members=members, work=group.work.of(members), scaffold_share=part.share, outside=outside, carried=carried
    )
