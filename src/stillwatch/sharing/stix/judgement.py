"""What is wrong with a received object beyond its types: its markings, dates, references, and whether it contradicts itself.

Rules: each check looks at one object and gives a reason, or None. What is the same for everybody is taken only as it was published.
Nothing is corrected: an object is taken as it came or refused.
"""

import base64
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from stillwatch.sharing.stix.bundle import references
from stillwatch.sharing.stix.definitions import constants
from stillwatch.sharing.stix.ids import observable_id
from stillwatch.sharing.stix.limits import Limits
from stillwatch.sharing.stix.objects import Artifact, Foreign, Indicator, Thing, UserAccount
from stillwatch.sharing.stix.patterns import Client, Scaffold, read_pattern
from stillwatch.sharing.stix.scaffold import fingerprint_text
from stillwatch.sharing.stix.tlp import OF_TLP, forged
from stillwatch.sharing.stix.writing import TOKEN_ACCOUNT, token_of

_TARGETS = {
    "created_by_ref": frozenset({"identity"}),
    "object_marking_refs": frozenset({"marking-definition"}),
    "where_sighted_refs": frozenset({"identity", "location"}),
    "observed_data_refs": frozenset({"observed-data"}),
}
"""The types that a reference may point to, where the standard limits them."""

_TIMES = (
    "created", "modified", "first_seen", "last_seen", "first_observed", "last_observed", "published", "valid_from", "valid_until"
)  # fmt: skip
_AHEAD = frozenset({"valid_from", "valid_until"})
_ORDER = (("created", "modified"), ("first_seen", "last_seen"), ("first_observed", "last_observed"), ("valid_from", "valid_until"))

_JOINS = frozenset({"source_ref", "target_ref", "sighting_of_ref"})
_NOT_JOINED = frozenset({"relationship", "sighting", "bundle", "marking-definition", "extension-definition", "language-content"})


def wrong(value: Mapping[str, Any], thing: Thing | Foreign, limits: Limits, now: datetime) -> str | None:
    """The first reason against an object, given as JSON and typed; None if nothing speaks against it."""
    return (
        forged(value)
        or not_as_published(value)
        or absurd_time(thing, limits, now)
        or misdirected(value)
        or empty(value)
        or contradiction(thing)
    )


def not_as_published(value: Mapping[str, Any]) -> str | None:
    """Whether an object bears the id of a constant of this version and is another (for those of TLP see ``forged``)."""
    constant = constants().get(value["id"])
    if constant is None or value["id"] in OF_TLP or constant == value:
        return None
    return "it bears the id of what the project publishes and is another"


def absurd_time(thing: Thing | Foreign, limits: Limits, now: datetime) -> str | None:
    """Whether one of its times cannot be: before all distillation, after now, not UTC, or after what it should precede."""
    for name in _times_of(type(thing)):
        moment = getattr(thing, name)
        if moment is None:
            continue
        if moment.utcoffset():
            return f"{name} is not in UTC"
        if not limits.earliest <= moment <= now + (limits.validity if name in _AHEAD else limits.ahead):
            return f"{name} is {moment:%Y-%m-%d}, which cannot be"
    for first, last in _orders_of(type(thing)):
        earlier, later = getattr(thing, first), getattr(thing, last)
        if earlier is not None and later is not None and earlier > later:
            return f"{first} lies after {last}"
    return None


@cache
def _times_of(kind: type[Thing | Foreign]) -> tuple[str, ...]:
    """Which of the times a type has."""
    return tuple(name for name in _TIMES if name in kind.__struct_fields__)


@cache
def _orders_of(kind: type[Thing | Foreign]) -> tuple[tuple[str, str], ...]:
    """Which pairs of times a type has."""
    return tuple(pair for pair in _ORDER if set(pair) <= set(kind.__struct_fields__))


def misdirected(value: Mapping[str, Any]) -> str | None:
    """Whether a reference points to itself or to a type of object that it may not point to."""
    own = value["id"]
    for field, target in references(value):
        if target == own and field != "created_by_ref":
            return f"{field} refers to the object itself"
        wanted, kind = _TARGETS.get(field), target.partition("--")[0]
        if (wanted and kind not in wanted) or (field in _JOINS and kind in _NOT_JOINED):
            return f"{field} may not refer to an object of type {kind[:40]}"
    return None


def empty(value: Mapping[str, Any]) -> str | None:
    """Whether a property is there and has no value; the standard leaves it out then (section 2.4)."""
    if None not in value.values():
        return None
    return next(f"{name[:40]} has no value (null)" for name, content in value.items() if content is None)


def contradiction(thing: Thing | Foreign) -> str | None:
    """Whether an object says one thing in its extension and another in its standard properties."""
    if isinstance(thing, UserAccount):
        return _token_contradiction(thing)
    if isinstance(thing, Artifact):
        return _artifact_contradiction(thing)
    return _pattern_contradiction(thing) if isinstance(thing, Indicator) else None


def _artifact_contradiction(artifact: Artifact) -> str | None:
    scaffold = artifact.extensions.scaffold if artifact.extensions else None
    if scaffold and _payload(artifact) != fingerprint_text(scaffold.samples):
        return "its payload is not the fingerprint in its extension"
    return None


def _pattern_contradiction(indicator: Indicator) -> str | None:
    said = indicator.extensions
    target = read_pattern(indicator.pattern) if said else None
    if said and said.scaffold and target != Scaffold(said.scaffold.samples):
        return "its pattern does not look for the samples in its extension"
    if said and said.client and target != Client(said.client.client_fingerprint):
        return "its pattern does not look for the client in its extension"
    return None


def _token_contradiction(account: UserAccount) -> str | None:
    token = account.extensions.token if account.extensions else None
    if token and account.user_id != str(token_of(token)):
        return "its user_id is not the token in its extension"
    if account.account_type != TOKEN_ACCOUNT:
        return "it has a token and is no token account" if token else None
    named = {"account_type": TOKEN_ACCOUNT, "user_id": account.user_id or ""}
    return None if account.id == observable_id("user-account", named) else "its id is not that of its token"


def _payload(artifact: Artifact) -> str | None:
    try:
        return base64.b64decode(artifact.payload_bin or "", validate=True).decode()
    except ValueError:
        return None
