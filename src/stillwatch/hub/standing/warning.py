"""Warning lists: networks, client fingerprints and names behind which many innocent people stand (clouds, VPNs, relays,
universities).

What an indicator looks for is held against the lists when it comes in and when a list changes. A hit forbids nothing; it is shown
with the object, so that nobody acts on a shared address as if it were one hand's.

>>> WarningLists([("synthetic relays", "198.51.100.0/24")]).named_for({"pattern": "[ipv4-addr:value = '198.51.100.7']"})
['synthetic relays']
"""

import ipaddress
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")
_READ = ("value", "pattern")
_LONGEST = 100_000


class WarningLists:
    """All lists, made for looking things up."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        self._words: defaultdict[str, set[str]] = defaultdict(set)
        self._networks: defaultdict[Network, set[str]] = defaultdict(set)
        for name, entry in entries:
            network = network_of(entry)
            (self._words[entry.lower()] if network is None else self._networks[network]).add(name)
        self._lengths = sorted({(network.version, network.prefixlen) for network in self._networks})
        self._starts = {version: sorted(_starts(self._networks, version)) for version in (4, 6)}

    def __bool__(self) -> bool:
        return bool(self._words or self._networks)

    def named_for(self, value: Mapping[str, Any]) -> list[str]:
        """The lists that what an object looks for, or is, stands on."""
        found: set[str] = set()
        for word in _looked_for(value):
            found |= self._words.get(word.lower(), set())
            if network := network_of(word):
                found |= self._on_lists(network)
        return sorted(found)

    def _on_lists(self, network: Network) -> set[str]:
        """The lists with a network that covers this one, or lies in it."""
        found: set[str] = set()
        for version, length in self._lengths:
            if version == network.version and length <= network.prefixlen:
                found |= self._networks.get(network.supernet(new_prefix=length), set())
        starts, first, last = self._starts[network.version], int(network.network_address), int(network.broadcast_address)
        for start, length in starts[bisect_left(starts, (first, 0)) :]:
            if start > last:
                break
            found |= self._networks[_network(network.version, start, length)]
        return found


def _starts(networks: Iterable[Network], version: int) -> Iterator[tuple[int, int]]:
    return ((int(network.network_address), network.prefixlen) for network in networks if network.version == version)


def _network(version: int, start: int, length: int) -> Network:
    return ipaddress.IPv4Network((start, length)) if version == 4 else ipaddress.IPv6Network((start, length))


def network_of(text: str) -> Network | None:
    """The address or prefix that a text is; None if it is none."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _looked_for(value: Mapping[str, Any]) -> Iterator[str]:
    """The values in a pattern, or the value of an observable."""
    for name in _READ:
        text = value.get(name)
        if isinstance(text, str) and len(text) <= _LONGEST:
            yield from _QUOTED.findall(text) if name == "pattern" else [text]
    extensions = value.get("extensions")
    for extension in extensions.values() if isinstance(extensions, dict) else ():
        if isinstance(extension, dict) and isinstance(prefix := extension.get("prefix"), str):
            yield prefix
