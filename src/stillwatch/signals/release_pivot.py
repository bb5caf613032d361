"""Release pivot: within a day of a model's release the group moves to it.

*Why it separates.* A harvest wants the newest teacher: one campaign on record moved half of its traffic to a new model
within 24 hours of its release. Customers change when their tests have passed. *When it misleads.* Release-day benchmarking and
enthusiasts do so too, and an application's author moves all its users at once; so it says little by itself.

Measure: of an account's requests in the 24 hours after a release, the share that asked for the released model, in [0, 1].
"""

import numpy as np

from stillwatch.signals.population import Group, Population, Reading, Signal, Silence

_CAP = 2.5
_FEWEST = 5


def weigh(group: Group, population: Population, rng: np.random.Generator) -> Reading | Silence:
    """Bits for one hand from how much more of the group's traffic moved than of others'; never against."""
    moved = population.measures.get("moved")
    if moved is None:
        return Silence("no model_release within the window among the events, or nobody asked for a released model")
    own, others = (values[~np.isnan(values)] for values in (moved[group.members], moved[population.background(group.members)]))
    if len(own) < _FEWEST or len(others) < _FEWEST:
        return Silence("too few accounts sent requests on the day of a release")
    share, usual = float(own.mean()), float(others.mean())
    bits = min(_CAP, max(0.0, float(np.log2((share + 0.05) / (usual + 0.05)))))
    statement = (
        f"In the day after a model's release {share:.0%} of the accounts' requests went to that model "
        f"({usual:.0%} of other accounts' requests)."
    )
    return Reading(bits, statement, len(own), int(population.measures["requests"][group.members].sum()))


SIGNAL = Signal("release pivot", "coordination", "rhythm", weigh)
