"""The form of signals that read one account at a time: a measure, and the shape that a harvest gives it.

Bits compare the assumed hostile shape with the population as measured, so a measure on which everybody scores alike says
nothing. A group's reading is the mean over its members: they are repetitions of one question, not independent witnesses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from stillwatch.signals.likelihood import bits_against_population
from stillwatch.signals.population import Floats, Group, Population, Reading, Signal, Silence


@dataclass(frozen=True)
class AccountSignal:
    """A measure and how a harvest would spread over it.

    ``value`` takes the population's measures to one number per account (NaN where unknown); ``needs`` names the measures,
    ``columns`` the input columns behind them; ``edges`` (k+1) cut the scale, ``hostile`` (k) gives the assumed share of
    harvesting accounts per bin; ``cap`` bounds the bits (and ``floor``, if given, from below, where absence means little);
    ``sentence`` has the fields ``own`` and ``usual``, the medians of group and population, and ``own_times`` and
    ``usual_times``, two to their power (for measures in octaves).
    """

    name: str
    family: str
    value: Callable[[Mapping[str, Floats]], Floats]
    needs: tuple[str, ...]
    columns: tuple[str, ...]
    edges: tuple[float, ...]
    hostile: tuple[float, ...]
    cap: float
    sentence: str
    floor: float | None = None

    def as_signal(self) -> Signal:
        """This signal for groups."""
        return Signal(self.name, "harvest", self.family, partial(weigh, self))


def account_bits(signal: AccountSignal, population: Population) -> Floats | Silence:
    """Bits of every account of the population, or why there are none."""
    values = _values(signal, population)
    return values if isinstance(values, Silence) else _bits(signal, values, values, population)


def _values(signal: AccountSignal, population: Population) -> Floats | Silence:
    missing = [name for name in signal.needs if name not in population.measures]
    values = np.empty(0) if missing else signal.value(population.measures)
    if missing or np.isnan(values).all():
        return Silence(f"no {' or '.join(signal.columns)} in the input, or too few requests to tell")
    return values


def _bits(signal: AccountSignal, values: Floats, everyone: Floats, population: Population) -> Floats:
    usual = everyone[~population.suspects] if (~population.suspects).sum() >= 30 else everyone
    bits = bits_against_population(values, usual, np.array(signal.hostile), np.array(signal.edges), signal.cap)
    return bits if signal.floor is None else np.maximum(bits, signal.floor)


def weigh(signal: AccountSignal, group: Group, population: Population, rng: np.random.Generator) -> Reading | Silence:
    """The mean bits of the group's members, by the requests that carry the group's scaffolds if it has any."""
    everyone = _values(signal, population)
    if isinstance(everyone, Silence):
        return everyone
    own, others = signal.value(group.measures(population)), everyone[population.background(group.members)]
    if np.isnan(own).all():
        return Silence(f"{signal.name}: nothing known of the members")
    bits = _bits(signal, own, everyone, population)
    middle, usual = float(np.nanmedian(own)), float(np.nanmedian(others)) if len(others) else np.nan
    statement = signal.sentence.format(own=middle, usual=usual, own_times=2**middle, usual_times=2**usual)
    requests = int(population.measures["requests"][group.members].sum())
    return Reading(float(bits.mean()), statement, len(group), requests)
