"""What the report shows of a campaign beyond ``campaigns.json``: its timeline and what its accounts share."""

import msgspec


class Bin(msgspec.Struct, frozen=True):
    """One bin of the timeline: its start (ISO 8601, UTC), and how many requests and active accounts fell into it."""

    start: str
    requests: int
    accounts: int


class Shared(msgspec.Struct, frozen=True):
    """One thing that several accounts have in common, a hub of the account graph.

    ``kind`` is a word for people (*payment*, *device*, *scaffold*); ``label`` names the value without giving it away;
    ``members`` are indices into the campaign's ``accounts``; ``bits`` is the weight of sharing it.
    """

    kind: str
    label: str
    members: list[int]
    bits: float


class Detail(msgspec.Struct, frozen=True):
    """Timeline, shared things, and per account (in the order of the campaign's ``accounts``) its number of requests."""

    campaign_id: str
    timeline: list[Bin]
    shared: list[Shared]
    account_requests: list[int]
