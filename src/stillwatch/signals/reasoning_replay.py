"""Reasoning replay: signed or encrypted reasoning of one account's session comes back in from another account.

*Why it separates.* A reasoning block is bound to the conversation that produced it; only somebody who pools transcripts has it
elsewhere (threat model, disclosures of September 2026). *When it misleads.* One conversation carried on under two keys of a
team; a router that changes keys in the middle.

Measure: share of an account's requests that bring in a block which another account sent too.
"""

import numpy as np

from stillwatch.signals.population import Group, Population, Reading, Signal, Silence

_CAP = 9.0


def weigh(group: Group, population: Population, rng: np.random.Generator) -> Reading | Silence:
    """Bits for a harvest from how much more common replaying is in the group than elsewhere; silent where nobody does."""
    replayed = population.measures.get("replayed")
    if replayed is None or not (replayed > 0).any():
        return Silence("no reasoning block was sent in by more than one account")
    own = replayed[group.members] > 0
    others = replayed[population.background(group.members)] > 0
    if not own.any():
        return Silence("no member of a group replays reasoning blocks")
    usual = (others.sum() + 1) / (len(others) + 2)
    bits = min(_CAP, max(0.0, float(np.log2(own.mean() / usual))))
    statement = (
        f"{own.sum()} of {len(own)} accounts sent in reasoning blocks that other accounts sent too; "
        f"{others.mean():.2%} of other accounts do."
    )
    requests = population.measures["requests"][group.members]
    return Reading(bits, statement, int(own.sum()), int((requests * replayed[group.members]).sum()))


SIGNAL = Signal("reasoning replay", "harvest", "replay", weigh)
