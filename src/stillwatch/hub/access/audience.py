"""Audiences: who may see an object, as the markings on it and its contributor say, narrowest where they disagree or say nothing.

Rules:

1. every TLP 2.0 level and every exchange policy among the markings holds, so the strictest does; a policy that has not begun or has
   ended, or that demands encryption where there is none, shuts out everybody;
2. a marking that the hub does not know might mean anything, so it means TLP:RED; without any level, the collection's own default
   holds (TLP:RED if nobody chose another);
3. the contributor may name members or groups, and then nobody else hears of it; TLP:RED without names is for the contributor alone;
4. the contributor and the operators always see the object.

>>> Audience(TLP.GREEN).joined(Audience(TLP.AMBER)).level
<TLP.AMBER: 'amber'>
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any, Self

import msgspec

from stillwatch.hub import timestamps
from stillwatch.hub.access.member import Viewer
from stillwatch.sharing.stix.extensions import ExchangePolicy, extension_id
from stillwatch.sharing.stix.tlp import TLP, strictest

_POLICY = extension_id("exchange-policy")


class Audience(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who may see something. ``named`` holds ``member:ID`` and ``group:ID``, None for no restriction; times in microseconds."""

    level: TLP
    named: tuple[str, ...] | None = None
    not_before: int | None = None
    not_after: int | None = None
    encrypted: bool = False

    def joined(self, other: Self) -> Self:
        """Those who belong to both."""
        named = [terms.named for terms in (self, other) if terms.named is not None]
        return msgspec.structs.replace(
            self,
            level=max(self.level, other.level, key=lambda level: level.width),
            named=tuple(sorted(set(named[0]).intersection(*named))) if named else None,
            not_before=max((t for t in (self.not_before, other.not_before) if t is not None), default=None),
            not_after=min((t for t in (self.not_after, other.not_after) if t is not None), default=None),
            encrypted=self.encrypted or other.encrypted,
        )

    def admits(self, viewer: Viewer, now: int) -> bool:
        """Whether the viewer belongs to it now, apart from what is its own (rule 4)."""
        if viewer.is_operator:
            return True
        begun = self.not_before is None or self.not_before <= now
        ended = self.not_after is not None and self.not_after <= now
        private = viewer.encrypted or not self.encrypted
        return begun and not ended and private and self._circle(viewer)

    def _circle(self, viewer: Viewer) -> bool:
        if self.named is None:
            return viewer.member.role.hears(self.level)
        called = {f"member:{viewer.member.id}", *(f"group:{group}" for group in viewer.member.groups)}
        return bool(called.intersection(self.named)) and (self.level is TLP.RED or viewer.member.role.hears(self.level))


def terms(audience: Audience) -> str:
    """The one text that stands for an audience."""
    return msgspec.json.encode(audience).decode()


def from_terms(text: str) -> Audience:
    """The audience that a text stands for."""
    return msgspec.json.decode(text, type=Audience)


def of_markings(refs: Iterable[str], definitions: Mapping[str, Mapping[str, Any]], unmarked: TLP) -> Audience:
    """The audience that these markings leave (rules 1 and 2); ``definitions`` holds the known marking definitions by id."""
    demanded = [found for ref in refs if (found := _of_marking(ref, definitions.get(ref)))]
    return reduce(Audience.joined, demanded) if demanded else Audience(unmarked)


def _of_marking(ref: str, definition: Mapping[str, Any] | None) -> Audience | None:
    """What one marking demands; None for a statement, which is not about who may see."""
    if level := strictest([ref]):
        return Audience(level)
    extensions = (definition or {}).get("extensions")
    if definition is None or not isinstance(extensions, Mapping | None):
        return Audience(TLP.RED)
    if extensions and _POLICY in extensions:
        return _of_policy(extensions[_POLICY])
    return None if definition.get("definition_type") == "statement" and not extensions else Audience(TLP.RED)


def _of_policy(found: object) -> Audience:
    """What an Information Exchange Policy demands: its TLP, its dates, encryption on the way."""
    try:
        policy = msgspec.convert(found, ExchangePolicy)
    except msgspec.ValidationError:
        return Audience(TLP.RED)
    return Audience(
        TLP(policy.tlp),
        not_before=timestamps.microseconds(policy.start_date),
        not_after=timestamps.microseconds(policy.end_date) if policy.end_date else None,
        encrypted=policy.encrypt_in_transit == "must",
    )
