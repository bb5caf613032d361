"""Scaffolds that are the same text told by two scans: fingerprints that share at least half of their samples.

Rules: of two fingerprints (docs/fingerprints.md) the one with fewer samples must have half of them, and two at least if it has so
many, in common with the other. A sample that more than COMMON fingerprints have is of boilerplate and says nothing. What is no
fingerprint is only like itself.

>>> told = [f"swf1:{1:016x}.{2:016x}.{3:016x}", f"swf1:{2:016x}.{3:016x}", f"swf1:{9:016x}"]
>>> names = same_scaffolds(told)
>>> names[told[0]] == names[told[1]], names[told[2]] == told[2]
(True, True)
"""

from collections import Counter
from collections.abc import Iterable, Mapping

COMMON = 100


def same_scaffolds(fingerprints: Iterable[str]) -> dict[str, str]:
    """For each fingerprint the one that stands for all that are like it, directly or by way of others: the first in order."""
    samples = {each: _samples(each) for each in sorted(set(fingerprints))}
    root = {each: each for each in samples}

    def top(name: str) -> str:
        while root[name] != name:
            root[name] = root[root[name]]
            name = root[name]
        return name

    for one, other in _alike(samples):
        first, second = sorted((top(one), top(other)))
        root[second] = first
    return {each: top(each) for each in samples}


def _alike(samples: Mapping[str, frozenset[str]]) -> Iterable[tuple[str, str]]:
    having: dict[str, list[str]] = {}
    for name, mine in samples.items():
        for sample in mine:
            having.setdefault(sample, []).append(name)
    for name, mine in samples.items():
        met = Counter(other for sample in mine if len(having[sample]) <= COMMON for other in having[sample] if other > name)
        for other, shared in met.items():
            fewer = min(len(mine), len(samples[other]))
            if shared >= min(2, fewer) and 2 * shared >= fewer:
                yield name, other


def _samples(fingerprint: str) -> frozenset[str]:
    version, colon, samples = fingerprint.partition(":")
    return frozenset(f"{version}:{sample}" for sample in samples.split(".") if sample) if colon else frozenset()
