"""Rare scaffold: much of the group's traffic carries a fixed text that hardly anybody else uses.

*Why it separates.* Accounts of one hand run one program. *When it misleads.* So do the users of any app with a prompt of
its own; therefore this says little by itself, and the group's other readings must tell hand from app.
"""

import numpy as np

from stillwatch.signals.population import Group, Population, Reading, Signal, Silence


def weigh(group: Group, population: Population, rng: np.random.Generator) -> Reading | Silence:
    """Up to 3 bits: the mean share of members' requests with the scaffolds, times the share of their users who are members."""
    if not len(group.scaffold_share):
        return Silence("the group shares no scaffold")
    share = float(group.scaffold_share.mean())
    inside = len(group) / (len(group) + group.outside)
    requests = population.measures["requests"][group.members]
    statement = (
        f"{share:.0%} of the accounts' requests carry the same fixed texts, which {group.outside} other accounts use as much."
    )
    return Reading(3 * inside * min(1.0, 2 * share), statement, len(group), int((requests * group.scaffold_share).sum()))


SIGNAL = Signal("rare scaffold", "coordination", "program", weigh)
