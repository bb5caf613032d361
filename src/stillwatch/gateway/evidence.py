"""Evidence: what speaks against a request, as it is handed to the gateway and as a decision meets it.

Rules: an indicator says of which kind it is, from whom (own, or received from a member), how sure (0 to 100), until when, and
under which id it can be looked up. Revoked and expired indicators are never acted on; a disputed one is at most watched (policy).

>>> indicator = Indicator(kind="prefix", value="192.0.2.0/24", origin="received", member="member-b (synthetic)", confidence=70)
>>> indicator.name
'prefix:192.0.2.0/24'
"""

from typing import Literal, get_args

import msgspec

Kind = Literal["account", "campaign", "harvest", "address", "prefix", "client_fingerprint", "scaffold", "token"]
"""``account``: named itself; ``campaign``: member of a campaign that the scan found; ``harvest``: harvests alone, by the scan."""
Origin = Literal["own", "received"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BY_ADDRESS = ("address", "prefix")
BY_ACCOUNT = ("account", "campaign", "harvest")


class Indicator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An indicator as the gateway takes it in: one line of an indicators file.

    ``value``: an account id, address, prefix (CIDR), client fingerprint, scaffold fingerprint (``swf1:…``) or token; ``id``:
    evidence id, ``kind:value`` if none is given; ``valid_until``: seconds since 1970, 0 for no end; ``statement``: a sentence for
    people; ``shared``: own evidence that was passed on, so that a pardon has to travel after it.
    """

    kind: Kind
    value: str
    origin: Origin = "own"
    confidence: int = 50
    id: str = ""
    member: str = ""
    valid_until: int = 0
    disputed: bool = False
    revoked: bool = False
    shared: bool = False
    statement: str = ""

    @property
    def name(self) -> str:
        """The evidence id."""
        return self.id or f"{self.kind}:{self.value}"


class Evidence(msgspec.Struct, frozen=True):
    """An indicator that a request meets, as a decision cites it; fields as in Indicator."""

    kind: str
    origin: str
    confidence: int
    id: str
    member: str = ""
    valid_until: int = 0
    disputed: bool = False
    shared: bool = False
    statement: str = ""
