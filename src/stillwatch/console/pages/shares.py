"""Shares: what of a campaign would leave beside what we know; proposed by one person, approved by another where configured.

Rules: what is approved is the very bytes that were proposed. Under dual control the approver is not the proposer. A refusal of the
guard is shown and cannot be approved. Proposal, approval and what stayed back are in the ledger, as with `stillwatch share`.
"""

import sqlite3
from datetime import UTC, datetime
from typing import Any

import msgspec

from stillwatch.console.pages.campaign import wanted
from stillwatch.console.web.answer import Answer, Page, Redirect
from stillwatch.console.web.failures import NotHere
from stillwatch.console.web.visit import Visit
from stillwatch.errors import RefusedByPolicy, UsageError
from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.release.approval import approvers
from stillwatch.sharing.release.membership import Membership
from stillwatch.sharing.release.outbox import earlier_created, place, prepare_folder
from stillwatch.sharing.release.prepared import Prepared, prepare
from stillwatch.sharing.release.sealed import Sealed, objection, record_refusal, seal, send
from stillwatch.sharing.stix.disclosure import from_campaign
from stillwatch.sharing.stix.objects import as_json
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.writing import objects_of

_COLUMNS = "sha256, campaign, profile, proposer, at, state, approver, decided"
_NOBODY = "identity--00000000-0000-4000-8000-000000000000"
"""Who speaks in a preview before there is an identity."""


def shares(visit: Visit) -> Answer:
    """All proposals, the latest first."""
    with visit.desk.database.reading() as connection:
        rows = connection.execute(f"SELECT {_COLUMNS} FROM proposals ORDER BY at DESC LIMIT 200").fetchall()
    return Page("shares.html", "Shares", {"shares": [dict(zip(_COLUMNS.split(", "), row, strict=True)) for row in rows]})


def preview(visit: Visit) -> Answer:
    """What of a campaign would leave, field by field, with the reasons."""
    number, found, _ = wanted(visit)
    membership = visit.desk.membership
    prepared = _prepared(visit, membership)
    refusal = objection(prepared, [found.id])
    data = {"campaign": found.id, "profile": membership.profile, "tlp": membership.tlp, **_told(prepared)}
    shown = {"number": number, "refusal": refusal, "lines": list(prepared.lines()), "ready": bool(membership.id)}
    return Page("preview.html", "Share preview", data, shown)


def propose(visit: Visit) -> Answer:
    """Seal what would leave and keep it for approval. Raises RefusedByPolicy if the guard objects."""
    _, found, _ = wanted(visit)
    membership = visit.desk.membership
    if not membership.id or not membership.key.exists():
        cure = "run `stillwatch share` once, which makes an identity and a key"
        raise UsageError("there is no identity to share as", place=str(visit.desk.settings.config), cure=cure)
    prepared = _prepared(visit, membership)
    if refusal := objection(prepared, [found.id]):
        with visit.desk.open_ledger() as ledger:
            record_refusal(prepared, [found.id], "guard", ledger, visit.person.name, _time(visit))
        raise refusal
    sealed = seal(prepared, membership.id, membership.private_key())
    row = (
        sealed.sha256, found.id, membership.profile, visit.person.name, visit.now, "waiting", None, None,
        msgspec.json.encode(prepared.known).decode(), sealed.data, sealed.stamp,
    )  # fmt: skip
    with visit.desk.database.writing() as connection:
        connection.execute("INSERT OR IGNORE INTO proposals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return Redirect(f"/shares/{sealed.sha256}", "proposed")


def share(visit: Visit) -> Answer:
    """A proposal: who, when, in what state, and the exact bytes."""
    with visit.desk.database.reading() as connection:
        row = _row(connection, visit.path["sha"])
    fields = dict(zip(_COLUMNS.split(", "), row[:8], strict=True))
    text = bytes(row[9]).decode()
    membership = visit.desk.membership
    own = membership.dual_control and visit.person.name.casefold() == row[3].casefold()
    data = {"share": fields, "dual_control": membership.dual_control, "bundle": msgspec.Raw(bytes(row[9]))}
    return Page("share.html", "Share", data, {"text": text, "bytes": len(row[9]), "own": own})


def approve(visit: Visit) -> Answer:
    """Let a proposal leave. Raises RefusedByPolicy if another person must, or it was decided before."""
    membership = visit.desk.membership
    with visit.desk.database.writing() as connection:
        row = _row(connection, visit.path["sha"])
        if membership.dual_control and row[3].casefold() == visit.person.name.casefold():
            cure = "let a colleague who may approve open this page"
            raise RefusedByPolicy("two different people must approve", place="approval", cure=cure)
        people = approvers([row[3], visit.person.name], dual_control=membership.dual_control)
        _decide(connection, visit, "released")
        known = msgspec.json.decode(row[8], type=list[dict[str, Any]])
        sealed = Sealed(msgspec.json.decode(row[9]), bytes(row[9]), row[0], bytes(row[10]))
        path = place(visit.desk.settings.outbox, f"{row[1]}.json")
        prepare_folder(path)
        with visit.desk.open_ledger() as ledger:
            send(sealed, prepare(known, Guard(row[2])), people, path, ledger, _time(visit))
    return Redirect(f"/shares/{row[0]}", "released")


def decline(visit: Visit) -> Answer:
    """Keep a proposal from leaving, recorded with the reason."""
    why = visit.word("why") or "declined"
    with visit.desk.database.writing() as connection:
        row = _row(connection, visit.path["sha"])
        _decide(connection, visit, "declined")
        with visit.desk.open_ledger() as ledger:
            ledger.append(
                "refusal", row[1], {"because": "declined", "reason": why, "sha256": row[0]}, visit.person.name, _time(visit)
            )
    return Redirect(f"/shares/{row[0]}", "declined")


def _decide(connection: sqlite3.Connection, visit: Visit, state: str) -> None:
    statement = "UPDATE proposals SET state = ?, approver = ?, decided = ? WHERE sha256 = ? AND state = 'waiting'"
    if connection.execute(statement, (state, visit.person.name, visit.now, visit.path["sha"])).rowcount != 1:
        raise RefusedByPolicy(
            "it was decided before", place=visit.path["sha"], cure="see who decided, and propose it anew if need be"
        )


def _row(connection: sqlite3.Connection, sha: str) -> Any:
    query = f"SELECT {_COLUMNS}, known, data, stamp FROM proposals WHERE sha256 = ?"
    row = connection.execute(query, (sha,)).fetchone()
    if row is None:
        raise NotHere("no such share was proposed", place=sha[:64], cure="see the list of shares")
    return row


def _prepared(visit: Visit, membership: Membership) -> Prepared:
    _, found, _ = wanted(visit)
    now = _time(visit)
    created = earlier_created(place(visit.desk.settings.outbox, f"{found.id}.json"), now)
    identity = membership.identity(now)
    speaker = identity if membership.id else msgspec.structs.replace(identity, id=_NOBODY)
    terms = Terms(speaker, membership.tlp, now, created=created)
    return prepare([as_json(thing) for thing in objects_of(from_campaign(found), terms)], Guard(membership.profile))


def _told(prepared: Prepared) -> dict[str, Any]:
    return {
        "leaving": len(prepared.leaving),
        "known": len(prepared.known),
        "fields": list(prepared.lines()),
        "forbidden": [{"id": name, "reason": reason} for name, reason in prepared.forbidden],
    }


def _time(visit: Visit) -> datetime:
    return datetime.fromtimestamp(visit.now, UTC)
