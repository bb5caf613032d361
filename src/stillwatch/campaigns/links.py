"""Links: which pairs of accounts have rare things in common, and how strongly, as edges of a graph.

Two graphs are made, and neither is quadratic in anything: an account is linked only to the next RING accounts (in a
fixed order of keys) that share a thing, so a thing shared by *d* accounts costs ``RING * d`` edges, and things shared by the same accounts
strengthen the same edges. Sharing weighs log2(N / d) bits, the surprise of meeting it twice (inverse document frequency;
Fellegi and Sunter 1969 for why rarity is what counts).

*Work* links come from scaffolds on which both accounts lean, or from several that both use a little (a paraphrased
scaffold). *Identity* links come from what accounts are: payment, device, address and so on.
"""

from dataclasses import dataclass

import numpy as np

from stillwatch.campaigns.scaffolds import STRONG_SHARE, Scaffolds
from stillwatch.signals.population import Attribute, Floats, Ints

RING = 10
MIN_WEAK = 4
"""Scaffolds that both accounts use only a little must be at least this many to make a link."""
MIN_RARITY = 1.0
"""A thing that more than half of all accounts share links nobody (bits)."""


@dataclass(frozen=True)
class Links:
    """Edges between account numbers ``left`` < ``right`` with ``bits`` > 0 each."""

    left: Ints
    right: Ints
    bits: Floats


def work_links(scaffolds: Scaffolds, population: int) -> Links:
    """Links from scaffolds in common, among ``population`` accounts."""
    rarity = np.log2(population / np.maximum(scaffolds.accounts, 1))
    rare = rarity[scaffolds.scaffold] >= MIN_RARITY
    left, right = _ring(scaffolds.scaffold[rare])
    share, account, scaffold = scaffolds.share[rare], scaffolds.account[rare], scaffolds.scaffold[rare]
    both = np.minimum(share[left], share[right])
    pairs, place = _pairs(account[left], account[right])
    weak = both < STRONG_SHARE
    bits = rarity[scaffold[left]]
    many = np.bincount(place, weak, len(pairs)) >= MIN_WEAK
    counted = np.where(weak, bits * many[place] * 0.25, bits)
    return _links(pairs, np.bincount(place, counted, len(pairs)))


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
    left, right = _ring(code)
    pairs, place = _pairs(account[left], account[right])
    return _links(pairs, np.bincount(place, rarity[code[left]], len(pairs)))


def _ring(thing: Ints) -> tuple[Ints, Ints]:
    """Rows to link, for rows sorted by thing: each with the next RING rows of the same thing, round the end."""
    if not len(thing):
        return thing, thing
    _, start, count = np.unique(thing, return_index=True, return_counts=True)
    size = np.repeat(count, count)
    base = np.repeat(start, count)
    place = np.arange(len(thing)) - base
    left, right = [], []
    for step in range(1, RING + 1):
        linked = np.flatnonzero(size > step)
        left.append(linked)
        right.append(base[linked] + (place[linked] + step) % size[linked])
    return np.concatenate(left), np.concatenate(right)


_SHIFT = np.int64(1 << 32)


def _pairs(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Distinct unordered pairs, packed into one number each, and per edge the place of its pair."""
    packed = np.minimum(left, right) * _SHIFT + np.maximum(left, right)
    pairs, place = np.unique(packed, return_inverse=True)
    return pairs, place


def _links(pairs: Ints, bits: Floats) -> Links:
    kept = bits > 0
    return Links(pairs[kept] // _SHIFT, pairs[kept] % _SHIFT, bits[kept])
