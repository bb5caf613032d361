"""Drafts: of what people ask for, what would leave, by the words that `share`, `opinion` and `gateway correct` use.

Rules: clients, networks and tokens join a campaign only if they are asked for, as on the command line. The id of an opinion
follows from who says it of what, so that to say it anew is to change one's mind.
"""

from datetime import datetime

from stillwatch.campaigns.campaign import Campaign
from stillwatch.console.desk import Desk
from stillwatch.console.missing import not_set_up
from stillwatch.console.release.releasing import Draft, terms_of
from stillwatch.sharing.release.outbox import place, revocations
from stillwatch.sharing.release.prepared import prepare
from stillwatch.sharing.stix.bundle import references
from stillwatch.sharing.stix.disclosure import Disclosure, from_campaign
from stillwatch.sharing.stix.objects import as_json
from stillwatch.sharing.stix.reading import told
from stillwatch.sharing.stix.views import View, opinion
from stillwatch.sharing.stix.writing import objects_of

_CORRECTIONS = "corrections.json"


def of_campaign(desk: Desk, campaign: Campaign, *, traces: bool, tokens: bool, now: datetime) -> Draft:
    """What of a campaign would leave; with its clients and networks, with tokens. Raises NotSetUp, and as the logs."""
    membership, file = desk.membership, f"{campaign.id}.json"
    disclosure = _disclosure(desk, campaign, traces=traces, tokens=tokens, now=now)
    terms = terms_of(desk, membership, file, now)
    prepared = prepare([as_json(thing) for thing in objects_of(disclosure, terms)], membership.guard())
    return Draft("campaign", campaign.id, file, prepared, (campaign.id,))


def of_withdrawal(desk: Desk, campaign_id: str, now: datetime) -> Draft:
    """What would take back for good all that was shared of a campaign. Raises NoReadableInput if nothing was."""
    membership, file = desk.membership, f"{campaign_id}.json"
    said = revocations(place(desk.settings.outbox, file), now)
    known = tuple(sorted({target for thing in said for _, target in references(thing)}))
    return Draft("withdrawal", campaign_id, file, prepare(said, membership.guard(), known), (campaign_id,), known)


def of_opinion(desk: Desk, target: str, view: View, because: str, now: datetime) -> Draft:
    """What we would say of an object of the feed."""
    membership, file = desk.membership, f"opinion-{target}.json"
    terms = terms_of(desk, membership, file, now)
    said = opinion(view, target, terms, because or None)
    who = [as_json(terms.producer)] if terms.producer else []
    prepared = prepare([*who, as_json(said)], membership.guard(), {target})
    return Draft("opinion", target, file, prepared, (said.id,), (target,))


def of_corrections(desk: Desk, subject: str, now: datetime) -> Draft | None:
    """What we would say of the evidence that spoke against people who were pardoned; None if no correction waits."""
    if desk.gateway is None or not (waiting := desk.gateway.corrections()):
        return None
    membership = desk.membership
    said = [dict(thing) for thing in desk.gateway.opinions(terms_of(desk, membership, _CORRECTIONS, now))]
    targets = tuple(target for thing in said for target in thing.get("object_refs", ()))
    prepared = prepare(said, membership.guard(), targets)
    opinions = tuple(str(thing["id"]) for thing in said if thing["type"] == "opinion")
    return Draft("correction", subject, _CORRECTIONS, prepared, opinions, targets, tuple(waiting)) if opinions else None


def _disclosure(desk: Desk, campaign: Campaign, *, traces: bool, tokens: bool, now: datetime) -> Disclosure:
    if not (traces or tokens):
        return from_campaign(campaign)
    if desk.logs is None:
        raise not_set_up("request logs", "--requests LOGS")
    made = [told(token) for token in desk.logs.tokens_of(campaign.accounts)] if tokens else []
    if not traces:
        return from_campaign(campaign, made)
    found = desk.logs.traces_of(campaign, now)
    return from_campaign(campaign, made, found.clients(), found.networks())
