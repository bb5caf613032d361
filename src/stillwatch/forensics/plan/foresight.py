"""Foresight: what the examination can show, said before it is made, at 1, 5 and 25 % of training data.

Rules: all rows come from the planning model of ``statistics.power``. One account of c has 1/c of the pairs and of the share; a
cluster is its accounts added up.

>>> rows = foresee({"twins-text": PairEffect(0.2, 0.5)}, pairs=1000, clusters={"left": 4}, accounts=8, alpha=0.001)
>>> [row.of for row in rows if row.share == 0.25]
['all pairs', 'cluster left', 'one account']
"""

from collections.abc import Iterator, Mapping

import msgspec

from stillwatch.forensics.statistics.power import PairEffect, account_z, cluster_z, expected_z, pairs_needed, power

SHARES = (0.01, 0.05, 0.25)
"""Shares of the suspect's training data that came from the campaign."""


class Foresight(msgspec.Struct, frozen=True):
    """The expected ``z`` and ``power`` for one group if ``share`` of the training data came from the campaign."""

    mechanism: str
    of: str
    share: float
    pairs: int
    z: float
    power: float
    pairs_needed: int


def foresee(
    effects: Mapping[str, PairEffect], *, pairs: int, clusters: Mapping[str, int], accounts: int, alpha: float
) -> list[Foresight]:
    """Rows for every mechanism (with its planning model) and share; ``clusters`` by their number of accounts."""
    rows = []
    for mechanism, effect in effects.items():
        for share in SHARES:
            z = expected_z(pairs, effect, share=share)
            needed = pairs_needed(effect, share=share, alpha=alpha)
            for of, part, group_z in _groups(z, clusters, accounts):
                rows.append(Foresight(mechanism, of, share, round(pairs * part), group_z, power(group_z, alpha=alpha), needed))
    return rows


def _groups(z: float, clusters: Mapping[str, int], accounts: int) -> Iterator[tuple[str, float, float]]:
    """Each group with its part of the pairs and its z: those of its accounts, z/accounts each, added up."""
    yield "all pairs", 1.0, z
    for name, size in clusters.items():
        if size:
            undivided = account_z(z, accounts) * size
            yield f"cluster {name}", size / accounts, cluster_z(undivided, size)
    if accounts > 1:
        yield "one account", 1 / accounts, account_z(z, accounts)
