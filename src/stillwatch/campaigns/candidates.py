"""Candidates: communities of linked accounts, each cut to those that really share what holds it together.

Communities are those of Leiden (Traag, Waltman, van Eck 2019) with modularity on the work and on the identity graph. A community held
together by scaffolds takes in every other account that leans on them as much, and lets go of those that do not: the
graph has only some of all pairs.
"""

from dataclasses import dataclass

import igraph
import leidenalg
import numpy as np

from stillwatch.campaigns.links import Links
from stillwatch.campaigns.scaffolds import Scaffolds
from stillwatch.signals.population import Floats, Ints

MIN_ACCOUNTS = 5
"""Smaller groups are never looked at: families, pairs of keys."""
_TYPICAL = 0.6
_COMMON = 0.2


@dataclass(frozen=True)
class Candidate:
    """Accounts that hang together, the scaffolds that hold them (numbers; none for identity), and how much each leans on them.

    ``outside`` counts other accounts that lean on the scaffolds as much.
    """

    members: Ints
    scaffolds: Ints
    share: Floats
    outside: int


def communities(links: Links, population: int) -> list[Ints]:
    """Communities of at least MIN_ACCOUNTS accounts, largest first."""
    linked, ends = np.unique(np.concatenate([links.left, links.right]), return_inverse=True)
    if not len(linked):
        return []
    half = len(links.left)
    graph = igraph.Graph(n=len(linked), edges=np.stack([ends[:half], ends[half:]], axis=1))
    partition = leidenalg.find_partition(
        graph, leidenalg.ModularityVertexPartition, weights=links.bits.tolist(), seed=0, n_iterations=3
    )
    groups = [linked[np.array(members)] for members in partition if len(members) >= MIN_ACCOUNTS]
    return sorted(groups, key=lambda members: (-len(members), int(members[0])))


def work_candidate(community: Ints, scaffolds: Scaffolds, population: int) -> Candidate | None:
    """The community as held together by its own scaffolds; None if it has none or falls apart."""
    inside = np.zeros(population, bool)
    inside[community] = True
    users = np.bincount(scaffolds.scaffold, inside[scaffolds.account], len(scaffolds))
    own = users / np.maximum(scaffolds.accounts, 1) >= _TYPICAL
    common = own & (users >= _COMMON * len(community))
    held = common if common.any() else own & (users >= 3)
    lean = np.zeros(population)
    rows = held[scaffolds.scaffold]
    if common.any():
        np.maximum.at(lean, scaffolds.account[rows], scaffolds.share[rows])
    else:
        np.add.at(lean, scaffolds.account[rows], scaffolds.share[rows])
    lean = np.minimum(lean, 1.0)
    if not inside[lean > 0].any():
        return None
    usual = float(np.median(lean[community]))
    members = np.flatnonzero(lean >= max(0.25 * usual, 1e-9))
    if len(members) < MIN_ACCOUNTS:
        return None
    return Candidate(members, np.flatnonzero(held), lean[members], int((lean > 0).sum() - len(members)))


def identity_candidate(community: Ints, scaffold_share: Floats) -> Candidate:
    """The community as it is; ``scaffold_share`` is every account's greatest lean on any shared scaffold."""
    return Candidate(community, np.empty(0, np.int64), scaffold_share[community], 0)
