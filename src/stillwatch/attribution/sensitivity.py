"""Sensitivity: what if this item were false? Each is struck in turn, and everything is weighed again.

Rules: an item is a linchpin if without it another hypothesis leads, or the leading one is told with another word. A whole
group is struck in turn too, for items that rest on one root fall together. ``span`` is the range over which the leader's
probability moves when any one item, or any one group, is false.

>>> from stillwatch.attribution.hypothesis import ALWAYS
>>> items = [Item("i1", "A contract is on file.", "contracts", "A1", "contract", {"authorised": 9.0})]
>>> found = sensitivity(ALWAYS, items, {})
>>> found.leader, found.without[0].leader, found.linchpins
('authorised', 'unknown', ['i1'])
"""

from collections.abc import Mapping, Sequence

import msgspec

from stillwatch.attribution.estimative import word
from stillwatch.attribution.hypothesis import Hypothesis
from stillwatch.attribution.item import Item
from stillwatch.attribution.weighing import Weighed, weigh


class Without(msgspec.Struct, frozen=True):
    """The result without one item or one group: the new leader, and the probability (in [0, 1]) that is left to the old one."""

    struck: str
    what: str
    leader: str
    probability: float
    changes: bool


class Sensitivity(msgspec.Struct, frozen=True):
    """What the leading hypothesis hangs on. ``span``: its lowest and highest probability when any one item or group is false."""

    leader: str
    without: list[Without]
    linchpins: list[str]
    span: tuple[float, float]


def leading(weighed: Mapping[str, Weighed]) -> Weighed:
    """The likeliest hypothesis; of equals the one that was named first, which is *unknown* before all."""
    return max(weighed.values(), key=lambda each: round(each.probability, 9))


def sensitivity(against: Sequence[Hypothesis], items: Sequence[Item], prior_bits: Mapping[str, float]) -> Sensitivity:
    """Strike each item, and each group of several, in turn. Costs one weighing each. Raises UsageError as ``weigh`` does."""
    first = leading(weigh(against, items, prior_bits))
    counting = [item for item in items if not item.struck]
    sizes: dict[str, int] = {}
    for item in counting:
        sizes[item.group] = sizes.get(item.group, 0) + 1
    rounds = [(item.id, "item", [each for each in counting if each is not item]) for item in counting]
    rounds += [(g, "group", [each for each in counting if each.group != g]) for g, size in sizes.items() if size > 1]
    found = [_without(struck, what, weigh(against, rest, prior_bits), first) for struck, what, rest in rounds]
    span = [first.probability, *(each.probability for each in found)]
    return Sensitivity(first.hypothesis.id, found, [each.struck for each in found if each.changes], (min(span), max(span)))


def _without(struck: str, what: str, weighed: Mapping[str, Weighed], first: Weighed) -> Without:
    leader, left = leading(weighed), weighed[first.hypothesis.id].probability
    changes = leader.hypothesis.id != first.hypothesis.id or word(left) != first.word
    return Without(struck, what, leader.hypothesis.id, left, changes)
