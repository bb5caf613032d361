"""Shares: what of a campaign would leave beside what we know; proposed by one person, approved by another where configured.

Rules: nothing is proposed that was not shown. The page of a proposal shows the exact bytes, and what the hub said of them.
"""

from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from operator import attrgetter

import msgspec

from stillwatch.console.pages.campaign import wanted
from stillwatch.console.pages.course import course_of
from stillwatch.console.release import drafts, releasing
from stillwatch.console.release.proposal import Proposal
from stillwatch.console.release.releasing import Draft
from stillwatch.console.web.answer import Answer, Page, Redirect
from stillwatch.console.web.visit import Visit
from stillwatch.sharing.release.prepared import Line
from stillwatch.sharing.stix.definitions import constants

NOUNS = {
    "campaign": "campaign",
    "report": "report",
    "indicator": "indicator",
    "artifact": "scaffold fingerprint",
    "observed-data": "observation",
    "infrastructure": "network",
    "ipv4-addr": "address range",
    "ipv6-addr": "address range",
    "user-account": "identifier token",
    "relationship": "link",
    "identity": "sender",
    "opinion": "opinion",
    "sighting": "sighting",
    "note": "note",
}
"""What the types of STIX are to people; of what is not here, every bundle has the same."""
TITLES = {"campaign": "Share", "withdrawal": "Withdrawal", "opinion": "Opinion", "correction": "Correction"}


def shares(visit: Visit) -> Answer:
    """All proposals, the latest first."""
    rows = [each.told for each in visit.desk.proposals.latest()]
    return Page("shares.html", "Shares", {"shares": rows}, {"titles": TITLES})


def preview(visit: Visit) -> Answer:
    """What of a campaign would leave, field by field, with the reasons; clients, networks and tokens if they are asked for."""
    number, found, _ = wanted(visit)
    draft = _draft(visit, visit.query)
    logs = visit.desk.logs
    shown = {"number": number, "campaign": found.id, "asked": {name: name in visit.query for name in ("traces", "tokens")}}
    offers = {"traces": logs is not None, "tokens": logs is not None and logs.makes_tokens}
    data = {"campaign": found.id, "course": course_of(visit.desk, found.id)}
    return previewed(visit, draft, "What would leave", data, shown | {"offers": offers})


def previewed(visit: Visit, draft: Draft, title: str, data: Mapping[str, object], shown: Mapping[str, object]) -> Page:
    """The page of a draft: ours beside what leaves, object by object, those of a type together."""
    membership, exchange = visit.desk.membership, visit.desk.exchange
    told = {"profile": membership.profile, "tlp": membership.tlp, **draft.told}
    kinds: dict[str, list[tuple[str, list[Line]]]] = {}
    for name, lines in groupby(draft.prepared.lines(), key=attrgetter("id")):
        kinds.setdefault(name.partition("--")[0], []).append((name, list(lines)))
    verdicts = Counter(line.action for line in draft.prepared.lines() if line.path)
    more = {"refusal": draft.refusal, "kinds": kinds, "nouns": NOUNS, "verdicts": verdicts, "ready": bool(membership.id)}
    return Page("preview.html", title, {**data, **told}, {**more, "hub": exchange.url if exchange else "", **shown})


def propose(visit: Visit) -> Answer:
    """Seal what would leave and keep it for approval. Raises RefusedByPolicy if the guard objects."""
    sha256 = releasing.propose(visit.desk, _draft(visit, visit.form), visit.person.name, visit.now)
    return Redirect(f"/shares/{sha256}", "proposed")


def withdraw(visit: Visit) -> Answer:
    """Propose to take back what was shared of a campaign. Raises NoReadableInput if nothing was."""
    draft = drafts.of_withdrawal(visit.desk, visit.path["id"], visit.time)
    return Redirect(f"/shares/{releasing.propose(visit.desk, draft, visit.person.name, visit.now)}", "proposed")


def share(visit: Visit) -> Answer:
    """A proposal: who, when, in what state, the exact bytes, and what the hub said."""
    found = visit.desk.proposals.find(visit.path["sha"])
    membership, exchange = visit.desk.membership, visit.desk.exchange
    data = {"share": found.told, "dual_control": membership.dual_control, "bundle": msgspec.Raw(found.data)}
    of_campaign = found.kind in ("campaign", "withdrawal")
    data |= {"course": course_of(visit.desk, found.subject) if of_campaign else None}
    shown = {
        "contents": _contents(found.data),
        "nouns": NOUNS,
        "number": visit.desk.number_of(found.subject) if of_campaign else None,
        "text": found.data.decode(),
        "bytes": len(found.data),
        "own": releasing.own_is_not_enough(membership, found, visit.person.name),
        "hub": exchange.url if exchange else "",
        "about": _about(found),
    }
    return Page("share.html", f"{TITLES[found.kind]}: {found.state}", data, shown)


def approve(visit: Visit) -> Answer:
    """Let a proposal leave, and send it on if that is asked for. Raises RefusedByPolicy if another person must."""
    found = releasing.approve(visit.desk, visit.path["sha"], visit.person.name, visit.now)
    if "send" in visit.form:
        releasing.send_on(visit.desk, found.sha256)
        return Redirect(f"/shares/{found.sha256}", "sent")
    return Redirect(f"/shares/{found.sha256}", "released")


def decline(visit: Visit) -> Answer:
    """Keep a proposal from leaving, recorded with the reason."""
    releasing.decline(visit.desk, visit.path["sha"], visit.word("why") or "declined", visit.person.name, visit.now)
    return Redirect(f"/shares/{visit.path['sha']}", "declined")


def send(visit: Visit) -> Answer:
    """Send to the hub what was released. Raises what the exchange raises; what was released stays in the outbox."""
    releasing.send_on(visit.desk, visit.path["sha"])
    return Redirect(f"/shares/{visit.path['sha']}", "sent")


def _contents(bundle: bytes) -> dict[str, int]:
    """How many objects of each type a bundle has, without what is the same for everybody."""
    objects = msgspec.json.decode(bundle)["objects"]
    return dict(Counter(each["type"] for each in objects if each["type"] in NOUNS and each["id"] not in constants()))


def _about(proposal: Proposal) -> str:
    """The page of what a proposal is about."""
    match proposal.kind:
        case "campaign" | "withdrawal":
            return f"/campaigns/{proposal.subject}"
        case "opinion":
            return f"/feed/{proposal.subject}"
        case "correction":
            return f"/appeals/{proposal.subject.removeprefix('appeal-')}"


def _draft(visit: Visit, asked: Mapping[str, str]) -> Draft:
    _, found, _ = wanted(visit)
    return drafts.of_campaign(visit.desk, found, traces="traces" in asked, tokens="tokens" in asked, now=visit.time)
