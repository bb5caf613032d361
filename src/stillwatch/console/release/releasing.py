"""The way out from the console: proposed, approved, written to the outbox, sent on; the steps of `stillwatch share` with a page
between them.

Rules: a refusal of the guard is recorded and cannot be approved. Under dual control the approver is not the proposer. Proposal,
approval and what stayed back are in the ledger. What was released and did not reach the hub stays in the outbox and is sent again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from stillwatch.attribution.person import same_person
from stillwatch.console.desk import Desk
from stillwatch.console.missing import not_set_up
from stillwatch.console.release.proposal import Kind, Proposal
from stillwatch.errors import RefusedByPolicy, UsageError
from stillwatch.sharing.release.approval import approvers
from stillwatch.sharing.release.membership import Membership
from stillwatch.sharing.release.outbox import earlier_created, place, prepare_folder
from stillwatch.sharing.release.prepared import Prepared, prepare
from stillwatch.sharing.release.sealed import Sealed, objection, record_refusal, seal, send
from stillwatch.sharing.stix.terms import Terms

_NOBODY = "identity--00000000-0000-4000-8000-000000000000"
"""Who speaks in a preview before there is an identity."""


@dataclass(frozen=True)
class Draft:
    """What somebody would let out: what it is about, its file in the outbox, the ids without which it says nothing (``said``), ids
    that the reader knows, and the corrections of the gateway that it carries."""

    kind: Kind
    subject: str
    file: str
    prepared: Prepared
    said: tuple[str, ...]
    readers: tuple[str, ...] = ()
    settles: tuple[str, ...] = ()

    @property
    def refusal(self) -> RefusedByPolicy | None:
        """Why it cannot leave; None if it can."""
        return objection(self.prepared, self.said)

    @property
    def told(self) -> dict[str, Any]:
        """What would leave beside what is ours, as plain values."""
        return {
            "leaving": len(self.prepared.leaving),
            "known": len(self.prepared.known),
            "fields": list(self.prepared.lines()),
            "forbidden": [{"id": name, "reason": reason} for name, reason in self.prepared.forbidden],
        }


def terms_of(desk: Desk, membership: Membership, file: str, now: datetime) -> Terms:
    """In whose name and how it is said; a preview without an identity speaks as nobody."""
    created = earlier_created(place(desk.settings.outbox, file), now)
    identity = membership.identity(now)
    speaker = identity if membership.id else msgspec.structs.replace(identity, id=_NOBODY)
    return Terms(speaker, membership.tlp, now, created=created)


def propose(desk: Desk, draft: Draft, by: str, now: int) -> str:
    """Seal what would leave and keep it for approval; its SHA-256. Raises RefusedByPolicy if the guard objects, UsageError."""
    membership = desk.membership
    if not membership.id or not membership.key.exists():
        cure = "run `stillwatch share` once, which makes an identity and a key"
        raise UsageError("there is no identity to share as", place=str(desk.settings.config), cure=cure)
    if refusal := draft.refusal:
        with desk.open_ledger() as ledger:
            record_refusal(draft.prepared, draft.said, "guard", ledger, by, _time(now))
        raise refusal
    sealed = seal(draft.prepared, membership.id, membership.private_key())
    desk.proposals.add(
        Proposal(
            sha256=sealed.sha256,
            kind=draft.kind,
            subject=draft.subject,
            file=draft.file,
            profile=membership.profile,
            proposer=by,
            at=now,
            known=list(draft.prepared.known),
            data=sealed.data,
            stamp=sealed.stamp,
            readers=list(draft.readers),
            settles=list(draft.settles),
        )
    )
    return sealed.sha256


def approve(desk: Desk, sha256: str, by: str, now: int) -> Proposal:
    """Let a proposal leave: recorded and written. Raises RefusedByPolicy if another person must, or it was decided before."""
    membership = desk.membership
    with desk.database.writing() as connection:
        found = desk.proposals.find(sha256)
        if own_is_not_enough(membership, found, by):
            raise RefusedByPolicy(
                "two different people must approve", place="approval", cure="let a colleague who may approve open this page"
            )
        people = approvers([found.proposer, by], dual_control=membership.dual_control)
        desk.proposals.decide(connection, sha256, "released", by, now)
        path = place(desk.settings.outbox, found.file)
        prepare_folder(path)
        sealed = Sealed(msgspec.json.decode(found.data), found.data, sha256, found.stamp)
        prepared = prepare(found.known, membership.guard(found.profile), found.readers)
        with desk.open_ledger() as ledger:
            send(sealed, prepared, people, path, ledger, _time(now))
    if found.settles and desk.gateway is not None:
        desk.gateway.settle(found.settles, now)
    return found


def decline(desk: Desk, sha256: str, why: str, by: str, now: int) -> None:
    """Keep a proposal from leaving, recorded with the reason. Raises RefusedByPolicy if it was decided before."""
    with desk.database.writing() as connection:
        found = desk.proposals.find(sha256)
        desk.proposals.decide(connection, sha256, "declined", by, now)
        details = {"because": "declined", "reason": why, "sha256": sha256}
        with desk.open_ledger() as ledger:
            ledger.append("refusal", found.subject, details, by, _time(now))


def send_on(desk: Desk, sha256: str) -> dict[str, Any]:
    """Send what was released to the hub; what the hub said. Raises UsageError if it was not released, and as the exchange does."""
    if desk.exchange is None:
        raise not_set_up("an exchange", "hub, in the settings")
    found = desk.proposals.find(sha256)
    if found.state != "released":
        raise UsageError(f"it is {found.state}", place=sha256, cure="let it be approved first")
    said = dict(desk.exchange.send(place(desk.settings.outbox, found.file)))
    desk.proposals.sent(sha256, said)
    return said


def own_is_not_enough(membership: Membership, proposal: Proposal, person: str) -> bool:
    """Whether dual control asks for somebody else than this person."""
    return membership.dual_control and same_person(proposal.proposer, person)


def _time(now: int) -> datetime:
    return datetime.fromtimestamp(now, UTC)
