"""Twins: accounts that have exactly the same linking things; one of them stands for all in a graph if they are many.

What very many share (the prompt of a popular tool, an address of a large provider) makes most of those that share it twins: they
have nothing else in common with anybody. Any two of them share the same bits, so a graph need not draw them one by one:

1. Where any two share less than a community asks for on average, none of them is in a community of the whole graph: each would
   lower the mean of whatever it joined.
2. Where they share as much or more, all are in one community together: what suits one suits the others, and they suit each other.

>>> twins = Twins.of(np.zeros(2000, np.int64), np.arange(2000), np.full(2000, 1.5), population=3000)
>>> twins.head[[7, 2500]].tolist(), twins.size[0], twins.bits[7], twins.bits[2500]
([0, 2500], 2000, 1.5, inf)
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from stillwatch.signals.population import Floats, Ints

MANY = 1_024
"""Fewer twins than this are drawn one by one …"""
MOST_HEADS = 64
"""… and so are all but those of the largest sets, because a head has an edge to each account that shares something with it."""


@dataclass(frozen=True)
class Twins:
    """Per account: the ``head`` that stands for it (the least of its twins; itself if they are few), for how many accounts it
    stands (``size``; 0 if another one stands for it), and the ``bits`` that any two of its twins share (inf if it stands for
    itself)."""

    head: Ints
    size: Ints
    bits: Floats

    @classmethod
    def of(cls, thing: Ints, account: Ints, bits: Floats, population: int) -> Self:
        """The twins among accounts that have things: ``thing``, ``account`` are parallel, ``bits`` is what two accounts share if
        both have the thing."""
        head = _heads(thing, account, population)
        shared = np.bincount(account, bits, population)
        crowded = np.isin(head, _largest(np.bincount(head, minlength=population)))
        head = np.where(crowded, head, np.arange(population))
        return cls(head, np.bincount(head, minlength=population), np.where(crowded, shared, np.inf))

    @classmethod
    def none(cls, population: int) -> Self:
        """Everybody stands for itself."""
        return cls(np.arange(population), np.ones(population, np.int64), np.full(population, np.inf))


def _largest(size: Ints) -> Ints:
    """The heads of the largest sets of MANY or more."""
    many = np.flatnonzero(size >= MANY)
    return many[np.argsort(-size[many], kind="stable")[:MOST_HEADS]]


def _heads(thing: Ints, account: Ints, population: int) -> Ints:
    """Per account the least one with the same things (itself if it has none), by a random sum over things."""
    numbers = np.random.default_rng(8).integers(1, 2**62, int(thing.max(initial=0)) + 1, dtype=np.uint64)
    sums = np.zeros(population, np.uint64)
    np.add.at(sums, account, numbers[thing])
    _, first, place = np.unique(sums, return_index=True, return_inverse=True)
    return np.asarray(np.where(sums > 0, first[place.reshape(-1)], np.arange(population)))
