"""The normal forms of an IP address and of a network prefix, IPv4 and IPv6.

Rules: IPv6 is written as RFC 5952 says; an IPv4 address in IPv6 clothes (``::ffff:192.0.2.1``) is that IPv4 address. Host bits of a
prefix are cleared; an address without a length stands for its /24 (IPv4) or /48 (IPv6), which are the prefixes that the signals
use. Refused: zones and ports; and what is no address on the internet (private, shared, loopback, link-local, multicast, reserved),
because there the same number is another host at every provider, and its tokens would match without meaning anything.

>>> normal_address("::FFFF:192.0.2.1"), normal_address("2001:DB8:0::01")
('192.0.2.1', '2001:db8::1')
>>> normal_prefix("192.0.2.77"), normal_prefix("2001:db8:1:2::3/64")
('192.0.2.0/24', '2001:db8:1:2::/64')
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from stillwatch.sharing.tokens.forms.text import plain, refused

ADDRESS, PREFIX = "ip-address", "ip-prefix"

Network = IPv4Network | IPv6Network

NOT_ON_THE_INTERNET: tuple[Network, ...] = tuple(
    ip_network(each)
    for each in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
        "224.0.0.0/4", "240.0.0.0/4", "::/127", "fc00::/7", "fe80::/10", "ff00::/8",
    )
)  # fmt: skip
"""Of the registries of special addresses (RFC 6890); the ranges for documentation are not among them."""
_MAPPED = IPv6Network("::ffff:0:0/96")
_USUAL = {4: 24, 6: 48}
_WIDEST = {4: 8, 6: 16}


def normal_address(value: str) -> str:
    """An address in its one spelling. Raises IdentifierRefused if it is none, or none on the internet."""
    address = _address(plain(value, ADDRESS), ADDRESS)
    if _is_special(ip_network(address)):
        raise _special(ADDRESS)
    return str(address)


def normal_prefix(value: str) -> str:
    """A prefix in its one spelling. Raises IdentifierRefused if it is none, wider than /8 or /16, or not on the internet."""
    text, slash, length = plain(value, PREFIX).partition("/")
    given = _given(text, PREFIX)
    if slash and not (length.isascii() and length.isdigit() and int(length) <= given.max_prefixlen):
        raise refused(f"the length is no number up to {given.max_prefixlen}", PREFIX, "give a prefix such as 192.0.2.0/24")
    network: Network
    if isinstance(given, IPv6Address) and given.ipv4_mapped is not None:
        bits = int(length) - _MAPPED.prefixlen if slash else _USUAL[4]
        network = IPv4Network((given.ipv4_mapped, max(bits, 0)), strict=False)
    else:
        network = ip_network((given, int(length) if slash else _USUAL[given.version]), strict=False)
    if network.prefixlen < _WIDEST[network.version]:
        raise refused(f"it is wider than /{_WIDEST[network.version]}", PREFIX, "give the prefix that served the accounts")
    if _is_special(network):
        raise _special(PREFIX)
    return str(network)


def _given(text: str, kind: str) -> IPv4Address | IPv6Address:
    try:
        address = ip_address(text)
    except ValueError as error:
        raise refused("it is no IPv4 or IPv6 address", kind, "give it without port, brackets or leading zeros") from error
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        raise refused("it has a zone, which means something on one host only", kind, "give an address without %")
    return address


def _address(text: str, kind: str) -> IPv4Address | IPv6Address:
    address = _given(text, kind)
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_special(network: Network) -> bool:
    return any(each.version == network.version and each.overlaps(network) for each in NOT_ON_THE_INTERNET)


def _special(kind: str) -> Exception:
    what = "it is not on the internet (private, shared, loopback, link-local, multicast or reserved): another host everywhere"
    return refused(what, kind, "give the address under which the request came in from outside")
