"""What is wrong with a received object beyond its types: its markings, dates, references, and whether it contradicts itself.

Rules: each check looks at one object and gives a reason, or None. What is the same for everybody is taken only as it was published.
Nothing is corrected: an object is taken as it came or refused.
"""

import base64
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from stillwatch.sharing.stix.bundle import references
from stillwatch.sharing.stix.definitions import constants
from stillwatch.sharing.stix.ids import observable_id
from stillwatch.sharing.stix.limits import Times
from stillwatch.sharing.stix.objects import Artifact, Foreign, Indicator, Thing, UserAccount
from stillwatch.sharing.stix.patterns import Client, Scaffold, read_pattern, scaffold_pattern
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

_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*--[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""An id: a type and a UUID, in the one spelling that the standard has for it."""

_TIMES = (
    "created", "modified", "first_seen", "last_seen", "first_observed", "last_observed", "published", "valid_from", "valid_until"
)  # fmt: skip
_AHEAD = frozenset({"valid_from", "valid_until"})
_ORDER = (("created", "modified"), ("first_seen", "last_seen"), ("first_observed", "last_observed"), ("valid_from", "valid_until"))

_JOINS = frozenset({"source_ref", "target_ref", "sighting_of_ref"})
_NOT_JOINED = frozenset({"relationship", "sighting", "bundle", "marking-definition", "extension-definition", "language-content"})


def wrong(value: Mapping[str, Any], thing: Thing | Foreign, times: Times, ids: set[str]) -> str | None:
    """The first reason against an object, given as JSON and typed, or None; ``ids`` as in ``misdirected``."""
    contradiction = _CONTRADICTIONS.get(type(thing))
    return (
        forged(value)
        or not_as_published(value)
        or absurd_time(thing, times)
        or misdirected(value, ids)
        or empty(value)
        or (contradiction(thing) if contradiction else None)
    )


def not_as_published(value: Mapping[str, Any]) -> str | None:
    """Whether an object bears the id of a constant of this version and is another (for those of TLP see ``forged``)."""
    constant = constants().get(value["id"])
    if constant is None or value["id"] in OF_TLP or constant == value:
        return None
    return "it bears the id of what the project publishes and is another"


def absurd_time(thing: Thing | Foreign, times: Times) -> str | None:
    """Whether one of its times cannot be: before all distillation, after now, not UTC, or after what it should precede."""
    for name in _times_of(type(thing)):
        moment = getattr(thing, name)
        if moment is None:
            continue
        if moment.utcoffset():
            return f"{name} is not in UTC"
        if moment < times.earliest or (moment > times.latest and (name not in _AHEAD or moment > times.latest_validity)):
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


def misdirected(value: Mapping[str, Any], ids: set[str]) -> str | None:
    """Whether an id is not written as one, or a reference points to itself or to a type that it may not point to.

    ``ids`` are ids that were found to be written as such before; more are added.
    """
    own = value["id"]
    if not _is_id(own, ids):
        return "id holds no id"
    for field, target in references(value):
        if not _is_id(target, ids):
            return f"{field[:40]} holds no id"
        if target == own and field != "created_by_ref":
            return f"{field[:40]} refers to the object itself"
        wanted = _TARGETS.get(field)
        if wanted or field in _JOINS:
            kind = target.partition("--")[0]
            if kind in _NOT_JOINED if wanted is None else kind not in wanted:
                return f"{field} may not refer to an object of type {kind[:40]}"
    return None


def _is_id(text: str, ids: set[str]) -> bool:
    if text in ids:
        return True
    if _ID.fullmatch(text):
        ids.add(text)
        return True
    return False


def empty(value: Mapping[str, Any]) -> str | None:
    """Whether a property is there and has no value; the standard leaves it out then (section 2.4)."""
    if None not in value.values():
        return None
    return next(f"{name[:40]} has no value (null)" for name, content in value.items() if content is None)


def _artifact_contradiction(artifact: Artifact) -> str | None:
    scaffold = artifact.extensions.scaffold if artifact.extensions else None
    if scaffold and _payload(artifact) != fingerprint_text(scaffold.samples):
        return "its payload is not the fingerprint in its extension"
    return None


def _pattern_contradiction(indicator: Indicator) -> str | None:
    said = indicator.extensions
    if said is None:
        return None
    if said.scaffold and not _looks_for(indicator.pattern, said.scaffold.samples):
        return "its pattern does not look for the samples in its extension"
    if said.client and read_pattern(indicator.pattern) != Client(said.client.client_fingerprint):
        return "its pattern does not look for the client in its extension"
    return None


def _looks_for(pattern: str, samples: tuple[str, ...]) -> bool:
    """Whether a pattern looks for these samples, written as we write it or in another spelling."""
    return pattern == scaffold_pattern(samples) or read_pattern(pattern) == Scaffold(samples)


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


_CONTRADICTIONS: Mapping[type, Callable[[Any], str | None]] = {
    UserAccount: _token_contradiction,
    Artifact: _artifact_contradiction,
    Indicator: _pattern_contradiction,
}
"""How an object can say one thing in its extension and another in its standard properties, by type."""
