"""What a campaign came through: clients and networks of its accounts that hardly anybody else has, from the request logs.

Rules: a value counts if at least FEWEST of the campaign's accounts show it and at most one account in ten that shows it is
not of the campaign; so shared exits, common clients and carrier networks stay out. Addresses leave as prefixes only: /24, or /48.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar

import msgspec
import pyarrow as pa

from stillwatch.sharing.stix.extensions import ClientFingerprint, Network

FEWEST = 3
LARGEST_SHARE_OF_OTHERS = 0.1
_OWN = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "fc00::/7", "fe80::/10"))
)
_Made = TypeVar("_Made")

COLUMNS = ("account_id", "client_fingerprint", "ip")


class Traces:
    """Clients and prefixes by account, gathered batch by batch."""

    def __init__(self, campaign: Collection[str]) -> None:
        self._campaign = frozenset(campaign)
        self._clients: dict[str, set[str]] = defaultdict(set)
        self._prefixes: dict[str, set[str]] = defaultdict(set)

    def add(self, batch: pa.RecordBatch) -> None:
        """Gather from a batch of requests (COLUMNS; the last two may be absent)."""
        for name, gathered in (("client_fingerprint", self._clients), ("ip", self._prefixes)):
            if name not in batch.schema.names:
                continue
            pairs = pa.table({"account": batch["account_id"], "value": batch[name]}).group_by(["account", "value"]).aggregate([])
            for pair in pairs.to_pylist():
                value = prefix_of(pair["value"]) if name == "ip" else pair["value"]
                if value:
                    gathered[value].add(pair["account"])

    def clients(self) -> list[ClientFingerprint]:
        """The client fingerprints that count and are written as fingerprints are, the most shared first."""
        found = ({"client_fingerprint": value, "accounts": accounts} for value, accounts in self._counting(self._clients))
        return [made for entry in found if (made := _fitting(entry, ClientFingerprint))]

    def networks(self) -> list[Network]:
        """The prefixes that count, the most shared first."""
        return [Network(prefix=prefix, accounts=accounts) for prefix, accounts in self._counting(self._prefixes)]

    def _counting(self, gathered: Mapping[str, set[str]]) -> list[tuple[str, int]]:
        own: Counter[str] = Counter()
        for value, accounts in gathered.items():
            inside = len(accounts & self._campaign)
            if inside >= FEWEST and len(accounts) - inside <= LARGEST_SHARE_OF_OTHERS * len(accounts):
                own[value] = inside
        return sorted(own.items(), key=lambda entry: (-entry[1], entry[0]))


def prefix_of(address: str | None) -> str | None:
    """The /24 or /48 of an address; None if it is none, or belongs to a network of one's own.

    >>> prefix_of("203.0.113.9"), prefix_of("10.0.0.1"), prefix_of("x")
    ('203.0.113.0/24', None, None)
    """
    try:
        found = ip_address(address or "")
    except ValueError:
        return None
    if any(found in network for network in _OWN if network.version == found.version):
        return None
    return str(ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))


def _fitting(entry: dict[str, Any], kind: type[_Made]) -> _Made | None:
    try:
        return msgspec.convert(entry, kind)
    except msgspec.ValidationError:
        return None
