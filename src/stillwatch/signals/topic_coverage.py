"""Topic coverage without revisiting: a pool walks over a space of topics once; people come back to theirs.

*Why it separates.* The next question of a person, and of an agent at work, has to do with the one before; the next filling of
a harvest was drawn so as to be new. *When it misleads.* A batch over a stream of unrelated customers' messages comes back to
nothing either, and neither do users who ask one question each; a harvest that continues its own conversations, or draws its
fillings from few subjects, does come back. *Source.* Coverage-driven query synthesis is how extraction sets are made (Tramèr
et al. 2016; Wang et al. 2023, Self-Instruct, which drops what resembles earlier tasks).

Statistic: of sampled texts (as many, of as many accounts, in the group and elsewhere) the share that *comes back*: that shares
TOUCHING or more of its rare runs with one other of them. A run of RUN symbols is rare if at most RARE_ACCOUNTS accounts sent it, so
that the fixed text, however often it is reworded, and everyday language do not count, in any script. A text without rare runs of
its own is one that several accounts sent, and comes back.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from stillwatch.signals.likelihood import bits_between
from stillwatch.signals.population import Coverage, Group, Ints, Population, Reading, Signal, Silence

RUN = 6
RARE_ACCOUNTS = 2
TOUCHING = 0.12
FEWEST_TEXTS = 40
PER_ACCOUNT = 4
_USUAL_LEAST = 0.15
_CAP, _FLOOR = 2.0, -0.5
_LONGEST = 2000
"""Characters of a text that are looked at, its last."""
_BASE = np.uint64(0x9E3779B97F4A7C15)
_ONE_IN = np.uint64(8)
"""Every eighth run is looked at, the same ones in all texts."""
_FEWEST_RUNS = 2


def coverage(own: tuple[Ints, Sequence[str]], others: tuple[Ints, Sequence[str]]) -> Coverage | None:
    """Compare a group's texts with others', each given as parallel accounts and texts; None if there are too few."""
    first, second = _chosen(own[0], None), _chosen(others[0], None)
    accounts = min(len(np.unique(own[0][first])), len(np.unique(others[0][second])))
    first, second = _chosen(own[0], accounts), _chosen(others[0], accounts)
    if min(len(first), len(second)) < FEWEST_TEXTS:
        return None
    back, usual = (coming_back(sent[0][at], [sent[1][i] for i in at]) for sent, at in ((own, first), (others, second)))
    return Coverage(back, usual, len(first), accounts)


def _chosen(account: Ints, accounts: int | None) -> Ints:
    """Places of the first PER_ACCOUNT texts of each account that has two or more; of the first so many ``accounts``."""
    _, code, counts = np.unique(account, return_inverse=True, return_counts=True)
    order = np.argsort(code, kind="stable")
    turn = np.empty(len(code), np.int64)
    turn[order] = np.arange(len(code)) - np.repeat(np.cumsum(counts) - counts, counts)
    several = np.flatnonzero(counts > 1)[:accounts]
    return np.flatnonzero(np.isin(code, several) & (turn < PER_ACCOUNT))


def coming_back(account: Ints, texts: Sequence[str]) -> float:
    """The share of ``texts``, sent by the parallel ``account``, that come back to what another of them is about, in [0, 1]."""
    run, text = _runs(texts)
    names, code = np.unique(run, return_inverse=True)
    pairs = np.unique(code * (int(account.max()) + 1) + account[text])
    senders = np.bincount(pairs // (int(account.max()) + 1), minlength=len(names))
    rare = senders[code] <= RARE_ACCOUNTS
    has = csr_array((np.ones(int(rare.sum())), (text[rare], code[rare])), shape=(len(texts), len(names)))
    common = (has @ has.T).toarray()
    total = np.diag(common).copy()
    np.fill_diagonal(common, 0)
    return float(np.mean((common.max(axis=1) >= TOUCHING * total) & (common.max(axis=1) >= _FEWEST_RUNS) | (total < _FEWEST_RUNS)))


def _runs(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint64], Ints]:
    """The distinct runs of each text that are looked at, and the number of the text: parallel arrays."""
    ended = [text[-_LONGEST:].casefold() + "\0" * RUN for text in texts]
    codes = np.frombuffer("".join(ended).encode("utf-32-le", "replace"), np.uint32)
    ends = np.cumsum([len(text) for text in ended])
    owner = np.searchsorted(ends, np.arange(len(codes)), side="right")
    times = np.where((codes >= 0x2E80) & (codes <= 0xFAFF), 3, 1)
    codes, owner = np.repeat(codes, times), np.repeat(owner, times)
    starts = max(0, len(codes) - RUN + 1)
    hashes = np.zeros(starts, np.uint64)
    for place in range(RUN):
        hashes = (hashes + codes[place : place + starts]) * _BASE
        hashes ^= hashes >> np.uint64(29)
    inside = (codes[RUN - 1 :] != 0) & (codes[:starts] != 0) & (owner[RUN - 1 :] == owner[:starts])
    kept = np.flatnonzero(inside & (hashes % _ONE_IN == 0))
    hashes, owner = hashes[kept], owner[kept]
    _, first = np.unique(hashes ^ (owner.astype(np.uint64) * _BASE), return_index=True)
    return hashes[first], owner[first]


def weigh(group: Group, population: Population, rng: np.random.Generator) -> Reading | Silence:
    """Up to 2 bits for a harvest from how seldom texts come back beside others'; silent where others' hardly do."""
    found = group.coverage
    if found is None:
        return Silence("too few texts of accounts with several to see whether they come back to their subjects")
    if found.usual < _USUAL_LEAST:
        return Silence("other accounts do not come back to their subjects either, so there is nothing to compare with")
    error = 0.5 / np.sqrt(found.texts)
    hostile = (0.4 * found.usual, float(np.hypot(error, 0.25 * found.usual)))
    innocent = (found.usual, float(np.hypot(error, 0.3 * found.usual)))
    bits = bits_between(min(found.back, found.usual), hostile=hostile, innocent=innocent, cap=_CAP, floor=_FLOOR)
    statement = (
        f"{found.back:.0%} of the texts looked at come back to what another of them is about; of as many texts of as many other "
        f"accounts {found.usual:.0%} do."
    )
    return Reading(bits, statement, found.accounts, found.texts)


SIGNAL = Signal("topic coverage", "harvest", "fillings", weigh)
