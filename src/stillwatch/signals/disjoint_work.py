"""Disjoint work: a queue hands each piece out once; people with the same task send the same texts.

*Why it separates.* An evaluation harness, a release-day benchmark and a class of students repeat the same fillings from
account to account; a shared queue never does. *When it misleads.* Unrelated users of one app do not repeat each other
either, so disjointness speaks little for a campaign and its absence much against one; a queue that retries or draws several
answers per prompt repeats itself.

Statistic: of the (account, text) pairs of the group, the share whose text some other account of the group sent too.
"""

import numpy as np

from stillwatch.signals.population import Group, Population, Reading, Signal, Silence


def weigh(group: Group, population: Population, rng: np.random.Generator) -> Reading | Silence:
    """Bits from overlap: +1.5 where there is none, falling by 0.6 a percentage point to -12."""
    pairs = np.unique(np.stack([group.work.account.astype(np.uint64), group.work.text]), axis=1)
    if pairs.shape[1] < 20:
        return Silence("too few requests to see whether texts recur over accounts")
    _, recurring = np.unique(pairs[1], return_counts=True)
    overlap = 1 - (recurring == 1).sum() / pairs.shape[1]
    bits = max(-12.0, 1.5 - 60 * max(0.0, overlap - 0.01))
    statement = (
        f"{overlap:.0%} of the texts that an account sent were also sent by another account of the group"
        f"{': the work is divided without overlap.' if bits > 0 else '.'}"
    )
    return Reading(bits, statement, len(np.unique(group.work.account)), len(group.work))


SIGNAL = Signal("disjoint work", "coordination", "work sharing", weigh)
