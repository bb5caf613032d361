"""What a campaign found in traffic says about who is behind it: little, and it is not made to say more.

Rules: signs of one hand and of harvesting speak against a look-alike, by the bits that the scan counted; they say nothing of
whose hand it is, so a reseller and an unknown hand stay equally likely. Signals of one family share one group, for they look at
one fact. The best innocent explanation counts only where it won: where it lost, its bits are made from those same signals. A
contract counts for *authorised*. Every item points to its place in ``campaigns.json`` by JSON pointer (RFC 6901).
"""

from collections.abc import Iterator

from stillwatch.attribution.hypothesis import AUTHORISED, LOOK_ALIKE, RESELLER
from stillwatch.attribution.item import Item
from stillwatch.campaigns.campaign import Alternative, Campaign
from stillwatch.signals.catalogue import COORDINATION, GROUP_HARVEST, HARVEST

_FAMILIES = {signal.name: signal.family for signal in (*COORDINATION, *GROUP_HARVEST)} | {
    signal.name: signal.family for signal in HARVEST
}
_GRADE = "A2"
"""Measured by ourselves, not yet confirmed by another source."""

_RIVALS = {"authorised distillation": AUTHORISED, "reseller": RESELLER}


def items_of(campaign: Campaign, pointer: str) -> list[Item]:
    """The items of a campaign, which stands at ``pointer`` (such as ``campaigns.json#/campaigns/0``)."""
    return [*_signs(campaign, pointer), *_rivals(campaign, pointer)]


def _signs(campaign: Campaign, pointer: str) -> Iterator[Item]:
    for place, sign in enumerate(campaign.evidence):
        yield Item(
            f"{campaign.id[-12:]}:e{place}",
            sign.statement or sign.signal or "A signal without a statement.",
            f"{pointer}/evidence/{place}",
            _GRADE,
            f"{campaign.id[-12:]}:{_FAMILIES.get(sign.signal, sign.signal or 'a signal without a name')}",
            {LOOK_ALIKE.id: -sign.bits},
            f"The scan counted {sign.bits:+.1f} bits, hostile to benign, for {sign.question}; it says nothing of whose hand it is.",
        )


def _rivals(campaign: Campaign, pointer: str) -> Iterator[Item]:
    for place, rival in enumerate(campaign.alternatives):
        target = _RIVALS.get(rival.hypothesis, LOOK_ALIKE)
        yield Item(
            f"{campaign.id[-12:]}:a{place}",
            f"{rival.hypothesis or 'An innocent explanation'}: {rival.statement}",
            f"{pointer}/alternatives/{place}",
            _GRADE,
            f"{campaign.id[-12:]}:{'contract' if target is AUTHORISED else 'innocent explanations'}",
            {target.id: rival.bits} if _counts(rival) else {},
            _why(rival),
        )


def _counts(rival: Alternative) -> bool:
    """Whether its bits are its own: it won, or rests on a contract and not on the signals."""
    return rival.bits > 0 or rival.hypothesis in _RIVALS


def _why(rival: Alternative) -> str:
    if _counts(rival):
        return f"The scan weighed this explanation at {rival.bits:+.1f} bits."
    return f"It lost ({rival.bits:+.1f} bits); its bits are made from the signals above and are not counted twice."
