"""Hypotheses: what could be so. Four are always weighed, whoever else is suspected; others name a network, never an organisation.

Rules: the four that always stand are *unknown*, *reseller or proxy network, not the end beneficiary*, *authorised* and
*look-alike*. *unknown* is the reference: all bits are relative to it. A further hypothesis is about a network of campaigns (an
actor's profile); an organisation behind a network is named by people (``naming``), not weighed here.

>>> [each.id for each in hypotheses([])]
['unknown', 'reseller', 'authorised', 'look-alike']
"""

import re
from collections.abc import Iterable

import msgspec

from stillwatch.errors import UsageError

_ID = re.compile(r"network--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class Hypothesis(msgspec.Struct, frozen=True):
    """Something that could be so: ``name`` in few words, ``statement`` in a sentence."""

    id: str
    name: str
    statement: str


UNKNOWN = Hypothesis("unknown", "unknown", "The campaign is hostile, and who is behind it is nobody of whom we know.")
RESELLER = Hypothesis(
    "reseller",
    "reseller or proxy network, not the end beneficiary",
    "The accounts belong to a reseller or proxy network; whoever trains on the answers is one of its customers.",
)
AUTHORISED = Hypothesis("authorised", "authorised", "The use is permitted, by contract or by an evaluation that we agreed to.")
LOOK_ALIKE = Hypothesis("look-alike", "look-alike", "The traffic only looks like harvesting; it is a harness, an app, a batch job.")
ALWAYS = (UNKNOWN, RESELLER, AUTHORISED, LOOK_ALIKE)
"""What is weighed in every assessment."""


def network(actor_id: str, name: str) -> Hypothesis:
    """The hypothesis that a known network is behind it. Raises UsageError for an id that is no network's."""
    if not _ID.fullmatch(actor_id):
        cure = "give the id of a network (network--…); an organisation is named by two people, not weighed"
        raise UsageError(f"no network's id: {actor_id!r:.80}", place="hypothesis", cure=cure)
    return Hypothesis(actor_id, name, f"The network known as {name} is behind it.")


def hypotheses(networks: Iterable[Hypothesis]) -> tuple[Hypothesis, ...]:
    """All that are weighed: the four, then the networks, each once. Raises UsageError for what is neither."""
    standing = {each.id: each for each in ALWAYS}
    for one in networks:
        if one.id not in standing:
            standing[one.id] = network(one.id, one.name)
    return tuple(standing.values())
