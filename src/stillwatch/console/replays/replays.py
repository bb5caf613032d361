"""Replays that people asked for: one runs at a time in the background, a few wait, and each has an address for its result.

Rules: a replay is kept with its policy, its result and its end, also a bad one. What a console that stopped left unfinished is
said to be so, and is asked for anew.
"""

import queue
import threading
import time
from typing import Any, Literal

import msgspec

from stillwatch.console.access.database import Database
from stillwatch.console.missing import NotHere
from stillwatch.console.replays.comparison import Compared, compared
from stillwatch.console.sources import GatewayRecords
from stillwatch.errors import StillwatchError, StoreUnavailable

MOST_WAITING = 4
"""Replays that wait or run; a further one is refused."""


class Replay(msgspec.Struct, frozen=True):
    """One replay; times in seconds since 1970. ``result`` is there once it is ``done``, ``failure`` once it ``failed``."""

    number: int
    asker: str
    asked: int
    policy: str
    state: Literal["waiting", "running", "done", "failed"]
    ended: int | None
    result: Compared | None = None
    failure: str = ""

    @property
    def unfinished(self) -> bool:
        """Whether its result is still to come."""
        return self.state in ("waiting", "running")


class Replays:
    """The replays in a database, and the thread that works them off."""

    def __init__(self, database: Database, gateway: GatewayRecords) -> None:
        self._database = database
        self._gateway = gateway
        self._waiting: queue.Queue[int] = queue.Queue(MOST_WAITING)
        self._abandon()
        threading.Thread(target=self._work, name="replays", daemon=True).start()

    def ask(self, policy: str, asker: str, now: int) -> int:
        """Let a policy be tried; the replay's number. Raises UsageError for no policy, StoreUnavailable if too many wait."""
        self._gateway.check_policy(policy)
        with self._database.writing() as connection:
            statement = "INSERT INTO replays (asker, asked, policy, state) VALUES (?, ?, ?, 'waiting') RETURNING number"
            (number,) = connection.execute(statement, (asker, now, policy)).fetchone()
            try:
                self._waiting.put_nowait(number)
            except queue.Full as error:
                cure = "wait until one of them is done"
                raise StoreUnavailable(f"{MOST_WAITING} replays wait already", place="replay", cure=cure) from error
        return int(number)

    def latest(self, most: int = 50) -> list[Replay]:
        """The latest replays without their results, the newest first."""
        query = "SELECT number, asker, asked, policy, state, ended FROM replays ORDER BY number DESC LIMIT ?"
        with self._database.reading() as connection:
            return [Replay(*row) for row in connection.execute(query, (most,))]

    def find(self, number: int) -> Replay:
        """A replay with its result. Raises NotHere."""
        query = "SELECT number, asker, asked, policy, state, ended, result FROM replays WHERE number = ?"
        with self._database.reading() as connection:
            row = connection.execute(query, (number,)).fetchone()
        if row is None:
            raise NotHere("no such replay was asked for", place=str(number), cure="see the list of replays")
        known, result = Replay(*row[:6]), bytes(row[6] or b"")
        if known.state == "done":
            return msgspec.structs.replace(known, result=msgspec.json.decode(result, type=Compared))
        return msgspec.structs.replace(known, failure=result.decode())

    def _abandon(self) -> None:
        """What an earlier console left unfinished."""
        statement = "UPDATE replays SET state = 'failed', result = ? WHERE state IN ('waiting', 'running')"
        with self._database.writing() as connection:
            connection.execute(statement, (b"the console stopped before it was done; ask for it anew",))

    def _work(self) -> None:
        while True:
            number = self._waiting.get()
            try:
                self._run(number)
            except StillwatchError as error:
                self._end(number, "failed", str(error).encode())
            except Exception as error:  # a fault of ours must not end the thread
                self._end(number, "failed", f"{type(error).__name__}: {error}".encode())

    def _run(self, number: int) -> None:
        with self._database.writing() as connection:
            connection.execute("UPDATE replays SET state = 'running' WHERE number = ?", (number,))
        tried = self._gateway.replay(self.find(number).policy)
        found = compared(self._gateway.replay(self._gateway.policy()), tried)
        self._end(number, "done", msgspec.json.encode(found))

    def _end(self, number: int, state: str, result: bytes) -> None:
        values: tuple[Any, ...] = (state, int(time.time()), result, number)
        with self._database.writing() as connection:
            connection.execute("UPDATE replays SET state = ?, ended = ?, result = ? WHERE number = ?", values)
