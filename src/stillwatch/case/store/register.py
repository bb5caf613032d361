"""The cases themselves: opened, found, changed under their version.

Rules: a change names the version that was seen, or none; with the version gone by it is a Conflict and nothing is written. Every
change raises the version by one and adds an action to the history.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, func, or_, select
from sqlalchemy.sql import ColumnElement

from stillwatch.case.case import Action, Case
from stillwatch.case.failures import Conflict, Damaged, NoSuchCase
from stillwatch.case.store import journal
from stillwatch.case.store.tables import cases, holds, snapshots


def held() -> ColumnElement[bool]:
    """Whether a hold stands on the case of the row, by itself or on everything."""
    return exists().where(holds.c.lifted_at.is_(None), or_(holds.c.case.is_(None), holds.c.case == cases.c.number))


def query() -> Select[Any]:
    """All cases, each with whether it is held."""
    return select(cases, held().label("held"))


def case_of(row: Row[Any]) -> Case:
    """A row of `query` as a case."""
    return Case(**row._mapping)


def case(connection: Connection, number: int) -> Case:
    """The case with this number. Raises NoSuchCase."""
    row = connection.execute(query().where(cases.c.number == number)).first()
    if row is None:
        raise NoSuchCase("there is no such case", place=f"case-{number}", cure="see `stillwatch case list`")
    return case_of(row)


def standing(connection: Connection, number: int) -> Case:
    """The case that this one became by merging, itself if it was not. Raises NoSuchCase; Damaged if the way leads in a circle."""
    seen: set[int] = set()
    found = case(connection, number)
    while found.merged_into is not None:
        if found.number in seen:
            cure = "go back to a copy of the store; `stillwatch ledger show --kind decision` tells what was decided"
            raise Damaged("it was merged into itself, in a circle", place=f"case-{number}", cure=cure)
        seen.add(found.number)
        found = case(connection, found.merged_into)
    return found


def merged_into(connection: Connection, number: int) -> list[Case]:
    """The cases that this one took in, and those that they had taken in. Raises Damaged if the way leads in a circle."""
    found: dict[int, Case] = {}
    waiting = [number]
    while waiting:
        rows = connection.execute(query().where(cases.c.merged_into.in_(waiting)).order_by(cases.c.number)).all()
        waiting = [row.number for row in rows]
        if number in waiting or found.keys() & set(waiting):
            raise Damaged("cases were merged in a circle", place=f"case-{number}", cure="go back to a copy of the store")
        found |= {row.number: case_of(row) for row in rows}
    return list(found.values())


def number_of(connection: Connection, campaign_id: str) -> int | None:
    """The case that a campaign belongs to, merges followed; None if it has none."""
    found = connection.scalar(select(snapshots.c.case).where(snapshots.c.campaign_id == campaign_id).limit(1))
    return None if found is None else standing(connection, found).number


def insert(connection: Connection, values: Mapping[str, Any]) -> int:
    """A new case at version 1; its number."""
    number = connection.execute(cases.insert().values(**values, version=1)).inserted_primary_key
    assert number is not None
    return int(number[0])


def changed(
    connection: Connection,
    number: int,
    expected: int | None,
    action: tuple[str, Mapping[str, Any]],
    by: str,
    now: str,
    values: Mapping[str, Any] | None = None,
) -> Action:
    """Change a case and record the ``action`` (a word and its details). Raises NoSuchCase, Conflict."""
    found = case(connection, number)
    if expected is not None and expected != found.version:
        last = journal.last(connection, number)
        raise Conflict(found.name, seen=expected, now=found.version, last=last.summary if last else "nothing")
    update = cases.update().where(cases.c.number == number, cases.c.version == found.version)
    done = connection.execute(update.values(**(values or {}), version=found.version + 1, updated=now))
    if done.rowcount != 1:
        raise Conflict(found.name, seen=found.version, now=found.version + 1, last="another writer")
    return journal.add(connection, number, now, by, *action)


def search(
    connection: Connection, states: Sequence[str], assignee: str | None, words: str, with_merged: bool, limit: int, offset: int
) -> list[Case]:
    """Cases that fit, the newest change first."""
    wanted = _narrowed(query(), states, assignee, words, with_merged)
    rows = connection.execute(wanted.order_by(cases.c.updated.desc(), cases.c.number.desc()).limit(limit).offset(offset))
    return [case_of(row) for row in rows]


def count(connection: Connection, states: Sequence[str], assignee: str | None, words: str, with_merged: bool) -> int:
    """How many cases fit."""
    return connection.scalar(_narrowed(select(func.count()).select_from(cases), states, assignee, words, with_merged)) or 0


def _narrowed(wanted: Select[Any], states: Sequence[str], assignee: str | None, words: str, with_merged: bool) -> Select[Any]:
    if states:
        wanted = wanted.where(cases.c.state.in_(states))
    if assignee is not None:
        wanted = wanted.where(cases.c.assignee == assignee)
    if words:
        wanted = wanted.where(
            or_(cases.c.title.icontains(words, autoescape=True), cases.c.campaign_id.contains(words, autoescape=True))
        )
    return wanted if with_merged else wanted.where(cases.c.merged_into.is_(None))
