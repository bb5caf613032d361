"""Near-equal volumes: accounts served from one queue do about as much as each other; people do not.

*Why it separates.* Use per person is heavy-tailed (log-normal with a spread of two octaves or more); a dispatcher
levels it. *When it misleads.* A quota that all customers exhaust; a homework; an adversary who shapes volumes: one campaign
in six is assumed to, so that uneven volumes alone do not clear a group.

Statistic: standard deviation of log2(requests) over the group against that of the population, on a log2 scale. Of a group that
scaffolds hold together only the requests with them count, since those were dealt out, whatever the accounts send besides.
"""

import numpy as np

from stillwatch.signals.likelihood import bits_between
from stillwatch.signals.population import Floats, Group, Population, Reading, Signal, Silence

_FLOOR = -2.5


def weigh(group: Group, population: Population, rng: np.random.Generator) -> Reading | Silence:
    """Bits for one hand from how alike the members' volumes are; 0 spread in the population gives silence."""
    requests = population.measures["requests"]
    dealt = _dealt(group, requests)
    own = np.log2(dealt)
    others = np.log2(requests[population.background(group.members)])
    if len(others) < 20 or (usual := float(others.std())) < 0.5:
        return Silence("the population's own volumes are too few or too alike to compare with")
    error = 1 / (np.sqrt(2 * max(1, len(own) - 1)) * np.log(2))
    ratio = float(np.log2(max(own.std(ddof=1), 0.02) / usual))
    bits = bits_between(ratio, hostile=(-1.7, np.hypot(0.7, error)), innocent=(-0.1, np.hypot(0.4, error)), cap=8, floor=_FLOOR)
    low, high = np.percentile(dealt, [10, 90])
    statement = (
        f"Four in five of the accounts made between {low:.0f} and {high:.0f} requests; "
        f"their volumes spread {2**ratio:.2f} times as wide as those of other accounts."
    )
    return Reading(bits, statement, len(dealt), int(dealt.sum()))


def _dealt(group: Group, requests: Floats) -> Floats:
    """The members' requests with the group's scaffolds, of those members of whom they are known; all requests if of none."""
    carrying = group.carried.get("carrying", np.empty(0))
    known = carrying[carrying > 0]
    return known if len(known) > 1 else requests[group.members]


SIGNAL = Signal("near-equal volumes", "coordination", "work sharing", weigh)
