"""Candidates without a fixed text in common: same settings over a harvest, or payers and devices that tie accounts together.

A harvest may send bare questions, each once. Then no scaffold links its accounts, and what they are says little pair by
pair. Two coarse groupings are tried as well, because weighing is what decides: accounts whose own traffic looks like a harvest and
whose client and sampling settings are the same; and accounts that payment instruments and devices connect, over any number of
steps.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from stillwatch.signals.population import Attribute, Floats, Ints

MIN_ACCOUNTS = 15
MOST = 0.2
"""A grouping that takes in more than this share of all accounts says nothing."""
MOST_SHARING = 0.05
"""A payment instrument or device that more than this share of all accounts have connects nobody."""
MOSTLY = 0.6
_FEWEST_REQUESTS = 3
_APART, _DOUBLINGS = 4, 1.5
"""A length this many deviations from the median, and this many doublings, is another manner."""
_SIZES = ("text_bytes", "output_mean")
_PROFILE = ("user_agent", "sampling")
_TIES = ("payment_fingerprint", "device_id")


def same_profile(attributes: Mapping[str, Attribute], harvest: Floats) -> list[Ints]:
    """The accounts with more than 0 ``harvest`` bits, grouped by client software and sampling settings."""
    known = [attributes[name].codes for name in _PROFILE if name in attributes]
    if not known:
        return []
    chosen = np.flatnonzero((harvest > 0) & np.logical_and.reduce([codes >= 0 for codes in known]))
    _, group = np.unique(np.stack([codes[chosen] for codes in known]), axis=1, return_inverse=True)
    return list(_large(chosen, group.reshape(-1), len(harvest)))


def tied(attributes: Mapping[str, Attribute], population: int) -> list[Ints]:
    """The accounts that payment instruments and devices connect."""
    edges = [_edges(attributes[name].codes, MOST_SHARING * population) for name in _TIES if name in attributes]
    if not edges:
        return []
    left, right = (np.concatenate(ends) for ends in zip(*edges, strict=True))
    graph = coo_array((np.ones(len(left)), (left, right)), shape=(population, population))
    _, group = connected_components(graph, directed=False)
    return list(_large(np.arange(population), group.astype(np.int64), population))


def _edges(codes: Ints, most: float) -> tuple[Ints, Ints]:
    """Each account with the next one that has the same value, as a chain through all that have it."""
    order = np.argsort(codes, kind="stable")
    order = order[codes[order] >= 0]
    shared = np.bincount(codes[order], minlength=1)[codes[order]]
    order = order[(shared > 1) & (shared <= most)]
    chained = codes[order[1:]] == codes[order[:-1]]
    return order[:-1][chained], order[1:][chained]


def _large(accounts: Ints, group: Ints, population: int) -> Iterator[Ints]:
    counts = np.bincount(group, minlength=1)
    for number in np.flatnonzero((counts >= MIN_ACCOUNTS) & (counts <= MOST * population)):
        yield accounts[group == number]


def without_bystanders(members: Ints, measures: Mapping[str, Floats], harvest: Floats) -> Ints:
    """The members without neighbours by chance; nobody is picked out: as soon as few would be left, all stay.

    A bystander has sent next to nothing, or its own traffic leaves no harvest possible, or its usual prompt or answer is of quite
    another length than the others'.
    """
    kept = members
    for chosen in (_told, _harvesting, _alike):
        left = chosen(kept, measures, harvest)
        enough = 0 if chosen is _told else MOSTLY * len(kept)
        kept = left if len(left) >= max(MIN_ACCOUNTS, enough) else kept
    return kept


def _told(members: Ints, measures: Mapping[str, Floats], harvest: Floats) -> Ints:
    return members[measures["requests"][members] >= _FEWEST_REQUESTS]


def _harvesting(members: Ints, measures: Mapping[str, Floats], harvest: Floats) -> Ints:
    return members[harvest[members] > 0]


def _alike(members: Ints, measures: Mapping[str, Floats], harvest: Floats) -> Ints:
    """The members none of whose sizes (in doublings) lies apart from the group's median, by its median absolute deviation."""
    known = [measures[name][members] for name in _SIZES if name in measures]
    sizes = np.log2(1 + np.stack([lengths for lengths in known if not np.isnan(lengths).all()]))
    apart = np.abs(sizes - np.nanmedian(sizes, axis=1, keepdims=True))
    usual = 1.4826 * np.nanmedian(apart, axis=1, keepdims=True)
    other = (apart > np.maximum(_APART * usual, _DOUBLINGS)).any(axis=0)
    return np.delete(members, np.flatnonzero(other))


def new_among(found: Sequence[Ints], known: Sequence[Ints]) -> list[Ints]:
    """Those of ``found`` of which no known group takes in more than half."""
    return [members for members in found if not any(np.isin(members, other).sum() > len(members) / 2 for other in known)]
