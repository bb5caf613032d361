"""An appeal: a customer's account, what the customer says, what was decided and why, and the steps that cleared it.

Rules: an appeal is decided once, and never erased. A step that failed stays with its reason until it is done.
"""

import time
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from stillwatch.console.access.database import Database
from stillwatch.console.missing import NotHere
from stillwatch.errors import RefusedByPolicy, UsageError

LONGEST = 2000


class Step(msgspec.Struct, frozen=True):
    """What one receiver was told: whether it is ``done``, when (milliseconds since 1970), and a page of the console about it."""

    receiver: str
    at: int
    done: bool
    told: str
    link: str


class Appeal(msgspec.Struct, frozen=True):
    """One appeal; times in seconds since 1970."""

    number: int
    account: str
    said: str
    opener: str
    opened: int
    state: Literal["open", "upheld", "rejected"]
    decider: str | None = None
    decided: int | None = None
    reason: str | None = None
    steps: list[Step] = []

    @property
    def cleared(self) -> bool:
        """Whether it was upheld and every step of it is done."""
        return self.state == "upheld" and bool(self.steps) and all(step.done for step in self.steps)

    def seconds(self, step: Step) -> float:
        """How long after the decision a step was done."""
        return max(0.0, step.at / 1000 - (self.decided or self.opened))


_NAMES = "number, account, said, opener, opened, state, decider, decided, reason"


class Appeals:
    """The appeals in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, account: str, said: str, opener: str, now: int) -> int:
        """Take an appeal in; its number. Raises UsageError without account or words."""
        if not account or not said or len(said) > LONGEST:
            cure = f"name the account, and say in at most {LONGEST} letters what the customer says"
            raise UsageError("an appeal names an account and what the customer says", place="appeal", cure=cure)
        statement = "INSERT INTO appeals (account, said, opener, opened, state) VALUES (?, ?, ?, ?, 'open') RETURNING number"
        with self._database.writing() as connection:
            return int(connection.execute(statement, (account, said, opener, now)).fetchone()[0])

    def latest(self, most: int = 200) -> list[Appeal]:
        """Appeals, the open ones first, the newest of them first."""
        return self._found("ORDER BY state = 'open' DESC, number DESC LIMIT ?", [most])

    def find(self, number: int) -> Appeal:
        """An appeal with its steps. Raises NotHere."""
        found = self._found("WHERE number = ?", [number])
        if not found:
            raise NotHere("there is no such appeal", place=str(number), cure="see the list of appeals")
        return found[0]

    def decide(self, number: int, state: Literal["upheld", "rejected"], reason: str, decider: str, now: int) -> Appeal:
        """Decide an appeal. Raises UsageError without a reason, RefusedByPolicy if somebody decided it before."""
        if not reason:
            raise UsageError("a decision needs a reason", place="reason", cure="say why, in a sentence")
        statement = "UPDATE appeals SET state = ?, reason = ?, decider = ?, decided = ? WHERE number = ? AND state = 'open'"
        with self._database.writing() as connection:
            changed = connection.execute(statement, (state, reason, decider, now, number)).rowcount
        if changed != 1:
            raise RefusedByPolicy("it was decided before", place=f"appeal {number}", cure="see who decided, and why")
        return self.find(number)

    def note(self, number: int, receiver: str, *, done: bool, told: str, link: str = "") -> None:
        """Keep what a receiver was told, in place of an earlier try."""
        values = (number, receiver, time.time_ns() // 1_000_000, done, told, link)
        with self._database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?, ?)", values)

    def _found(self, rest: str, values: Iterable[Any]) -> list[Appeal]:
        with self._database.reading() as connection:
            rows = connection.execute(f"SELECT {_NAMES} FROM appeals {rest}", [*values]).fetchall()
            query = "SELECT receiver, at, done, told, link FROM steps WHERE appeal = ? ORDER BY at, receiver"
            steps = {row[0]: connection.execute(query, (row[0],)).fetchall() for row in rows}
        return [_appeal(row, steps[row[0]]) for row in rows]


def _appeal(row: tuple[Any, ...], steps: Iterable[tuple[Any, ...]]) -> Appeal:
    found = [Step(receiver, at, bool(done), told, link) for receiver, at, done, told, link in steps]
    return msgspec.structs.replace(Appeal(*row), steps=found)
