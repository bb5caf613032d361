"""Indicators' patterns: the few forms that Stillwatch writes in the STIX pattern language, and reads again.

Rules: a pattern says all that is needed to look for the thing, so that it works where extensions are lost (MISP keeps a pattern as
it is). A pattern of any other form is somebody else's and is not interpreted.

>>> read_pattern(client_pattern("t13d1516h2_8daaf6152771_b186095e22b6"))
Client(fingerprint='t13d1516h2_8daaf6152771_b186095e22b6')
>>> read_pattern("[file:name = 'x']") is None
True
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from stillwatch.sharing.stix.extensions import extension_id

_SCAFFOLD = f"artifact:extensions.'{extension_id('scaffold')}'.samples[*] IN "
_CLIENT = f"network-traffic:extensions.'{extension_id('client-fingerprint')}'.client_fingerprint = "
_LONGEST = 8192

_FORMS = re.compile(
    rf"\[(?:{re.escape(_SCAFFOLD)}\((?P<samples>'[0-9a-f]{{16}}'(?:, ?'[0-9a-f]{{16}}'){{0,255}})\)"
    rf"|{re.escape(_CLIENT)}'(?P<client>[A-Za-z0-9_.:-]{{1,128}})'"
    rf"|ipv[46]-addr:value ISSUBSET '(?P<prefix>[0-9a-f.:]{{2,39}}/[0-9]{{1,3}})')\]"
)


@dataclass(frozen=True)
class Scaffold:
    """Samples of a scaffold, in hex, ascending."""

    samples: tuple[str, ...]


@dataclass(frozen=True)
class Client:
    """A fingerprint of a client's stack."""

    fingerprint: str


@dataclass(frozen=True)
class Prefix:
    """A network."""

    network: ipaddress.IPv4Network | ipaddress.IPv6Network


Target = Scaffold | Client | Prefix
"""What a pattern looks for."""


def scaffold_pattern(samples: Sequence[str]) -> str:
    """Any of these samples (hex) in a text.

    A single one is listed twice: misp-stix takes an indicator of one value for the artifact that has it, and drops it.
    """
    listed = ", ".join(f"'{sample}'" for sample in ([*samples, *samples] if len(samples) == 1 else samples))
    return f"[{_SCAFFOLD}({listed})]"


def client_pattern(fingerprint: str) -> str:
    """A client with this fingerprint."""
    return f"[{_CLIENT}'{fingerprint}']"


def prefix_pattern(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    """An address in this network."""
    return f"[ipv{network.version}-addr:value ISSUBSET '{network}']"


def read_pattern(pattern: str) -> Target | None:
    """What a pattern of ours looks for; None if it is of another form."""
    found = _FORMS.fullmatch(pattern) if len(pattern) <= _LONGEST else None
    if found is None:
        return None
    if samples := found["samples"]:
        return Scaffold(tuple(sorted(set(re.findall("[0-9a-f]{16}", samples)))))
    if client := found["client"]:
        return Client(client)
    try:
        return Prefix(ipaddress.ip_network(found["prefix"]))
    except ValueError:
        return None
