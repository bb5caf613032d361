"""Candidates: communities of linked accounts, each cut to those that really share what holds it together.

Communities are those of Leiden (Traag, Waltman, van Eck 2019) on the work and on the identity graph, with the constant Potts
model: within a community two accounts share MEAN_BITS or more on average, between communities less. A community held
together by scaffolds takes in every other account that leans on them as much, and lets go of those that do not: the
graph has only some of all pairs.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import igraph
import numpy as np
import numpy.typing as npt

from stillwatch.campaigns.links import MIN_WEAK_TEXTS, Links
from stillwatch.campaigns.scaffolds import Scaffolds
from stillwatch.campaigns.twins import Twins
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
    return _Graph.of(links, population).parts(np.arange(population), MEAN_IDENTITY_BITS, MIN_IDENTITY_ACCOUNTS)


def communities(links: Links, population: int) -> list[Ints]:
    """Communities of at least MIN_ACCOUNTS accounts, and those inside them that hang together more closely.


    A community that falls into closer ones is followed by them, and by what they leave over of it: two campaigns that
    share a tool look like one at first.
    """
    graph = _Graph.of(links, population)
    found: list[Ints] = []
    todo = [(part, MEAN_BITS * CLOSER) for part in graph.parts(np.arange(population), MEAN_BITS, MIN_ACCOUNTS)]
    found += [part for part, _ in todo]
    while todo:
        within, bits = todo.pop()
        if len(within) < 2 * MIN_ACCOUNTS:
            continue
        parts = graph.parts(within, bits, MIN_ACCOUNTS)
        large = [part for part in parts if len(part) >= SPLIT_PART * len(within)]
        if not large or bits > MOST_BITS:
            continue
        rest = np.setdiff1d(within, np.concatenate(large))
        if len(rest) >= max(MIN_ACCOUNTS, SPLIT_PART * len(within)):
            found += [*large, rest]
        elif len(large) > 1:
            found += large
        todo += [(part, bits * CLOSER) for part in large]
    return sorted(found, key=lambda members: (-len(members), int(members[0])))


@dataclass(frozen=True)
class _Graph:
    """The links of all accounts, with twins as one node."""

    nodes: igraph.Graph
    twins: Twins

    @classmethod
    def of(cls, links: Links, population: int) -> Self:
        nodes = igraph.Graph(n=population, edges=np.stack([links.left, links.right], axis=1))
        nodes.es["bits"] = links.bits
        return cls(nodes, links.twins)

    def parts(self, within: Ints, bits: float, least: int) -> list[Ints]:
        """The communities of ``least`` accounts or more among ``within`` whose members share ``bits`` or more on average."""
        within = within[self.twins.bits[within] >= bits]
        heads, place, size = np.unique(self.twins.head[within], return_inverse=True, return_counts=True)
        part = self.nodes.induced_subgraph(heads)
        if not len(within) or not (part.ecount() or size.max() >= least):
            return []
        igraph.set_random_number_generator(random.Random(0))
        leiden = part.community_leiden(
            "CPM", weights="bits", resolution=bits, n_iterations=ITERATIONS, node_weights=size.astype(float).tolist()
        )
        number = np.array(leiden.membership)[place.reshape(-1)]
        count = np.bincount(number)
        order = np.argsort(number, kind="stable")
        ends = np.cumsum(count)
        return [within[order[ends[i] - count[i] : ends[i]]] for i in np.flatnonzero(count >= least).tolist()]


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
    for group in groups:
        for candidate in found:
            rest = np.setdiff1d(group, candidate.members)
            taken = len(group) - len(rest)
            if taken >= 0.5 * len(candidate.members) and min(taken, len(rest)) >= max(MIN_ACCOUNTS, 0.1 * len(group)):
                rests[rest.tobytes()] = rest
    return list(rests.values())


def identity_candidate(community: Ints, scaffold_share: Floats) -> Candidate:
    """The community as it is; ``scaffold_share`` is every account's share of texts with any scaffold that it leans on."""
    return Candidate(community, np.empty(0, np.uint64), scaffold_share[community], 0)
