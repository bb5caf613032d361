"""The questions that a store of cases answers; nothing here changes anything."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from stillwatch.attribution.actor import Actor
from stillwatch.attribution.linking import Sighted
from stillwatch.case.case import AccountRow, Attachment, Case, CaseFile, Comment, Decision, Hold, Purged
from stillwatch.case.entry import moment
from stillwatch.case.states import State
from stillwatch.case.store import journal, keeping, papers, profiles, register, shots
from stillwatch.database.database import Database

_AT_A_TIME = 10_000


class CaseReader:
    """An open store; used by several threads, and as a context manager that closes it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def find(
        self,
        states: Sequence[State] = (),
        assignee: str | None = None,
        words: str = "",
        *,
        with_merged: bool = False,
        limit: int = 100,
        offset: int = 0,
    ) -> list[Case]:
        """Cases in any of these states (all if none is named), of an assignee ("" for nobody's), with words in title or campaign
        id; the newest change first. Cases that were merged into others are left out unless asked for.
        """
        with self._database.reading() as connection:
            return register.search(connection, states, assignee, words, with_merged, limit, offset)

    def count(
        self, states: Sequence[State] = (), assignee: str | None = None, words: str = "", *, with_merged: bool = False
    ) -> int:
        """How many cases ``find`` would give without a limit."""
        with self._database.reading() as connection:
            return register.count(connection, states, assignee, words, with_merged)

    def case(self, number: int) -> Case:
        """A case. Raises NoSuchCase."""
        with self._database.reading() as connection:
            return register.case(connection, number)

    def of_campaign(self, campaign_id: str) -> Case | None:
        """The case that a campaign belongs to, merges followed."""
        with self._database.reading() as connection:
            number = register.number_of(connection, campaign_id)
            return None if number is None else register.case(connection, number)

    def file(self, number: int) -> CaseFile:
        """A case with all that belongs to it and to the cases that it took in. Raises NoSuchCase, Damaged."""
        with self._database.reading() as connection:
            case = register.case(connection, number)
            merged = register.merged_into(connection, number)
            numbers = [number, *(each.number for each in merged)]
            return CaseFile(
                case=case,
                snapshots=shots.of_case(connection, numbers),
                comments=papers.papers(connection, Comment, numbers),
                attachments=papers.papers(connection, Attachment, numbers),
                decisions=papers.papers(connection, Decision, numbers),
                holds=keeping.of_cases(connection, numbers),
                assessments=papers.signed(connection, numbers),
                history=[action for each in numbers for action in journal.history(connection, each)],
                merged=merged,
            )

    def accounts(self, snapshot: int, *, limit: int = 1000, offset: int = 0) -> list[AccountRow]:
        """The rows of a snapshot's accounts, in the order of ``accounts.parquet``."""
        with self._database.reading() as connection:
            return shots.accounts(connection, snapshot, limit, offset)

    def every_account(self, snapshot: int) -> Iterator[AccountRow]:
        """All rows of a snapshot's accounts, in the same order, some thousands at a time."""
        start = 0
        while found := self.accounts(snapshot, limit=_AT_A_TIME, offset=start):
            yield from found
            start += len(found)

    def account(self, account_id: str) -> list[AccountRow]:
        """Every row that was kept of an account, the latest snapshot first."""
        with self._database.reading() as connection:
            return shots.account(connection, account_id)

    def attachment(self, number: int, attachment: int) -> bytes:
        """The bytes of an attachment. Raises NoReadableInput if there is none, Damaged if they were altered."""
        with self._database.reading() as connection:
            numbers = [number, *(each.number for each in register.merged_into(connection, number))]
            return papers.content(connection, numbers, attachment)

    def holds(self) -> list[Hold]:
        """All holds, also those that were lifted."""
        with self._database.reading() as connection:
            return keeping.of_cases(connection, None)

    def purged(self) -> list[Purged]:
        """What is left of deleted cases."""
        with self._database.reading() as connection:
            return keeping.gone(connection)

    def due(self, now: datetime) -> list[Case]:
        """Cases whose time of retention is over; a purge takes those that are not held."""
        with self._database.reading() as connection:
            return keeping.due(connection, moment(now))

    def sighted(self, provider: str) -> list[Sighted]:
        """Every campaign as linking sees it; ``provider`` is what we call ourselves."""
        with self._database.reading() as connection:
            return shots.sighted(connection, provider)

    def actors(self) -> list[Actor]:
        """All profiles, the earliest first."""
        with self._database.reading() as connection:
            return profiles.everyone(connection)

    def actor(self, actor_id: str) -> tuple[Actor, int]:
        """A profile with its version. Raises NoReadableInput."""
        with self._database.reading() as connection:
            return profiles.actor(connection, actor_id)
