"""Links: which pairs of accounts have rare things in common, and how strongly, as edges of a graph.

Two graphs are made, and neither is quadratic in anything. Where *d* accounts share a thing, each is linked only to those
at Fibonacci distances from it (1, 2, 3, 5, 8, … in the order of account keys, round the end): about ``1.5 * log2(d)`` edges
an account, an expander in which no arc of the order looks like a community of its own. Every edge is weighed up by how many
pairs it stands for, so that the mean over pairs is that of the full graph.

Sharing weighs log2(N / d) bits, the surprise of meeting the thing twice (inverse document frequency; Fellegi and Sunter 1969
for why rarity is what counts). *Work* links come from scaffolds on which both accounts lean, or from several that both use
a little (a paraphrased scaffold). *Identity* links come from what accounts are: payment, device, address and so on.
"""

from dataclasses import dataclass

import numpy as np

from stillwatch.campaigns.scaffolds import Scaffolds
from stillwatch.signals.population import Attribute, Floats, Ints

MIN_WEAK = 4
MIN_WEAK_TEXTS = 12
MAX_WEAK = 8.0
"""Scaffolds that two accounts use only a little link them if they are at least MIN_WEAK, each in MIN_WEAK_TEXTS different
texts or more (a question that two harvests have in common is not), and then with at most MAX_WEAK bits."""
MIN_RARITY = 1.0
"""A thing that more than half of all accounts share links nobody (bits)."""


@dataclass(frozen=True)
class Links:
    """Edges between account numbers ``left`` < ``right`` with ``bits`` > 0 each, weighed up for the pairs not drawn."""

    left: Ints
    right: Ints
    bits: Floats


def work_links(scaffolds: Scaffolds, population: int) -> Links:
    """Links from scaffolds in common, among ``population`` accounts."""
    rarity = np.log2(population / np.maximum(scaffolds.accounts, 1))
    worn = (scaffolds.texts >= MIN_WEAK_TEXTS)[scaffolds.scaffold]
    rows = np.flatnonzero((rarity[scaffolds.scaffold] >= MIN_RARITY) & (scaffolds.leans | worn))
    left, right, stands_for = _neighbours(scaffolds.scaffold[rows])
    left, right = rows[left], rows[right]
    pairs, place = _pairs(scaffolds.account[left], scaffolds.account[right])
    bits = rarity[scaffolds.scaffold[left]]
    strong = scaffolds.leans[left] & scaffolds.leans[right]
    times = np.bincount(place, ~strong, len(pairs))
    weak = np.minimum(np.bincount(place, bits * ~strong, len(pairs)) / MIN_WEAK, MAX_WEAK)
    weak *= np.bincount(place, stands_for * ~strong, len(pairs)) / np.maximum(times, 1)
    return _links(pairs, np.bincount(place, bits * stands_for * strong, len(pairs)) + weak * (times >= MIN_WEAK))


def identity_links(attributes: list[Attribute], population: int) -> Links:
    """Links from attributes in common, among ``population`` accounts; every kind of attribute counts once a pair."""
    codes, accounts, offset = [], [], 0
    for attribute in attributes:
        known = np.flatnonzero(attribute.codes >= 0)
        codes.append(attribute.codes[known] + offset)
        accounts.append(known)
        offset += int(attribute.codes.max(initial=-1)) + 1
    if not codes:
        return _links(np.empty(0, np.int64), np.empty(0))
    code, account = np.concatenate(codes), np.concatenate(accounts)
    rarity = np.log2(population / np.maximum(np.bincount(code), 1))
    order = np.lexsort((account, code))
    order = order[rarity[code[order]] >= MIN_RARITY]
    code, account = code[order], account[order]
    left, right, stands_for = _neighbours(code)
    pairs, place = _pairs(account[left], account[right])
    return _links(pairs, np.bincount(place, rarity[code[left]] * stands_for, len(pairs)))


def _neighbours(thing: Ints) -> tuple[Ints, Ints, Floats]:
    """Rows to link, for rows sorted by thing, and how many pairs each link stands for.

    Each row is linked with those at Fibonacci distances, round the end.
    """
    if not len(thing):
        return thing, thing, np.empty(0)
    _, start, count = np.unique(thing, return_index=True, return_counts=True)
    size, base = np.repeat(count, count), np.repeat(start, count)
    place = np.arange(len(thing)) - base
    left, right, near, far = [], [], 1, 2
    while near <= size.max() // 2:
        linked = np.flatnonzero(size >= 2 * near)
        left.append(linked)
        right.append(base[linked] + (place[linked] + near) % size[linked])
        near, far = far, near + far
    if not left:
        return thing[:0], thing[:0], np.empty(0)
    ends = np.concatenate(left), np.concatenate(right)
    drawn = np.bincount(base[ends[0]], minlength=len(thing))[base[ends[0]]]
    return *ends, np.maximum(1.0, size[ends[0]] * (size[ends[0]] - 1) / 2 / drawn)


_SHIFT = np.int64(1 << 32)


def _pairs(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Distinct unordered pairs, packed into one number each, and per edge the place of its pair."""
    packed = np.minimum(left, right) * _SHIFT + np.maximum(left, right)
    pairs, place = np.unique(packed, return_inverse=True)
    return pairs, place


def _links(pairs: Ints, bits: Floats) -> Links:
    kept = bits > 0
    return Links(pairs[kept] // _SHIFT, pairs[kept] % _SHIFT, bits[kept])
