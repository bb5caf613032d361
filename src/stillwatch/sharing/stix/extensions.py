"""What STIX has no property for: our property-extensions, one type each, with the ids under which they are published.

Rules: an extension sits on the object that it says something about; its fields are these and no others, so that nothing travels
unseen; a field more is a new extension with a new id. None has a field for what anybody should do, none for a country. The JSON
Schemas and extension definitions in ``docs/stix/`` are made from these types (``definitions.py``).

>>> extension_id("campaign")
'extension-definition--e3776821-7dd3-509e-9214-ac7f16678fba'
"""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

VERSION = 1

Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Share = Annotated[float, Meta(ge=0, le=1)]
Bits = Annotated[float, Meta(ge=-1e6, le=1e6)]
Word = Annotated[str, Meta(min_length=1, max_length=80)]
TechniqueId = Annotated[str, Meta(pattern=r"^[A-Z]{2,8}-T[0-9]{2,3}$(?!\n)")]
Time = Annotated[datetime, Meta(tz=True)]
Sample = Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$(?!\n)")]


def extension_id(name: str) -> str:
    """The id of one of our extensions: a UUID version 5 of its name in the name space of URLs (RFC 9562)."""
    return f"extension-definition--{uuid.uuid5(uuid.NAMESPACE_URL, f'urn:stillwatch:stix-extension:{name}:{VERSION}')}"


class Extension(
    Struct,
    frozen=True,
    tag_field="extension_type",
    tag="property-extension",
    forbid_unknown_fields=True,
    omit_defaults=True,
    gc=False,
):
    """What all have in common: the ``extension_type`` that STIX asks for."""


class TechniqueUse(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A technique of the taxonomy and the share of the campaign's requests that show it."""

    technique: TechniqueId
    share: Share | None = None


class Reason(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One signal's word for or against: bits (log2 likelihood ratio, hostile to benign) for one of the two questions."""

    signal: Word
    question: Literal["coordination", "harvest"]
    bits: Bits


class Rival(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """An innocent explanation that was weighed; bits above 0 speak for it."""

    hypothesis: Word
    bits: Bits


class CampaignFigures(Extension, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """On ``campaign``: how large it is, how sure its finder is, and why. What the finder keeps to itself is absent."""

    accounts: Count | None = None
    requests: Count | None = None
    input_tokens: Count | None = None
    output_tokens: Count | None = None
    coordination_bits: Bits | None = None
    harvest_bits: Bits | None = None
    q_value: Share | None = None
    severity: Literal["high", "medium", "low"] | None = None
    techniques: tuple[TechniqueUse, ...] = ()
    evidence: tuple[Reason, ...] = ()
    alternatives: tuple[Rival, ...] = ()


class ScaffoldSamples(Extension, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """On ``artifact`` and ``indicator``: the samples of a scaffold (docs/fingerprints.md), ascending.

    On an indicator also the share of the campaign's requests that carry the scaffold, and how many accounts use it.
    """

    version: Literal[1]
    samples: Annotated[tuple[Sample, ...], Meta(min_length=1, max_length=256)]
    share: Share | None = None
    accounts: Count | None = None


class IdentifierToken(Extension, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """On ``user-account``: an identifier as the token of an oblivious function (RFC 9497); the identifier does not travel.

    ``kind`` says of what (account-name, email, …), ``epoch`` under which key; only tokens of one kind and epoch compare. ``token``
    is its 32 bytes in base64url.
    """

    kind: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,39}$(?!\n)")]
    epoch: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$(?!\n)")]
    token: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$(?!\n)")]


class ClientFingerprint(Extension, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """On ``indicator``: a fingerprint of the client's TLS or HTTP stack, such as JA4, and how many of the accounts show it."""

    client_fingerprint: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,128}$(?!\n)")]
    accounts: Count | None = None


class Network(Extension, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """On ``infrastructure``: a network prefix that served the campaign (CIDR), and how many of the accounts came from it."""

    prefix: Annotated[str, Meta(pattern=r"^[0-9a-f.:]{2,39}/[0-9]{1,3}$(?!\n)")] | None = None
    accounts: Count | None = None


class TechniqueEntry(Extension, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """On ``attack-pattern``: the entry of our taxonomy that it stands for."""

    technique: TechniqueId
    taxonomy_version: Word
    since: Word
    judged: Literal["text", "request", "group"]


class Match(Extension, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """On ``sighting``: what of one's own past traffic met the indicator.

    ``overlap`` is the share of the received samples that were found again, 1 for what either is the same or is not.
    """

    matched: Literal["scaffold", "client-fingerprint", "network", "token"]
    overlap: Share | None = None
    accounts: Count | None = None


class ExchangePolicy(Extension, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """On ``marking-definition``: an Information Exchange Policy (FIRST IEP 2.0 JSON), its ``tlp`` in words of TLP 2.0."""

    id: Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$(?!\n)")]
    name: Word
    iep_version: Literal["2.0"]
    start_date: Time
    encrypt_in_transit: Literal["must", "may"]
    permitted_actions: Literal[
        "none",
        "contact-for-instruction",
        "internally-visible-actions",
        "externally-visible-indirect-actions",
        "externally-visible-direct-actions",
    ]
    affected_party_notifications: Literal["may", "must-not"]
    tlp: Literal["red", "amber+strict", "amber", "green", "clear"]
    attribution: Literal["may", "must", "must-not"]
    unmodified_resale: Literal["may", "must-not"]
    end_date: Time | None = None


EXTENSIONS: dict[str, type[Extension]] = {
    "campaign": CampaignFigures,
    "scaffold": ScaffoldSamples,
    "token": IdentifierToken,
    "client-fingerprint": ClientFingerprint,
    "network": Network,
    "technique": TechniqueEntry,
    "match": Match,
    "exchange-policy": ExchangePolicy,
}
"""All by name."""
