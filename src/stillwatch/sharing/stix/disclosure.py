"""A disclosure: what a provider could say of one campaign, in words of the trade, before any guard has looked at it.

Rules: it holds no sentence of a scan (they carry exact figures), no account, no text of a request. ``from_campaign`` takes it from
a scan's result; tokens, clients and networks come beside it, because a scan does not keep them. ``writing.py`` and ``reading.py``
are its two directions to and from STIX.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec

from stillwatch.campaigns.campaign import Campaign
from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.sharing.stix.extensions import (
    CampaignFigures,
    ClientFingerprint,
    IdentifierToken,
    Network,
    ScaffoldSamples,
    Time,
)
from stillwatch.sharing.stix.scaffold import in_hex, samples_of

CampaignRef = Annotated[
    str, msgspec.Meta(pattern=r"^campaign--[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
]


@dataclass(frozen=True)
class Disclosure:
    """One campaign: its id, when it was seen, its figures, and what it can be recognised by.

    ``scaffolds`` stand in the order of use; ``tokens`` are those of its accounts and of what they share.
    """

    campaign: str
    first_seen: datetime | None
    last_seen: datetime | None
    figures: CampaignFigures
    scaffolds: tuple[ScaffoldSamples, ...] = ()
    tokens: tuple[IdentifierToken, ...] = ()
    clients: tuple[ClientFingerprint, ...] = ()
    networks: tuple[Network, ...] = ()


def from_campaign(
    campaign: Campaign,
    tokens: Iterable[IdentifierToken] = (),
    clients: Iterable[ClientFingerprint] = (),
    networks: Iterable[Network] = (),
) -> Disclosure:
    """What a scan's campaign comes to. Raises NoReadableInput if its figures, times or fingerprints are none that a scan writes."""
    try:
        return Disclosure(
            campaign=msgspec.convert(campaign.id, CampaignRef),
            first_seen=msgspec.convert(campaign.first_seen, Time),
            last_seen=msgspec.convert(campaign.last_seen, Time),
            figures=_figures(campaign),
            scaffolds=_scaffolds(campaign),
            tokens=tuple(dict.fromkeys(tokens)),
            clients=tuple(clients),
            networks=tuple(networks),
        )
    except (msgspec.ValidationError, UsageError) as error:
        raise NoReadableInput(f"not as a scan writes it: {error}", place=campaign.id, cure="scan again") from error


def _figures(campaign: Campaign) -> CampaignFigures:
    kept = {
        name: getattr(campaign, name)
        for name in ("requests", "input_tokens", "output_tokens", "coordination_bits", "harvest_bits", "q_value", "severity")
    }
    kept["accounts"] = len(campaign.accounts)
    kept["techniques"] = [{"technique": technique.id, "share": technique.share} for technique in campaign.techniques]
    kept["evidence"] = [{"signal": e.signal, "question": e.question, "bits": e.bits} for e in campaign.evidence]
    kept["alternatives"] = [{"hypothesis": rival.hypothesis, "bits": rival.bits} for rival in campaign.alternatives]
    return msgspec.convert(kept, CampaignFigures)


def _scaffolds(campaign: Campaign) -> tuple[ScaffoldSamples, ...]:
    """Each set of samples once, in the scan's order."""
    found: dict[tuple[str, ...], ScaffoldSamples] = {}
    for scaffold in campaign.scaffolds:
        samples = in_hex(samples_of(scaffold.fingerprint))
        found.setdefault(samples, ScaffoldSamples(version=1, samples=samples, share=scaffold.share, accounts=scaffold.accounts))
    return tuple(found.values())
