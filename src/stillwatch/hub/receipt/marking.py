"""What the markings on a candidate mean: its audience, and what must be cut for whom.

The definitions of markings are looked for in the request itself, among those that the member sent before or may see, and among the
constants that everybody knows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillwatch.hub.access.audience import Audience, of_markings
from stillwatch.hub.access.granular import can_be_cut, granular_markings
from stillwatch.hub.receipt.candidate import Candidate
from stillwatch.sharing.stix.definitions import constants
from stillwatch.sharing.stix.tlp import OF_TLP, TLP

Definitions = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Marking:
    """For whom an object is; ``cuts`` are audiences without which the parts named beside them are not shown."""

    audience: Audience
    cuts: tuple[tuple[Audience, tuple[str, ...]], ...] = ()


def marking(one: Candidate, definitions: Definitions, unmarked: TLP, named: Sequence[str] | None) -> Marking:
    """For whom a candidate is; ``named`` restricts it to these members and groups."""
    if constants().get(one.stix_id) == one.value:
        return Marking(Audience(TLP.CLEAR))
    whole = of_markings(one.markings, definitions, unmarked)
    if named is not None:
        whole = whole.joined(Audience(TLP.CLEAR, tuple(sorted(named))))
    parts = granular_markings(one.value)
    if parts is None:
        return Marking(whole.joined(Audience(TLP.RED)))
    cuts = tuple((whole.joined(of_markings([part.marking], definitions, TLP.CLEAR)), part.selectors) for part in parts)
    narrower = tuple(cut for cut in cuts if cut[0] != whole)
    if not narrower or can_be_cut(one.body, one.value, [selector for _, selectors in narrower for selector in selectors]):
        return Marking(whole, narrower)
    for audience, _ in narrower:
        whole = whole.joined(audience)
    return Marking(whole)


def marking_refs(candidates: Iterable[Candidate]) -> set[str]:
    """The markings that candidates bear and that are not the same for everybody."""
    refs = {ref for one in candidates for ref in one.markings}
    refs |= {part.marking for one in candidates for part in granular_markings(one.value) or ()}
    return refs - constants().keys() - OF_TLP


def definitions_among(candidates: Iterable[Candidate]) -> dict[str, Mapping[str, Any]]:
    """The marking definitions that are in a request, and the constants."""
    sent = {one.stix_id: one.value for one in candidates if one.type == "marking-definition" and one.stix_id not in constants()}
    return {**sent, **constants()}
