"""Candidates: communities of linked accounts, each cut to those that really share what holds it together.

Communities are those of Leiden (Traag, Waltman, van Eck 2019) on the work and on the identity graph, with the constant Potts
model: within a community two accounts share MEAN_BITS or more on average, between communities less. A community held
together by scaffolds takes in every other account that leans on them as much, and lets go of those that do not: the
graph has only some of all pairs.
"""

import random
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import igraph
import numpy as np
import numpy.typing as npt

from stillwatch.campaigns.links import MIN_WEAK_TEXTS, Links
from stillwatch.campaigns.scaffolds import Scaffolds
from stillwatch.signals.population import Floats, Ints

MIN_ACCOUNTS = 8
"""Smaller groups (families, a team's keys) are never looked at: a handful can be alike in ways that no model foresees."""
MEAN_BITS = 1.0
MEAN_IDENTITY_BITS = 4.0
MIN_IDENTITY_ACCOUNTS = 15
CLOSER = 2.0
MOST_BITS = 50.0
"""Communities are looked for at MEAN_BITS, and inside each again at CLOSER times as many, up to MOST_BITS."""
ITERATIONS = 4
"""Of the Leiden algorithm, each over the result of the one before."""
SPLIT_PART = 0.2
"""A closer community counts if it is at least this share of the one around it."""
TYPICAL = 0.75
"""A scaffold is a community's own if this share of its users are members …"""
COMMON = 0.2
"""… and common in it if this share of the members use it."""
MIN_SHARE, MIN_TEXTS = 0.1, 6
"""A group whose scaffolds stand in less than this share of the median member's texts, and in fewer of them, is not held together
by them."""
WHOLE = 0.4
"""A text that carries less than this share of the samples that members' texts do carries a part of the scaffold only."""
LEAST = 0.25
"""Members carry the scaffolds at least this share of what the median member does."""


@dataclass(frozen=True)
class Candidate:
    """Accounts that hang together, the samples of the scaffolds that hold them (none for identity), and each one's lean.

    ``share``: of each member's texts, in [0, 1]; ``outside`` counts other accounts that carry the scaffolds at all.
    """

    members: Ints
    samples: npt.NDArray[np.uint64]
    share: Floats
    outside: int

    def without(self, taken: set[int]) -> "Candidate":
        """The candidate without accounts that stand in another campaign."""
        kept = np.array([int(member) not in taken for member in self.members])
        return Candidate(self.members[kept], self.samples, self.share[kept], self.outside)


def identity_communities(links: Links, population: int) -> list[Ints]:
    """Communities of at least MIN_IDENTITY_ACCOUNTS accounts that share MEAN_IDENTITY_BITS or more on average."""
    return [part.within for part in _Graph.of(links, population).parts(MEAN_IDENTITY_BITS, MIN_IDENTITY_ACCOUNTS)]


def communities(links: Links, population: int) -> list[Ints]:
    """Communities of at least MIN_ACCOUNTS accounts, and those inside them that hang together more closely.

    A community that falls into closer ones is followed by them, and by what they leave over of it: two campaigns that
    share a tool look like one at first.
    """
    todo = [(part, MEAN_BITS * CLOSER) for part in _Graph.of(links, population).parts(MEAN_BITS, MIN_ACCOUNTS)]
    found = [part.within for part, _ in todo]
    while todo:
        around, bits = todo.pop()
        within = around.within
        if len(within) < 2 * MIN_ACCOUNTS:
            continue
        large = [part for part in around.parts(bits, MIN_ACCOUNTS) if len(part.within) >= SPLIT_PART * len(within)]
        if not large or bits > MOST_BITS:
            continue
        closer = [part.within for part in large]
        rest = np.setdiff1d(within, np.concatenate(closer))
        if len(rest) >= max(MIN_ACCOUNTS, SPLIT_PART * len(within)):
            found += [*closer, rest]
        elif len(large) > 1:
            found += closer
        todo += [(part, bits * CLOSER) for part in large]
    return sorted(found, key=lambda members: (-len(members), int(members[0])))


@dataclass(frozen=True)
class _Graph:
    """The accounts ``within`` and the links between them, with twins as one node."""

    within: Ints
    links: Links

    @classmethod
    def of(cls, links: Links, population: int) -> Self:
        return cls(np.arange(population), links)

    def parts(self, bits: float, least: int) -> list["_Graph"]:
        """The communities of ``least`` accounts or more whose members share ``bits`` or more on average."""
        twins = self.links.twins
        within = self.within[twins.bits[self.within] >= bits]
        heads, size = np.unique(twins.head[within], return_counts=True)
        if not len(within) or not (len(self.links.left) or size.max() >= least):
            return []
        number = np.full(len(twins.head), -1)
        number[heads] = _leiden(heads, size, self.links, bits)
        of_account = number[twins.head[within]]
        left = number[self.links.left]
        inside = np.flatnonzero((left >= 0) & (left == number[self.links.right]))
        members, edges = _grouped(of_account), _grouped(left[inside])
        return [
            _Graph(within[places], self.links.only(inside[edges.get(part, _NONE)]))
            for part, places in members.items()
            if len(places) >= least
        ]


_NONE = np.empty(0, np.int64)


def _leiden(heads: Ints, size: Ints, links: Links, bits: float) -> Ints:
    """Per head the number of its community."""
    node = np.full(len(links.twins.head), -1)
    node[heads] = np.arange(len(heads))
    left, right = node[links.left], node[links.right]
    kept = (left >= 0) & (right >= 0)
    graph = igraph.Graph(n=len(heads), edges=np.stack([left[kept], right[kept]], axis=1))
    weights = array("d", links.bits[kept].tobytes())
    igraph.set_random_number_generator(random.Random(0))
    found = graph.community_leiden(
        "CPM", weights=weights, resolution=bits, n_iterations=ITERATIONS, node_weights=array("d", size.astype(float).tobytes())
    )
    return np.array(found.membership)


def _grouped(numbers: Ints) -> dict[int, Ints]:
    """Each number with its places, ascending."""
    order = np.argsort(numbers, kind="stable")
    values, start = np.unique(numbers[order], return_index=True)
    return dict(zip(values.tolist(), np.split(order, start[1:]), strict=True)) if len(order) else {}


def held_by(community: Ints, scaffolds: Scaffolds) -> Ints:
    """The scaffolds that hold a community together: mostly its own, and common in it (or, paraphrased, at least shared)."""
    users = scaffolds.users_among(community)
    own = users >= TYPICAL * np.maximum(scaffolds.accounts, 1)
    common = own & (users >= COMMON * len(community))
    return np.flatnonzero(common if common.any() else own & (users >= 3) & (scaffolds.texts >= MIN_WEAK_TEXTS))


def work_candidate(
    community: Ints, samples: npt.NDArray[np.uint64], share: Floats, density: Floats, texts: Floats
) -> Candidate | None:
    """The accounts that carry the community's scaffolds about as much as its members; None if too few do.

    ``share`` is every account's share of its ``texts`` that carry them, ``density`` how many samples such a text carries: who
    quotes a part of a long template does not use it. One text alone makes nobody a member.
    """
    usual = float(np.median(share[community]))
    whole = density >= WHOLE * np.median(density[community])
    members = np.flatnonzero(whole & (share >= max(LEAST * usual, 1e-9)) & (share * texts > 1.5))
    often = usual >= MIN_SHARE or float(np.median((share * texts)[community])) >= MIN_TEXTS
    if not often or len(members) < MIN_ACCOUNTS:
        return None
    return Candidate(members, samples, share[members], int((share > 0).sum() - len(members)))


def leftovers(groups: Sequence[Ints], found: Sequence[Candidate]) -> list[Ints]:
    """What candidates leave over of the communities that hold them: perhaps a second campaign with the same tool."""
    rests = {}
    size = 1 + max((int(members.max(initial=0)) for members in (*groups, *(each.members for each in found))), default=0)
    for group in groups:
        inside = np.zeros(size, bool)
        inside[group] = True
        for candidate in found:
            taken = int(inside[candidate.members].sum())
            left = len(group) - taken
            if taken >= 0.5 * len(candidate.members) and min(taken, left) >= max(MIN_ACCOUNTS, 0.1 * len(group)):
                rest = np.setdiff1d(group, candidate.members)
                rests[rest.tobytes()] = rest
    return list(rests.values())


def identity_candidate(community: Ints, scaffold_share: Floats) -> Candidate:
    """The community as it is; ``scaffold_share`` is every account's share of texts with any scaffold that it leans on."""
    return Candidate(community, np.empty(0, np.uint64), scaffold_share[community], 0)
