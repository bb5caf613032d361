"""Objects that list each other in a circle: no report can contain a report that contains it.

>>> sorted(in_circles({"a": ["b"], "b": ["c"], "c": ["b"], "d": ["a"]}))
['b', 'c']
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping


def in_circles(listed: Mapping[str, Iterable[str]]) -> set[str]:
    """The ids that lie on a circle, or on a way from one circle to another, of "lists"; linear in the size of the mapping."""
    forward = {name: set(targets) & listed.keys() for name, targets in listed.items()}
    backward: dict[str, set[str]] = defaultdict(set)
    for name, targets in forward.items():
        for target in targets:
            backward[target].add(name)
    left = set(forward)
    for ahead, behind in ((forward, backward), (backward, forward)):
        left -= _ends(left, ahead, behind)
    return left


def _ends(nodes: set[str], ahead: Mapping[str, set[str]], behind: Mapping[str, set[str]]) -> set[str]:
    """Of the nodes, those from which every way ahead comes to an end."""
    open_ways = {name: len(ahead.get(name, set()) & nodes) for name in nodes}
    waiting = [name for name, ways in open_ways.items() if not ways]
    ended = set(waiting)
    while waiting:
        for name in behind.get(waiting.pop(), ()):
            if name in open_ways:
                open_ways[name] -= 1
                if not open_ways[name]:
                    ended.add(name)
                    waiting.append(name)
    return ended
