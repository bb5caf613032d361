"""What people add to a case: comments, attachments, decisions, assessments."""

import hashlib
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Table, select

from stillwatch.attribution.assessment import Assessment
from stillwatch.case.case import Attachment, Comment, Decision, Signed
from stillwatch.case.failures import Damaged
from stillwatch.case.store.tables import assessments, attachments, comments, decisions
from stillwatch.errors import NoReadableInput

T = TypeVar("T", Comment, Attachment, Decision)

_TABLES: dict[type, Table] = {Comment: comments, Attachment: attachments, Decision: decisions}


def insert(connection: Connection, table: Table, case: int, by: str, now: str, values: dict[str, Any]) -> int:
    """Keep a paper; its id."""
    made = connection.execute(table.insert().values(case=case, by=by, at=now, **values)).inserted_primary_key
    assert made is not None
    return int(made[0])


def papers(connection: Connection, kind: type[T], numbers: Sequence[int]) -> list[T]:
    """All papers of one kind that these cases hold, in the order in which they came; an attachment without its bytes."""
    table = _TABLES[kind]
    columns = [table.c[name] for name in kind.__struct_fields__]
    rows = connection.execute(select(*columns).where(table.c.case.in_(numbers)).order_by(table.c.id))
    return [kind(**row._mapping) for row in rows]


def signed(connection: Connection, numbers: Sequence[int]) -> list[Signed]:
    """All assessments that these cases hold, in the order in which they came. Raises Damaged."""
    rows = connection.execute(select(assessments).where(assessments.c.case.in_(numbers)).order_by(assessments.c.id))
    try:
        return [Signed(row.id, row.by, row.at, msgspec.json.decode(row.assessment, type=Assessment)) for row in rows]
    except msgspec.DecodeError as error:
        cure = "go back to a copy of the store"
        raise Damaged(f"an assessment cannot be read ({error})", place=f"case-{numbers[0]}", cure=cure) from error


def content(connection: Connection, numbers: Sequence[int], attachment: int) -> bytes:
    """The bytes of an attachment. Raises NoReadableInput if the case has no such, Damaged if they are not those that were
    attached.
    """
    wanted = select(attachments.c.content, attachments.c.sha256).where(
        attachments.c.id == attachment, attachments.c.case.in_(numbers)
    )
    row = connection.execute(wanted).first()
    if row is None:
        raise NoReadableInput(
            "the case has no such attachment", place=f"attachment {attachment}", cure="see `stillwatch case show`"
        )
    if hashlib.sha256(row.content).hexdigest() != row.sha256:
        raise Damaged("its bytes are not those that were attached", place=f"attachment {attachment}", cure="go back to a copy")
    return bytes(row.content)
