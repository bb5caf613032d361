"""Addresses and prefixes as numbers, and a table that finds every prefix that covers an address.

An address is 16 bytes: IPv6 as it is, IPv4 as ``::ffff:a.b.c.d`` (RFC 4291, section 2.5.5.2), so a prefix /24 of IPv4 is a /120
here. Per prefix length that occurs the address is cut and looked up: nested prefixes are all found.

>>> table = build_prefixes(["192.0.2.0/24", "192.0.0.0/16"])
>>> sorted(table.covering(number("192.0.2.77")))
[0, 1]
>>> number("not an address") is None
True
"""

import ipaddress
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.gateway.snapshot.hash_table import HashTable, Numbers, build_table, find_runs, table_from
from stillwatch.traffic.buffers import Bytes, Hashes
from stillwatch.traffic.winnowing import BASE, finalise

_MAPPED = b"\0" * 10 + b"\xff\xff"
MOST_COVERING = 64
"""Prefixes that one look-up returns at most."""


def number(text: str | None) -> bytes | None:
    """The 16 bytes of an address; None if the text is no address."""
    if not text:
        return None
    try:
        if ":" not in text:
            return _MAPPED + socket.inet_pton(socket.AF_INET, text)
        return socket.inet_pton(socket.AF_INET6, text)
    except (OSError, ValueError):  # ValueError: a NUL in it
        return None


@nb.njit(cache=True)
def _words(address: Bytes) -> tuple[np.uint64, np.uint64]:
    high, low = np.uint64(0), np.uint64(0)
    for i in range(8):
        high = high << np.uint64(8) | np.uint64(address[i])
        low = low << np.uint64(8) | np.uint64(address[i + 8])
    return high, low


@nb.njit(cache=True)
def _cut(high: np.uint64, low: np.uint64, length: np.int64) -> np.uint64:
    """The key of the first ``length`` bits of an address."""
    every = np.uint64(0xFFFFFFFFFFFFFFFF)
    if length <= 64:
        low = np.uint64(0)
        high = high & (every << np.uint64(64 - length)) if length else np.uint64(0)
    else:
        low = low & (every << np.uint64(128 - length))
    return finalise(finalise(high + np.uint64(length) * np.uint64(BASE)) + low)


@nb.njit(cache=True)
def find_covering(address: Bytes, lengths: Bytes, slots: Hashes, starts: Numbers, links: Numbers, out: Numbers) -> int:
    """Write the numbers of all prefixes that cover the 16 bytes of ``address``, the shortest first; return how many."""
    high, low = _words(address)
    keys = np.empty(len(lengths), np.uint64)
    for i in range(len(lengths)):
        keys[i] = _cut(high, low, np.int64(lengths[i]))
    return find_runs(slots, starts, links, keys, out)


@nb.njit(cache=True)
def _prefix_keys(addresses: Bytes, lengths: Bytes) -> Hashes:
    out = np.empty(len(lengths), np.uint64)
    for row in range(len(lengths)):
        high, low = _words(addresses[row * 16 : row * 16 + 16])
        out[row] = _cut(high, low, np.int64(lengths[row]))
    return out


@dataclass(frozen=True)
class PrefixTable:
    """Prefixes by number; ``lengths``: the lengths that occur, of 128 bits."""

    lengths: Bytes
    table: HashTable

    def covering(self, address: bytes | None) -> list[int]:
        """The numbers of all prefixes that cover an address, the shortest first."""
        if address is None or not len(self.lengths):
            return []
        out = np.empty(MOST_COVERING, np.uint32)
        given = np.frombuffer(address, np.uint8)
        table = self.table
        found: list[int] = out[: find_covering(given, self.lengths, table.slots, table.starts, table.links, out)].tolist()
        return found

    def arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """The arrays under names that begin with ``name``."""
        return {f"{name}.lengths": self.lengths, **self.table.arrays(name)}


def prefixes_from(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> PrefixTable:
    """The table that ``PrefixTable.arrays`` took apart."""
    return PrefixTable(arrays[f"{name}.lengths"], table_from(arrays, name))


def build_prefixes(prefixes: Sequence[str], numbers: Sequence[int] | None = None) -> PrefixTable:
    """A table of prefixes in CIDR form (host bits are cut off), numbered as they stand or by ``numbers``.

    Raises ValueError for a text that is no prefix.
    """
    raw, lengths = bytearray(), np.empty(len(prefixes), np.uint8)
    for row, text in enumerate(prefixes):
        network = ipaddress.ip_network(text.strip(), strict=False)
        raw += network.network_address.packed if network.version == 6 else _MAPPED + network.network_address.packed
        lengths[row] = network.prefixlen + (0 if network.version == 6 else 96)
    keys = _prefix_keys(np.frombuffer(bytes(raw), np.uint8), lengths)
    given = np.arange(len(prefixes)) if numbers is None else np.array(numbers, np.int64)
    return PrefixTable(np.unique(lengths), build_table(keys, given))
