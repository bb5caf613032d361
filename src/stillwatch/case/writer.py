"""How a change is made: one transaction, one action in the history, one word to the witness; all of it or nothing."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from stillwatch.attribution.actor import Actor
from stillwatch.attribution.person import person
from stillwatch.case.case import Action, Case
from stillwatch.case.entry import moment, storable
from stillwatch.case.failures import NotAllowed
from stillwatch.case.reader import CaseReader
from stillwatch.case.store import journal, register
from stillwatch.case.store.tables import store as store_table
from stillwatch.database.database import Database

Witness = Callable[[Action], None]
"""Told of every action before it is final; what it raises undoes the action."""


class CaseWriter(CaseReader):
    """An open store with the means to change it under a name and a time; what may be changed is in ``cases``."""

    def __init__(self, database: Database, witness: Witness | None = None) -> None:
        super().__init__(database)
        self._witness = witness

    @contextmanager
    def _writing(self, by: str, now: datetime) -> Iterator[tuple[Connection, str, str]]:
        who, when = storable(person(by, "person")), moment(now)
        with self._database.writing() as connection:
            if not self._database.is_sqlite:
                connection.execute(select(store_table.c.id).with_for_update())
            yield connection, who, when

    def _change(
        self,
        connection: Connection,
        number: int,
        version: int | None,
        action: tuple[str, Mapping[str, Any]],
        by: str,
        now: str,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        made = register.changed(connection, number, version, action, by, now, values)
        if self._witness:
            self._witness(made)

    def _on_cases(self, connection: Connection, actor: Actor, action: tuple[str, Mapping[str, Any]], by: str, now: str) -> None:
        """Record what was done to a profile with every case that has one of its campaigns."""
        numbers = {register.number_of(connection, each) for each in actor.campaigns}
        for number in sorted(each for each in numbers if each is not None):
            self._change(connection, number, None, action, by, now)

    def _on_hold(
        self,
        connection: Connection,
        number: int | None,
        version: int | None,
        action: tuple[str, Mapping[str, Any]],
        by: str,
        now: str,
    ) -> None:
        """A hold on everything is no case's action; the witness is told of it all the same, as of case 0."""
        if number is not None:
            self._change(connection, number, version, action, by, now)
        elif self._witness:
            self._witness(Action(0, 0, now, by, action[0], dict(action[1]), "", ""))

    def _unmerged(self, connection: Connection, number: int) -> Case:
        found = register.case(connection, number)
        if found.merged_into is not None:
            whole = register.standing(connection, number)
            raise NotAllowed(f"it was merged into {whole.name}", place=found.name, cure=f"change {whole.name}")
        return found

    def _opened(self, connection: Connection, number: int, details: Mapping[str, Any], by: str, now: str) -> None:
        """Record the first action of a case."""
        made = journal.add(connection, number, now, by, "open", details)
        if self._witness:
            self._witness(made)
