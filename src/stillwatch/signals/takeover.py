"""Takeover: when a part of the group was stopped, the rest of it began.

*Why it separates.* Banned accounts are replaced within days by a new pool with the same work. *When it misleads.* A ban wave
that wrongly stopped the users of one application drives them to new accounts; a launch on the same days brings everybody.

Statistic: of the members that were not stopped, the share whose first request came within three days after the stop of another
member (at least FEWEST were stopped), against the same share among all other accounts.
"""

import numpy as np

from stillwatch.signals.likelihood import bits_between
from stillwatch.signals.population import Floats, Group, Population, Reading, Signal, Silence

FEWEST = 3
_SOON = 3 * 86_400.0
_CAP = 6.0


def weigh(group: Group, population: Population, rng: np.random.Generator) -> Reading | Silence:
    """Bits for one hand from how many members began when others were stopped; needs accounts that are known to be stopped."""
    stopped, first = population.measures.get("stopped"), population.measures["first"]
    if stopped is None:
        return Silence(
            "no account was stopped: none is suspended or closed with a state_ts in the accounts table, or refused with status 403"
        )
    ends = np.sort(stopped[group.members][~np.isnan(stopped[group.members])])
    heirs = group.members[np.isnan(stopped[group.members])]
    others = np.flatnonzero(population.background(group.members) & np.isnan(stopped))
    if len(ends) < FEWEST or len(heirs) < FEWEST or len(others) < 20:
        return Silence("too few members were stopped, or too few went on, to see a takeover")
    share, usual = (float(_soon_after(first[accounts], ends).mean()) for accounts in (heirs, others))
    bits = bits_between(share, hostile=(0.9, 0.25), innocent=(usual, 0.15), cap=_CAP, floor=-1)
    statement = (
        f"{len(ends)} of the accounts were stopped; {share:.0%} of the others sent their first request within three days after "
        f"({usual:.0%} of accounts elsewhere)."
    )
    return Reading(bits, statement, len(heirs), int(population.measures["requests"][heirs].sum()))


def _soon_after(times: Floats, ends: Floats) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Whether each time lies within three days after one of the ascending ``ends``."""
    place = np.searchsorted(ends, times, side="right") - 1
    return (place >= 0) & (times - ends[np.maximum(place, 0)] <= _SOON)


SIGNAL = Signal("takeover", "coordination", "succession", weigh)
