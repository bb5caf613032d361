"""Keys: identifiers and settings as 64-bit numbers by our specified hash, so that no engine compares strings.

A key stands for a value within one installation; it is not a pseudonym and never leaves (a hash of an address can be
reversed by trying all addresses). The key of nothing (null, empty text) is 0.

>>> address_prefix(pa.array(["192.0.2.77", "2001:db8:1:2::3", None])).to_pylist()
['192.0.2.0/24', '2001:db8:1::/48', None]
"""

import ipaddress
from functools import lru_cache

import numba as nb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.traffic.arrow import Bytes, Hashes, Offsets, string_buffers
from stillwatch.traffic.fingerprint import BASE, finalise


@nb.njit(cache=True, nogil=True)
def _hash_rows(offsets: Offsets, data: Bytes) -> Hashes:
    out = np.zeros(len(offsets) - 1, np.uint64)
    for row in range(len(out)):
        h = np.uint64(0)
        for i in range(offsets[row], offsets[row + 1]):
            h = h * np.uint64(BASE) + np.uint64(data[i])
        if offsets[row + 1] > offsets[row]:
            out[row] = finalise(h)
    return out


@nb.njit(cache=True, nogil=True)
def combine(first: Hashes, second: Hashes) -> Hashes:
    """One key for a pair of keys, row by row; order matters."""
    out = np.empty_like(first)
    for row in range(len(first)):
        out[row] = finalise(first[row] * np.uint64(BASE) + second[row])
    return out


def keys(values: pa.Array) -> Hashes:
    """The keys of an array of any type: of its texts, or of its values written as text."""
    if pa.types.is_dictionary(values.type):
        known = np.append(keys(values.dictionary), np.uint64(0))
        return np.asarray(known[pc.fill_null(values.indices, len(known) - 1).to_numpy()])
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        values = values.cast(pa.string())
    return _hash_rows(*string_buffers(values))


def address_prefix(addresses: pa.Array) -> pa.Array:
    """The /24 of IPv4 and the /48 of IPv6 addresses as text; null where there is no valid address."""
    coded = addresses.dictionary_encode()
    prefixes = pa.array([_prefix(text) for text in coded.dictionary.to_pylist()], pa.string())
    return pc.take(prefixes, coded.indices)


@lru_cache(maxsize=65_536)
def _prefix(text: str | None) -> str | None:
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return None
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))
