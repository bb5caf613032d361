"""All that one request is looked up by, in one call: to go into compiled code costs more than what is done there.

A request comes as bytes, 16 of its address (zeros if it has none) and 8 of each key (``key_bytes``), and as its samples.
"""

from typing import NamedTuple

import numba as nb
import numpy as np

from stillwatch.gateway.snapshot.addresses import MOST_COVERING, find_covering
from stillwatch.gateway.snapshot.hash_table import MOST_FOUND, Numbers, find_runs
from stillwatch.traffic.buffers import Bytes, Hashes

_NO_ADDRESS = bytes(16)
_COUNTS = 3


class Tables(NamedTuple):
    """The arrays of the three tables: ``known`` by key, ``prefixes`` by address, ``samples`` by sample."""

    known_slots: Hashes
    known_starts: Numbers
    known_links: Numbers
    lengths: Bytes
    prefix_slots: Hashes
    prefix_starts: Numbers
    prefix_links: Numbers
    sample_slots: Hashes
    sample_starts: Numbers
    sample_links: Numbers


class Found(NamedTuple):
    """The numbers that keys, address and samples lead to."""

    known: list[int]
    covering: list[int]
    samples: list[int]


@nb.njit(cache=True)
def _look_up(
    request: Bytes, has_address: bool, samples: Hashes,
    known_slots: Hashes, known_starts: Numbers, known_links: Numbers,
    lengths: Bytes, prefix_slots: Hashes, prefix_starts: Numbers, prefix_links: Numbers,
    sample_slots: Hashes, sample_starts: Numbers, sample_links: Numbers, out: Numbers,
) -> np.int64:  # fmt: skip
    """Write to ``out`` how many numbers keys, address and samples lead to, then these; return the length of it all."""
    at = np.int64(_COUNTS)
    out[0] = find_runs(known_slots, known_starts, known_links, request[16:].view(np.uint64), out[at : at + MOST_FOUND])
    at += np.int64(out[0])
    out[1] = 0
    if has_address and len(lengths):
        room = out[at : at + MOST_COVERING]
        out[1] = find_covering(request[:16], lengths, prefix_slots, prefix_starts, prefix_links, room)
        at += np.int64(out[1])
    out[2] = find_runs(sample_slots, sample_starts, sample_links, samples, out[at : at + MOST_FOUND])
    return at + np.int64(out[2])


def look_up(tables: Tables, keys: bytes, address: bytes | None, samples: Hashes) -> Found | None:
    """What a request leads to, None if to nothing."""
    out = np.empty(_COUNTS + 2 * MOST_FOUND + MOST_COVERING, np.uint32)
    request = np.frombuffer((address or _NO_ADDRESS) + keys, np.uint8)
    end = _look_up(request, address is not None, samples, *tables, out)
    if end == _COUNTS:
        return None
    known, covering, _, *numbers = out[:end].tolist()
    return Found(numbers[:known], numbers[known : known + covering], numbers[known + covering :])
