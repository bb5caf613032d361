"""Tables of keys, prefixes and a bounded memory, each against a naive reading."""

import ipaddress
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.gateway.adapters.client_address import client_address
from stillwatch.gateway.counters.account_state import NEVER_SEEN, AccountState
from stillwatch.gateway.counters.account_table import AccountTable
from stillwatch.gateway.counters.bounded_table import WAYS, BoundedTable
from stillwatch.gateway.snapshot.addresses import build_prefixes, number
from stillwatch.gateway.snapshot.hash_table import MOST_FOUND, build_table, key_of

keys = st.integers(0, 2**64 - 1) | st.integers(0, 3)


@given(st.lists(st.tuples(keys, st.integers(0, 2**31 - 1)), max_size=80), st.lists(keys, min_size=1, max_size=20))
@settings(max_examples=100)
def test_a_hash_table_finds_what_a_dictionary_finds(pairs: list[tuple[int, int]], asked: list[int]) -> None:
    table = build_table(np.array([key for key, _ in pairs], np.uint64), np.array([n for _, n in pairs], np.int64))
    naive: defaultdict[int, list[int]] = defaultdict(list)
    for key, value in pairs:
        naive[key].append(value)
    expected = [value for key in asked for value in naive[key]][:MOST_FOUND]
    assert table.find(np.array(asked, np.uint64)) == expected


def test_a_key_with_endless_numbers_is_bounded() -> None:
    table = build_table(np.full(1000, 7, np.uint64), np.arange(1000))
    assert table.find(np.array([7], np.uint64)) == list(range(MOST_FOUND))


def test_kinds_do_not_share_keys_and_any_text_has_one() -> None:
    assert key_of("account", "a") != key_of("org", "a")
    assert 0 <= key_of("client_fingerprint", "\ud800\x00" * 1000) < 2**64


addresses = st.ip_addresses().map(str)
prefixes = st.builds(
    lambda address, length: str(ipaddress.ip_network((address, length % (address.max_prefixlen + 1)), strict=False)),
    st.ip_addresses(),
    st.integers(0, 128),
)


@given(st.lists(prefixes, max_size=20), st.lists(addresses, min_size=1, max_size=10))
@settings(max_examples=150)
def test_prefixes_cover_as_the_standard_library_says(listed: list[str], asked: list[str]) -> None:
    table = build_prefixes(listed)
    inside = [str(ipaddress.ip_network(text)[0]) for text in listed]
    for text in asked + inside:
        address = ipaddress.ip_address(text)
        naive = {i for i, prefix in enumerate(listed) if address in ipaddress.ip_network(prefix)}
        if address.version == 6:
            short = {i for i, prefix in enumerate(listed) if ":" not in prefix and _mapped(address, prefix)}
            naive |= short
        else:
            naive |= {i for i, prefix in enumerate(listed) if ":" in prefix and _maps(address, prefix)}
        assert set(table.covering(number(text))) == naive


def _mapped(address: ipaddress.IPv6Address | ipaddress.IPv4Address, prefix: str) -> bool:
    """Whether an IPv6 address is an IPv4 one that the prefix covers: both are one address here."""
    inner = getattr(address, "ipv4_mapped", None)
    return inner is not None and inner in ipaddress.ip_network(prefix)


def _maps(address: ipaddress.IPv4Address | ipaddress.IPv6Address, prefix: str) -> bool:
    return ipaddress.ip_address(f"::ffff:{address}") in ipaddress.ip_network(prefix)


@pytest.mark.parametrize("text", ["", "192.0.2", "192.0.2.1\x00", "999.1.1.1", "fe80::1%eth0", "é", "[::1]", "1" * 10_000])
def test_what_is_no_address_has_no_number(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(("peer", "forwarded", "hops", "expected"), [
    ("192.0.2.1", [], 0, "192.0.2.1"),
    ("192.0.2.1", ["198.51.100.9"], 0, "192.0.2.1"),
    ("10.0.0.1", ["198.51.100.9"], 1, "198.51.100.9"),
    ("10.0.0.1", ["203.0.113.5, 198.51.100.9"], 1, "198.51.100.9"),
    ("10.0.0.1", ["203.0.113.5", "198.51.100.9, 10.0.0.2"], 2, "198.51.100.9"),
    ("10.0.0.1", ["198.51.100.9"], 2, "10.0.0.1"),
    ("10.0.0.1", ["198.51.100.9:4711"], 1, "198.51.100.9"),
    ("10.0.0.1", ["[2001:db8::1]:4711"], 1, "2001:db8::1"),
    ("10.0.0.1", ["unknown"], 1, None),
    (None, [], 0, None),
    (None, ["x" * 100_000], 3, None),
])  # fmt: skip
def test_only_own_proxies_are_believed(peer: str | None, forwarded: list[str], hops: int, expected: str | None) -> None:
    assert client_address(peer, forwarded, hops) == expected


@given(st.dictionaries(st.integers(1, 2**64 - 1), st.integers(0, 2**32 - 1), max_size=200))
@settings(max_examples=30)
def test_a_bounded_table_with_room_forgets_nothing(rows: dict[int, int]) -> None:
    table = BoundedTable("I", 8 * len(rows) + 64)
    for key, value in rows.items():
        table.put(key, 1.0, 1.0, 0, value)
    assert {key: row[2] for key in rows if (row := table.get(key))} == rows
    assert table.get(12345678901234567) is None or 12345678901234567 in rows


def test_a_full_table_keeps_its_size_and_what_must_be_kept() -> None:
    table = AccountTable(1024)
    kept = list(range(1, 51))
    for key in kept:
        table.put(key_of("account", f"kept-{key}"), AccountState(last=1.0, requests=key, hold_until=2_000))
    for n in range(50_000):
        table.put(key_of("account", f"synthetic-{n}"), AccountState(last=2.0 + n / 1000, requests=1))
    assert len(table) == 1024
    assert table.table.rows.nbytes < 1024 * 100
    found = [table.get(key_of("account", f"kept-{key}")).requests for key in kept]
    assert found == kept
    assert table.get(key_of("account", "synthetic-49999")).requests == 1
    assert table.get(key_of("account", "synthetic-0")) == NEVER_SEEN


def test_a_row_keeps_its_place_when_rewritten() -> None:
    table = BoundedTable("I", 64)
    for key in range(1, WAYS * 3):
        table.put(key, 1.0, 1.0, 0, key)
    before = len(table)
    table.get(3)
    table.put(3, 2.0, 2.0, 0, 33)
    assert (len(table), table.get(3)) == (before, (2.0, 0, 33))
    assert dict(table.changed_pages()).keys() == {0}
    assert dict(table.changed_pages()) == {}
