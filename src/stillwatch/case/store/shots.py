"""Snapshots: a campaign as a scan told of it, with the rows of its accounts and its traits."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, select

from stillwatch.attribution.linking import Sighted
from stillwatch.attribution.trait import OWN_TRAFFIC, Trait
from stillwatch.campaigns.campaign import Campaign, Run
from stillwatch.case.case import AccountRow, Snapshot
from stillwatch.case.entry import storable
from stillwatch.case.failures import Damaged
from stillwatch.case.source import Scan
from stillwatch.case.store.tables import account_rows, cases, snapshots, store, traits

_BATCH = 5_000


def content_digest(campaign: Campaign) -> str:
    """What tells one content of a campaign from another."""
    return hashlib.sha256(msgspec.json.encode(campaign)).hexdigest()


def newest_digest(connection: Connection, campaign_id: str) -> str | None:
    """The digest of the latest snapshot of a campaign; None if there is none."""
    wanted = select(snapshots.c.content_sha256).where(snapshots.c.campaign_id == campaign_id).order_by(snapshots.c.id.desc())
    return connection.scalar(wanted.limit(1))


def insert(
    connection: Connection, case: int, scan: Scan, campaign: Campaign, pointer: str, shared: Sequence[Trait], by: str, now: str
) -> int:
    """Keep a campaign that stands at ``pointer`` in a scan's file; the snapshot's id."""
    values = {
        "case": case,
        "campaign_id": storable(campaign.id),
        "taken": now,
        "by": by,
        "content_sha256": content_digest(campaign),
        "campaign": msgspec.json.encode(campaign),
        "run": msgspec.json.encode(scan.run),
        "path": storable(scan.path),
        "sha256": scan.sha256,
        "pointer": pointer,
        "accounts_sha256": scan.accounts_sha256,
    }
    made = connection.execute(snapshots.insert().values(values)).inserted_primary_key
    assert made is not None
    snapshot = int(made[0])
    _insert_rows(connection, snapshot, scan, campaign)
    _insert_traits(connection, snapshot, [*scaffold_traits(campaign, scan.run), *shared])
    return snapshot


def scaffold_traits(campaign: Campaign, run: Run) -> list[Trait]:
    """The campaign's scaffolds as traits; their holders are its own accounts, of all that were scanned."""
    return [Trait("scaffold", each.fingerprint, each.accounts, run.accounts) for each in campaign.scaffolds if each.fingerprint]


def of_case(connection: Connection, numbers: Sequence[int]) -> list[Snapshot]:
    """The snapshots of these cases, in the order in which they came."""
    rows = connection.execute(select(snapshots).where(snapshots.c.case.in_(numbers)).order_by(snapshots.c.id))
    return [_snapshot(row) for row in rows]


def accounts(connection: Connection, snapshot: int, limit: int, offset: int) -> list[AccountRow]:
    """Rows of a snapshot's accounts, in the order of the file."""
    wanted = _account_query().where(account_rows.c.snapshot == snapshot).order_by(account_rows.c.row)
    return [_account(row) for row in connection.execute(wanted.limit(limit).offset(offset))]


def account(connection: Connection, account_id: str) -> list[AccountRow]:
    """All rows that were kept of one account, the latest snapshot first."""
    wanted = _account_query().where(account_rows.c.account_id == account_id).order_by(account_rows.c.snapshot.desc())
    return [_account(row) for row in connection.execute(wanted)]


def sighted(connection: Connection, provider: str) -> list[Sighted]:
    """Every campaign's latest snapshot as linking sees it."""
    newest = {row.campaign_id: row for row in connection.execute(select(snapshots).order_by(snapshots.c.id))}
    theirs: dict[int, list[Trait]] = {}
    for row in connection.execute(select(traits)):
        theirs.setdefault(row.snapshot, []).append(Trait(row.kind, row.value, row.holders, row.population))
    shots = [(row.id, _snapshot(row).campaign) for row in newest.values()]
    return [Sighted(c.id, provider, c.first_seen, c.last_seen, tuple(theirs.get(id_, ()))) for id_, c in shots]


def _insert_rows(connection: Connection, snapshot: int, scan: Scan, campaign: Campaign) -> None:
    told = [
        {
            "snapshot": snapshot,
            "row": row.row,
            "account_id": storable(row.account_id),
            "figures": msgspec.json.encode([row.figures, row.bits], enc_hook=str),
        }
        for row in scan.rows.get(campaign.id, ())
    ]
    for start in range(0, len(told), _BATCH):
        connection.execute(account_rows.insert(), told[start : start + _BATCH])


def _insert_traits(connection: Connection, snapshot: int, found: Iterable[Trait]) -> None:
    secret = connection.scalar(select(store.c.secret)) or b""
    rows = {(t.kind, _digested(t, secret)): t for t in found}
    told = [
        {"snapshot": snapshot, "kind": kind, "value": value, "holders": t.holders, "population": t.population}
        for (kind, value), t in rows.items()
    ]
    if told:
        connection.execute(traits.insert(), told)


def _digested(trait: Trait, secret: bytes) -> str:
    """Payments and devices as keyed digests, the rest as it is."""
    if trait.kind not in OWN_TRAFFIC:
        return storable(trait.value)
    return hmac.new(secret, f"{trait.kind}\x00{trait.value}".encode(), hashlib.sha256).hexdigest()


def _account_query() -> Select[Any]:
    joined = account_rows.join(snapshots, account_rows.c.snapshot == snapshots.c.id).join(cases, snapshots.c.case == cases.c.number)
    return select(account_rows, snapshots.c.campaign_id, cases.c.number).select_from(joined)


def _account(row: Row[Any]) -> AccountRow:
    figures, bits = msgspec.json.decode(row.figures)
    return AccountRow(
        snapshot=row.snapshot,
        row=row.row,
        account_id=row.account_id,
        campaign_id=row.campaign_id,
        case=row.number,
        figures=figures,
        bits=bits,
    )


def _snapshot(row: Row[Any]) -> Snapshot:
    try:
        campaign = msgspec.json.decode(row.campaign, type=Campaign)
        run = msgspec.json.decode(row.run, type=Run)
    except msgspec.DecodeError as error:
        cure = "go back to a copy of the store"
        raise Damaged(f"a snapshot cannot be read ({error})", place=f"case-{row.case}", cure=cure) from error
    told = {name: getattr(row, name) for name in ("id", "case", "taken", "by", "path", "sha256", "pointer", "accounts_sha256")}
    return Snapshot(**told, campaign=campaign, run=run)
