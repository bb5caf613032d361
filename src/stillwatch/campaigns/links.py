"""Links: which pairs of accounts have rare things in common, and how strongly, as edges of a graph.

Two graphs are made, and neither is quadratic in anything. Where *d* accounts share a thing, they are strung together in
ROUNDS circles, each in an order of its own that is the same for all things: at most ``ROUNDS * d`` edges instead of
``d * (d - 1) / 2``, a random graph in which no part looks like a community of its own, and things shared by the same accounts
strengthen the same edges. Every edge is weighed up by how many pairs it stands for, so that the mean over pairs is that of the
full graph. Very many accounts with exactly the same things are one node (``twins``), with an edge to each that shares one of them.

Sharing weighs log2(N / d) bits, the surprise of meeting the thing twice (inverse document frequency; Fellegi and Sunter 1969
for why rarity is what counts). *Work* links come from scaffolds on which both accounts lean, or from several that both use
a little (a paraphrased scaffold). *Identity* links come from what accounts are: payment, device, address and so on.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, starmap

import numpy as np

from stillwatch.campaigns.scaffolds import Scaffolds
from stillwatch.campaigns.twins import Twins
from stillwatch.signals.population import Attribute, Floats, Ints

ROUNDS = 16
SMALL = ROUNDS + 1
"""So few sharers are linked pair by pair: these are half as many edges."""
AT_ONCE = 1 << 22
"""Links are summed up to pairs about so many at a time, which bounds memory."""
MIN_WEAK = 4
MIN_WEAK_TEXTS = 12
MAX_WEAK = 8.0
"""Scaffolds that two accounts use only a little link them if they are at least MIN_WEAK, each in MIN_WEAK_TEXTS different
texts or more (a question that two harvests have in common is not), and then with at most MAX_WEAK bits."""
MIN_RARITY = 1.0
"""A thing that more than half of all accounts share links nobody (bits)."""


@dataclass(frozen=True)
class Links:
    """Edges between account numbers ``left`` < ``right`` with ``bits`` > 0 each, weighed up for the pairs not drawn.

    Of ``twins`` only the head has edges, for all of them.
    """

    left: Ints
    right: Ints
    bits: Floats
    twins: Twins

    def only(self, edges: Ints) -> "Links":
        """Some of the links."""
        return Links(self.left[edges], self.right[edges], self.bits[edges], self.twins)


def work_links(scaffolds: Scaffolds, population: int) -> Links:
    """Links from scaffolds in common, among ``population`` accounts."""
    rarity = np.log2(population / np.maximum(scaffolds.accounts, 1))
    worn = (scaffolds.texts >= MIN_WEAK_TEXTS)[scaffolds.scaffold]
    rows = np.flatnonzero((rarity[scaffolds.scaffold] >= MIN_RARITY) & (scaffolds.leans | worn))
    twins = _work_twins(scaffolds, rows, rarity, population)
    rows = rows[twins.size[scaffolds.account[rows]] > 0]
    scaffold, account, leans = scaffolds.scaffold[rows], scaffolds.account[rows], scaffolds.leans[rows]

    def summed(left: Ints, right: Ints, stands_for: Floats) -> tuple[Ints, Floats]:
        pairs, place = _pairs(account[left], account[right])
        bits, strong = rarity[scaffold[left]], leans[left] & leans[right]
        times = np.bincount(place, ~strong, len(pairs))
        weak = np.minimum(np.bincount(place, bits * ~strong, len(pairs)) / MIN_WEAK, MAX_WEAK)
        weak *= np.bincount(place, stands_for * ~strong, len(pairs)) / np.maximum(times, 1)
        return pairs, np.bincount(place, bits * stands_for * strong, len(pairs)) + weak * (times >= MIN_WEAK)

    return _links(starmap(summed, _neighbours(scaffold, account, twins.size[account])), twins)


def _work_twins(scaffolds: Scaffolds, rows: Ints, rarity: Floats, population: int) -> Twins:
    """Accounts that use the same scaffolds and lean on the same ones; what they use a little does not hold them together."""
    scaffold, leans = scaffolds.scaffold[rows], scaffolds.leans[rows]
    return Twins.of(2 * scaffold + leans, scaffolds.account[rows], rarity[scaffold] * leans, population)


@dataclass(frozen=True)
class Things:
    """Which account has which thing of one sort: parallel arrays of thing and account numbers."""

    thing: Ints
    account: Ints

    @staticmethod
    def of(attribute: Attribute) -> "Things":
        """The known values of an attribute."""
        known = np.flatnonzero(attribute.codes >= 0)
        return Things(attribute.codes[known], known)


def identity_links(sorts: Sequence[Things], population: int) -> Links:
    """Links from things in common, among ``population`` accounts."""
    things, accounts, offset = [np.empty(0, np.int64)], [np.empty(0, np.int64)], 0
    for sort in sorts:
        things.append(sort.thing + offset)
        accounts.append(sort.account)
        offset += int(sort.thing.max(initial=-1)) + 1
    thing, account = np.concatenate(things), np.concatenate(accounts)
    sharers = np.bincount(thing)
    rarity = np.log2(population / np.maximum(sharers, 1))
    order = np.lexsort((account, thing))
    order = order[((rarity >= MIN_RARITY) & (sharers > 1))[thing[order]]]
    twins = Twins.of(thing[order], account[order], rarity[thing[order]], population)
    order = order[twins.size[account[order]] > 0]
    thing, account = thing[order], account[order]

    def summed(left: Ints, right: Ints, stands_for: Floats) -> tuple[Ints, Floats]:
        pairs, place = _pairs(account[left], account[right])
        return pairs, np.bincount(place, rarity[thing[left]] * stands_for, len(pairs)).astype(float)

    return _links(starmap(summed, _neighbours(thing, account, twins.size[account])), twins)


def _neighbours(thing: Ints, account: Ints, size: Ints) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Rows to link (places of rows with one thing and two accounts, the lesser first), and how many pairs each link stands for; all
    links of some accounts as the lesser ones at a time, accounts ascending.

    ``thing``, ``account`` and ``size`` (how many accounts the row stands for) are parallel, sorted by thing, then account.
    """
    alone = np.flatnonzero(size == 1)
    few = np.bincount(thing[alone], minlength=1)[thing[alone]] <= SMALL if len(alone) else np.empty(0, bool)
    whole, drawn = alone[few], alone[~few]
    later = np.searchsorted(thing[whole], thing[whole], side="right") - 1 - np.arange(len(whole))
    first, second, stands_for = _circles(thing[drawn], account[drawn])
    head, other = _spokes(thing, size)
    left, right = np.concatenate([drawn[first], head]), np.concatenate([drawn[second], other])
    stands_for = np.concatenate([stands_for, size[head] * size[other]])
    links = np.bincount(account[whole], later, account.max(initial=-1) + 1)
    for low, high in pairwise(_bounds(links + np.bincount(account[left], minlength=len(links)))):
        rows = np.flatnonzero((account[whole] >= low) & (account[whole] < high))
        mine = np.flatnonzero((account[left] >= low) & (account[left] < high))
        row, next_row = _all_pairs(rows, later[rows])
        yield (
            np.concatenate([whole[row], left[mine]]),
            np.concatenate([whole[next_row], right[mine]]),
            np.concatenate([np.ones(len(row)), stands_for[mine]]),
        )


def _bounds(links: Floats | Ints) -> list[int]:
    """Bounds of ranges of accounts with some AT_ONCE ``links`` each."""
    total = np.cumsum(links)
    ends = np.searchsorted(total, np.arange(AT_ONCE, total[-1] if len(total) else 0, AT_ONCE), side="right")
    return [int(bound) for bound in np.unique([0, *ends, len(links)])]


def _all_pairs(rows: Ints, later: Ints) -> tuple[Ints, Ints]:
    """Each of ``rows`` with every ``later`` one that has its thing."""
    first = np.repeat(rows, later)
    return first, first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(later) - later, later)


def _spokes(thing: Ints, size: Ints) -> tuple[Ints, Ints]:
    """Rows of heads, each with every other row that has its thing, the lesser first."""
    heads = np.flatnonzero(size > 1)
    start, end = np.searchsorted(thing, thing[heads]), np.searchsorted(thing, thing[heads], side="right")
    head = np.repeat(heads, end - start)
    other = np.arange(len(head)) + np.repeat(start - (np.cumsum(end - start) - (end - start)), end - start)
    once = (size[other] == 1) & (head != other) | (head < other)
    return np.minimum(head, other)[once], np.maximum(head, other)[once]


def _circles(thing: Ints, account: Ints, at_once: int = AT_ONCE) -> tuple[Ints, Ints, Floats]:
    """As ``_neighbours``, of rows that stand for one account each; drawn ``at_once`` so many at a time."""
    rng = np.random.default_rng(5)
    turns = [rng.permutation(account.max(initial=0) + 1) for _ in range(ROUNDS)]
    starts = np.flatnonzero(np.diff(thing, prepend=-1))
    first_of_range = np.unique(np.searchsorted(starts, np.arange(0, len(thing), at_once // ROUNDS)))
    cuts = starts[first_of_range[first_of_range < len(starts)]]
    found = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))]
    for low, high in pairwise([*cuts.tolist(), len(thing)]):
        first, second, stands_for = _some_circles(thing[low:high], account[low:high], turns)
        found.append((first + low, second + low, stands_for))
    first, second, stands_for = (np.concatenate(each) for each in zip(*found, strict=True))
    return first, second, stands_for


def _some_circles(thing: Ints, account: Ints, turns: Sequence[Ints]) -> tuple[Ints, Ints, Floats]:
    """The circles through the rows of some whole things; ``turns`` are the orders of accounts in each round."""
    _, start, count = np.unique(thing, return_index=True, return_counts=True)
    last = np.repeat(start + count - 1, count)
    base = np.repeat(start, count)
    successor = np.where(np.arange(len(thing)) == last, base, np.arange(len(thing)) + 1)
    drawn = []
    for turn in turns:
        order = np.argsort(thing * _SHIFT + turn[account])
        drawn.append(_packed(order, order[successor]))
    edges = np.sort(np.concatenate(drawn))
    edges = edges[np.diff(edges, prepend=-1) > 0]
    first, second = edges >> 32, edges & (_SHIFT - 1)
    first, second = first[first != second], second[first != second]
    size = np.repeat(count, count)[first]
    links = np.bincount(base[first], minlength=len(thing))[base[first]]
    return first, second, size * (size - 1) / 2 / links


_SHIFT = np.int64(1 << 32)
_ROOM = 63


def _pairs(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Distinct unordered pairs, packed into one number each, and per edge the place of its pair.

    Where pair and number of the edge fit into one number together, these are sorted, which is much faster than to sort places.
    """
    packed, bits = _packed(left, right), max(len(left) - 1, 1).bit_length()
    width = int(max(right.max(initial=0), left.max(initial=0)) + 1).bit_length()
    if 2 * width + bits > _ROOM:
        pairs, place = np.unique(packed, return_inverse=True)
        return pairs, place
    ordered = np.sort((((packed >> 32) << width | packed & (_SHIFT - 1)) << bits) | np.arange(len(left)))
    narrow, edge = ordered >> bits, ordered & ((1 << bits) - 1)
    first = np.diff(narrow, prepend=-1) > 0
    place = np.empty(len(left), np.int64)
    place[edge] = np.cumsum(first) - 1
    return packed[edge[first]], place


def _packed(left: Ints, right: Ints) -> Ints:
    return np.asarray(np.minimum(left, right) * _SHIFT + np.maximum(left, right))


def _links(summed: Iterable[tuple[Ints, Floats]], twins: Twins) -> Links:
    pairs, bits = [np.empty(0, np.int64)], [np.empty(0)]
    for some, of_each in summed:
        kept = of_each > 0
        pairs.append(some[kept])
        bits.append(of_each[kept])
    every = np.concatenate(pairs)
    return Links(every // _SHIFT, every % _SHIFT, np.concatenate(bits), twins)
