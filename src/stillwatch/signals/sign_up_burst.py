"""Sign-up burst: accounts that pretend to be strangers but were opened within hours of each other.

*Why it separates.* Identities are manufactured in batches; customers arrive one by one. *When it misleads.* A course, a
conference or a company roll-out brings real people in a batch; a launch brings everybody.

Statistic: the share of members in the densest two days of sign-ups against the share of all others in any two days.
"""

import numpy as np

from stillwatch.signals.likelihood import bits_between
from stillwatch.signals.population import Floats, Group, Population, Reading, Signal, Silence

_TWO_DAYS = 48 * 3600.0


def weigh(group: Group, population: Population, rng: np.random.Generator) -> Reading | Silence:
    """Bits for one hand from how dense the members' sign-ups are; needs ``created_at``."""
    created = population.measures.get("created_at")
    if created is None:
        return Silence("no created_at in the input")
    own = np.sort(created[group.members])
    own = own[~np.isnan(own)]
    others = np.sort(created[population.background(group.members)])
    others = others[~np.isnan(others)]
    if len(own) < max(4, len(group) // 2) or len(others) < 20:
        return Silence("created_at is not known for enough accounts")
    share, usual = densest(own), densest(others)
    bits = bits_between(share, hostile=(0.6, 0.35), innocent=(min(0.9, usual + 2 / len(own)), 0.12), cap=6, floor=-1)
    statement = f"{share:.0%} of the accounts were opened within the same two days ({usual:.0%} of the others in theirs)."
    return Reading(bits, statement, round(share * len(own)), int(population.measures["requests"][group.members].sum()))


def densest(times: Floats) -> float:
    """The largest share of the ascending ``times`` (seconds) within two days, in [0, 1]."""
    ends = np.searchsorted(times, times + _TWO_DAYS, side="right")
    return float((ends - np.arange(len(times))).max() / len(times))


SIGNAL = Signal("sign-up burst", "coordination", "identity", weigh)
