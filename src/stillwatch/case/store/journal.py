"""The actions of a case as they are kept: written once each, in order, bound to the one before."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from stillwatch.case.case import Action
from stillwatch.case.failures import Damaged
from stillwatch.case.history import chained
from stillwatch.case.store.tables import actions


def last(connection: Connection, case: int) -> Action | None:
    """The latest action of a case."""
    wanted = select(actions.c.content).where(actions.c.case == case).order_by(actions.c.place.desc()).limit(1)
    content = connection.scalar(wanted)
    return None if content is None else _action(content, case)


def add(connection: Connection, case: int, at: str, by: str, action: str, details: Mapping[str, Any]) -> Action:
    """Record what was done."""
    made = chained(case, last(connection, case), at, by, action, details)
    row = {"case": case, "place": made.place, "action": action, "content": msgspec.json.encode(made)}
    connection.execute(actions.insert().values(row))
    return made


def history(connection: Connection, case: int) -> list[Action]:
    """All actions of a case, in order."""
    rows = connection.scalars(select(actions.c.content).where(actions.c.case == case).order_by(actions.c.place))
    return [_action(content, case) for content in rows]


def _action(content: bytes, case: int) -> Action:
    try:
        return msgspec.json.decode(content, type=Action)
    except msgspec.DecodeError as error:
        raise Damaged(f"an action cannot be read ({error})", place=f"case-{case}", cure="go back to a copy of the store") from error
