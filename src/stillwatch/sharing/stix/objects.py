"""The STIX 2.1 objects that Stillwatch writes and understands, typed for decoding on the hot path.

Rules: a property that stands here has the type that the standard gives it; one that does not is skipped here and carried along
untouched by whoever keeps the bytes (``received.py``). A time is UTC. The extensions are those of ``extensions.py``; others' pass
by. Decoding checks types, not sense: dates, references and markings are judged in ``judgement.py``.

>>> decode(b'{"type":"ipv4-addr","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","value":"198.51.100.3"}').value
'198.51.100.3'
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

from stillwatch.sharing.stix import extensions as ours
from stillwatch.sharing.stix.extensions import Time, extension_id

SPEC_VERSION: Literal["2.1"] = "2.1"

Ref = str
"""An object's id; whether it is written as one is judged for all of an object's at once (``judgement.py``)."""

OpinionWord = Literal["strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"]

Refs = Annotated[tuple[Ref, ...], Meta(min_length=1)]
Text = Annotated[str, Meta(min_length=1)]


class ExternalReference(Struct, frozen=True, omit_defaults=True, gc=False):
    """Where else the thing is described."""

    source_name: Text
    description: str | None = None
    url: str | None = None
    external_id: str | None = None


class Extensions(Struct, frozen=True, omit_defaults=True, gc=False):
    """Our extensions on an object, where it has them."""

    campaign: ours.CampaignFigures | None = field(default=None, name=extension_id("campaign"))
    scaffold: ours.ScaffoldSamples | None = field(default=None, name=extension_id("scaffold"))
    token: ours.IdentifierToken | None = field(default=None, name=extension_id("token"))
    client: ours.ClientFingerprint | None = field(default=None, name=extension_id("client-fingerprint"))
    network: ours.Network | None = field(default=None, name=extension_id("network"))
    technique: ours.TechniqueEntry | None = field(default=None, name=extension_id("technique"))
    match: ours.Match | None = field(default=None, name=extension_id("match"))
    policy: ours.ExchangePolicy | None = field(default=None, name=extension_id("exchange-policy"))


class Thing(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="type"):
    """What every object has."""

    id: Ref
    object_marking_refs: Refs | None = None
    extensions: Extensions | None = None


class Statement(Thing, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What an object has that somebody said at some time: everything but observables and markings."""

    spec_version: Literal["2.1"]
    created: Time
    modified: Time
    created_by_ref: Ref | None = None
    revoked: bool = False
    confidence: Annotated[int, Meta(ge=0, le=100)] | None = None
    labels: tuple[Text, ...] | None = None
    external_references: tuple[ExternalReference, ...] | None = None


class Identity(Statement, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="identity"):
    """A member, or the project itself."""

    name: Text
    identity_class: str | None = None
    description: str | None = None


class Campaign(Statement, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="campaign"):
    """A campaign."""

    name: Text
    description: str | None = None
    first_seen: Time | None = None
    last_seen: Time | None = None


class AttackPattern(Statement, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="attack-pattern"):
    """A technique."""

    name: Text
    description: str | None = None


class Indicator(Statement, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="indicator"):
    """Something to look for, while it is valid."""

    pattern: Text
    pattern_type: Text
    valid_from: Time
    valid_until: Time | None = None
    name: str | None = None
    description: str | None = None
    indicator_types: tuple[Text, ...] | None = None
    pattern_version: str | None = None


class Infrastructure(Statement, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="infrastructure"):
    """What the campaign came through."""

    name: Text
    description: str | None = None
    infrastructure_types: tuple[Text, ...] | None = None
    first_seen: Time | None = None
    last_seen: Time | None = None


class ObservedData(Statement, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="observed-data"):
    """Observables that were seen, and how often."""

    first_observed: Time
    last_observed: Time
    number_observed: Annotated[int, Meta(ge=1, le=999_999_999)]
    object_refs: Refs | None = None


class Relationship(Statement, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="relationship"):
    """How two objects are joined."""

    relationship_type: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,250}$(?!\n)")]
    source_ref: Ref
    target_ref: Ref


class Sighting(Statement, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="sighting"):
    """An indicator was met."""

    sighting_of_ref: Ref
    first_seen: Time | None = None
    last_seen: Time | None = None
    count: Annotated[int, Meta(ge=0, le=999_999_999)] | None = None
    where_sighted_refs: Refs | None = None


class Opinion(Statement, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="opinion"):
    """What a member thinks of an object."""

    opinion: OpinionWord
    object_refs: Refs
    explanation: str | None = None


class Note(Statement, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="note"):
    """What a member adds to an object in words."""

    content: Text
    object_refs: Refs
    abstract: str | None = None


class Report(Statement, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="report"):
    """Objects published together."""

    name: Text
    published: Time
    object_refs: Refs
    description: str | None = None
    report_types: tuple[Text, ...] | None = None


class Grouping(Statement, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="grouping"):
    """Objects that belong together and are not yet a report."""

    context: Text
    object_refs: Refs
    name: str | None = None


class ExtensionDefinition(Statement, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="extension-definition"):
    """What an extension is."""

    name: Text
    schema: Text
    version: Text
    extension_types: tuple[Text, ...]
    description: str | None = None


class MarkingDefinition(Thing, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="marking-definition"):
    """How what it marks is to be handled; who said so when."""

    spec_version: Literal["2.1"]
    created: Time
    name: str | None = None
    created_by_ref: Ref | None = None


class Artifact(Thing, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="artifact"):
    """Bytes, here a scaffold's fingerprint."""

    mime_type: str | None = None
    payload_bin: str | None = None
    url: str | None = None


class UserAccount(Thing, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="user-account"):
    """An account, here as a token."""

    user_id: str | None = None
    account_type: str | None = None
    account_login: str | None = None


class IPv4Address(Thing, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="ipv4-addr"):
    """An IPv4 address or prefix."""

    value: Text


class IPv6Address(Thing, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="ipv6-addr"):
    """An IPv6 address or prefix."""

    value: Text


Object = (
    Identity | Campaign | AttackPattern | Indicator | Infrastructure | ObservedData | Relationship | Sighting | Opinion | Note
    | Report | Grouping | ExtensionDefinition | MarkingDefinition | Artifact | UserAccount | IPv4Address | IPv6Address
)  # fmt: skip
"""Any object that is understood."""


class Foreign(Struct, frozen=True, kw_only=True, gc=False):
    """What must hold of an object of a type that is not understood, so that it can be carried along, versioned and revoked."""

    type: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,248}[a-z0-9]$(?!\n)")]
    id: Ref
    spec_version: Literal["2.1"] | None = None
    created: Time | None = None
    modified: Time | None = None
    created_by_ref: Ref | None = None
    object_marking_refs: Refs | None = None
    revoked: bool = False
    extensions: dict[str, dict[str, Any]] | None = None


TYPES = frozenset(kind.__struct_config__.tag for kind in Object.__args__)
"""The values of ``type`` that are understood."""

_DECODER: msgspec.json.Decoder[Object] = msgspec.json.Decoder(Object)
_FOREIGN = msgspec.json.Decoder(Foreign)


def decode(text: bytes | str) -> Object:
    """An object of a type that is understood. Raises msgspec.ValidationError, saying which property is wrong, or DecodeError."""
    return _DECODER.decode(text)


def decode_foreign(text: bytes | str) -> Foreign:
    """An object of a type that is not understood. Raises as ``decode`` does."""
    return _FOREIGN.decode(text)


def as_json(thing: Struct) -> dict[str, Any]:
    """An object as the JSON value that travels: absent properties left out, times to the millisecond."""
    value: dict[str, Any] = _plain(msgspec.to_builtins(thing, builtin_types=(datetime,)))
    return {"type": value.pop("type"), "spec_version": SPEC_VERSION} | value


def timestamp(moment: datetime) -> str:
    """A time as STIX writes it (section 3.5), to the millisecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(content) for name, content in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return timestamp(value) if isinstance(value, datetime) else value
