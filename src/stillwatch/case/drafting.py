"""A draft of who is behind a case: what its campaigns say, and the networks that they are linked into; nobody has judged yet."""

from collections.abc import Iterable

from stillwatch.attribution.actor import Actor, item_of
from stillwatch.attribution.assessment import Assessment
from stillwatch.attribution.hypothesis import network
from stillwatch.attribution.traffic_items import items_of
from stillwatch.case.case import CaseFile


def drafted(file: CaseFile, actors: Iterable[Actor]) -> Assessment:
    """The evidence of every campaign of a case, each item with its way back to a snapshot, over the four and its networks."""
    shots = file.campaigns
    items = [item for n, shot in enumerate(shots, 1) for item in items_of(shot.campaign, f"S{n}#{shot.pointer}")]
    mine = {shot.campaign.id for shot in shots}
    networks = [actor for actor in actors if mine & set(actor.campaigns)]
    items += [item_of(actor) for actor in networks]
    return Assessment(subject=file.case.name, items=items, networks=[network(actor.id, actor.name) for actor in networks])
