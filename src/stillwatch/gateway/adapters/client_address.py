"""The client's address behind proxies, without believing what a client may write.

Each proxy adds the address that it saw at the right end of X-Forwarded-For. With ``trusted_hops`` proxies of one's own the address
that the outermost of them saw is that many places from the right; whatever stands further left was sent by the client.

>>> client_address("10.0.0.2", ["203.0.113.9, 192.0.2.7"], trusted_hops=1)
'192.0.2.7'
>>> client_address("192.0.2.7", ["203.0.113.9"], trusted_hops=0)
'192.0.2.7'
"""

from collections.abc import Sequence

from stillwatch.gateway.snapshot.addresses import number


def client_address(peer: str | None, forwarded: Sequence[str], trusted_hops: int) -> str | None:
    """The client's address, or None if it is not known.

    ``peer``: who is connected; ``forwarded``: the values of all X-Forwarded-For headers in their order.
    """
    hops = [hop.strip() for hop in ",".join(forwarded).rsplit(",", trusted_hops)[-trusted_hops:]] if trusted_hops else []
    claimed = hops[0] if len(hops) == trusted_hops and hops else peer
    found = _plain(claimed or "")
    return found if number(found) is not None else None


def _plain(text: str) -> str:
    """Without the port that some proxies write, and without the brackets of IPv6."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
