"""The result of a scan as values: what ``campaigns.json`` holds, field by field (contracts, section 3).

>>> Evidence(signal="shared payment", bits=7.5, statement="12 accounts pay with one card.", accounts=12, requests=900).bits
7.5
"""

import msgspec

SCHEMA = "stillwatch.campaigns/1"


class Abstained(msgspec.Struct, frozen=True):
    """A signal that said nothing in this run, and why (usually a column that is absent)."""

    signal: str
    because: str


class Evidence(msgspec.Struct, frozen=True):
    """One reason for or against: ``bits`` is a log2 likelihood ratio, hostile to benign, as it was counted.

    ``statement`` is one sentence a lawyer can read; ``question`` says which of the two sums it went into;
    ``accounts`` and ``requests`` count what it rests on.
    """

    signal: str
    bits: float
    statement: str
    accounts: int
    requests: int
    question: str = "coordination"


class Technique(msgspec.Struct, frozen=True):
    """A technique of the taxonomy; ``share`` of the campaign's requests in [0, 1] that show it."""

    id: str
    name: str
    share: float
    atlas: str = "AML.T0024.002"


class Scaffold(msgspec.Struct, frozen=True):
    """A fixed text around changing fillings: fingerprint, share of requests in [0, 1], accounts that use it.

    ``text`` is the masked text, present only if the provider asked for it with ``--show-text``.
    """

    fingerprint: str
    share: float
    accounts: int
    text: str | None = None


class Alternative(msgspec.Struct, frozen=True):
    """A rival, innocent explanation; ``bits`` > 0 speak for it and against a campaign."""

    hypothesis: str
    bits: float
    statement: str


class Campaign(msgspec.Struct, frozen=True):
    """A group of accounts for which both questions, coordination and harvest, are answered yes."""

    id: str
    accounts: list[str]
    org_ids: list[str]
    first_seen: str
    last_seen: str
    requests: int
    input_tokens: int
    output_tokens: int
    coordination_bits: float
    harvest_bits: float
    q_value: float
    severity: str
    techniques: list[Technique]
    evidence: list[Evidence]
    scaffolds: list[Scaffold]
    alternatives: list[Alternative]


class Run(msgspec.Struct, frozen=True):
    """What was scanned, how and when. Times are ISO 8601 in UTC; ``window`` is first and last request."""

    version: str
    started: str
    finished: str
    engine: str
    requests: int
    accounts: int
    rejected_rows: int
    window: tuple[str, str]
    fdr: float
    abstained: list[Abstained]
    notes: list[str] = []


class Campaigns(msgspec.Struct, frozen=True):
    """The document ``campaigns.json``.

    ``explained`` lists groups that looked joint but that an innocent explanation covers; they are not campaigns.
    """

    run: Run
    campaigns: list[Campaign]
    explained: list[Campaign] = []
    schema: str = SCHEMA
