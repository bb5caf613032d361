"""Log2 likelihood ratios from two bell curves, the form in which most signals turn a statistic into bits.

>>> round(bits_between(0.0, hostile=(0.0, 0.1), innocent=(1.0, 0.5), cap=8), 2)
5.21
"""

import math

import numpy as np

from stillwatch.signals.population import Floats

Bell = tuple[float, float]
"""Mean and standard deviation."""


def bits_between(x: float, *, hostile: Bell, innocent: Bell, cap: float, floor: float | None = None) -> float:
    """log2 of the density of ``x`` under ``hostile`` over that under ``innocent``, kept within [``floor``, ``cap``].

    ``floor`` is ``-cap`` if not given. Caps stand for what the curves do not know: no single statistic may decide.
    """
    nats = _log_density(x, hostile) - _log_density(x, innocent)
    return min(cap, max(-cap if floor is None else floor, nats / math.log(2)))


def _log_density(x: float, bell: Bell) -> float:
    mean, deviation = bell
    return -0.5 * ((x - mean) / deviation) ** 2 - math.log(deviation)


def bits_against_population(values: Floats, population: Floats, hostile: Floats, edges: Floats, cap: float) -> Floats:
    """Per value, log2 of how much more likely it is under a stated hostile shape than in the population as measured.

    ``edges`` (k+1) cut the scale into k bins; ``hostile`` (k) is the assumed share of hostile accounts per bin. The
    population's shares are counted, with one hostile-shaped pseudo-account in twenty so that bits fade to 0 as the
    population grows small. NaN gives 0 bits. Result within [-cap, cap].
    """
    known = population[~np.isnan(population)]
    counts = np.histogram(np.clip(known, edges[0], edges[-1]), edges)[0]
    prior = 20.0
    shares = (counts + prior * hostile / hostile.sum()) / (len(known) + prior)
    bits = np.log2((hostile / hostile.sum() + 1e-3) / (shares + 1e-3))
    place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(hostile) - 1)
    return np.where(np.isnan(values), 0.0, np.clip(bits[place], -cap, cap))
