"""Disjoint work: a queue hands each piece out once; people with the same task send the same texts.

*Why it separates.* An evaluation harness, a release-day benchmark and a class of students repeat the same fillings from
account to account; a shared queue never does. *When it misleads.* Unrelated users of one app do not repeat each other
either, so disjointness speaks little for a campaign and its absence much against one; a queue that retries or draws several
answers per prompt repeats itself.

Statistic: of the (account, text) pairs of the group, the share whose text some other account of the group sent too, beyond the
share of as many ordinary accounts: people too say "yes, please" in the same words. Where accounts open with the same
text again and again themselves, they draw several answers to it, and overlap says nothing: the signal is silent. So it is where
one hand draws the answers over several accounts: each recurring text goes to few of them, and to these within two hours, though
the work goes on for days. Users of one benchmark each send most of it, each at a time of their own.
"""

import numpy as np

from stillwatch.signals.population import Group, Ints, Population, Reading, Signal, Silence, Work

_MOST_USUAL = 0.15
_REDRAWN = 3.0
_CARRIED_ON = 0.2
_FEW = 0.2
_TOGETHER_HOURS = 2
_MOSTLY, _SELDOM = 0.7, 0.2


def weigh(group: Group, population: Population, rng: np.random.Generator) -> Reading | Silence:
    """Bits from overlap: +1.5 where there is no more than usual, falling by 0.6 a percentage point to -12."""
    pairs = _pairs(group.work)
    if pairs.shape[1] < 20:
        return Silence("too few requests to see whether texts recur over accounts")
    if len(group.work) >= _REDRAWN * pairs.shape[1] and _opens_only(group, population):
        return Silence("the accounts draw several answers to each text, so that texts recur by design")
    if _dealt_at_once(group.work, rng):
        return Silence("each text that recurs goes to a few of the accounts within two hours, as several answers drawn to it would")
    overlap, usual = _overlap(pairs), _usual(population.reference, len(np.unique(pairs[0])), rng)
    bits = max(-12.0, 1.5 - 60 * max(0.0, overlap - usual - 0.01))
    statement = (
        f"{overlap:.0%} of the texts that an account sent were also sent by another account of the group ({usual:.0%} among "
        f"as many others){': the work is divided without overlap.' if bits > 0 else '.'}"
    )
    return Reading(bits, statement, len(np.unique(group.work.account)), len(group.work))


def _opens_only(group: Group, population: Population) -> bool:
    """Whether requests open conversations; an agent's loop repeats its task because it carries one on."""
    follow_up = group.measures(population).get("follow_up")
    return follow_up is not None and float(np.nan_to_num(follow_up).mean()) < _CARRIED_ON


def _dealt_at_once(work: Work, rng: np.random.Generator) -> bool:
    """Whether most recurring texts reach few of the accounts, at one time, which they would not if times fell by chance."""
    order = np.lexsort((work.hour, work.account, work.text))
    text, account, hour = work.text[order], work.account[order], work.hour[order]
    first = np.ones(len(order), bool)
    first[1:] = (text[1:] != text[:-1]) | (account[1:] != account[:-1])
    _, start, count = np.unique(text[first], return_index=True, return_counts=True)
    recurring = count > 1
    if not recurring.any():
        return False
    few = count[recurring] <= _FEW * len(np.unique(account))
    spans, by_chance = (_spans(hours, start)[recurring] for hours in (hour[first], rng.permutation(hour[first])))
    at_once = few & (spans <= _TOGETHER_HOURS)
    return bool(at_once.mean() >= _MOSTLY and (by_chance <= _TOGETHER_HOURS).mean() <= _SELDOM)


def _spans(hours: Ints, start: Ints) -> Ints:
    """From the first to the last hour of each part of ``hours`` that begins at a ``start``."""
    return np.asarray(np.maximum.reduceat(hours, start) - np.minimum.reduceat(hours, start))


def _pairs(work: Work) -> "np.ndarray[tuple[int, int], np.dtype[np.uint64]]":
    """The distinct (account, text) pairs, as two rows."""
    order = np.lexsort((work.text, work.account))
    account, text = work.account[order], work.text[order]
    first = np.ones(len(order), bool)
    first[1:] = (account[1:] != account[:-1]) | (text[1:] != text[:-1])
    return np.stack([account[first].astype(np.uint64), text[first]])


def _overlap(pairs: "np.ndarray[tuple[int, int], np.dtype[np.uint64]]") -> float:
    _, recurring = np.unique(pairs[1], return_counts=True)
    return float(1 - (recurring == 1).sum() / max(1, pairs.shape[1]))


def _usual(reference: Work, accounts: int, rng: np.random.Generator) -> float:
    chosen = rng.permutation(np.unique(reference.account))[:accounts]
    return min(_MOST_USUAL, _overlap(_pairs(reference.of(chosen))))


SIGNAL = Signal("disjoint work", "coordination", "work sharing", weigh)
