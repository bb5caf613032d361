"""The keeper: does beside the request path what takes time. It looks for new snapshots and pardons, tells other processes what was
counted, saves counters, writes decisions, and watches the clock. What fails is an alarm; the gate goes on with what it has.
"""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from stillwatch.errors import StillwatchError
from stillwatch.gateway.alarm import Alarm
from stillwatch.gateway.clock import SteadyClock
from stillwatch.gateway.counters.memory import Memory
from stillwatch.gateway.counters.state_store import StateStore
from stillwatch.gateway.gate import Gate
from stillwatch.gateway.records.decision_log import DecisionLog
from stillwatch.gateway.records.pardon import Pardon
from stillwatch.gateway.records.pardon_book import PardonBook
from stillwatch.gateway.snapshot.shelf import Shelf

if TYPE_CHECKING:  # the client of Redis is needed only where the settings name one
    from stillwatch.gateway.counters.shared_state import SharedState

_RETRY_SECONDS = 5.0
"""After a snapshot could not be loaded it is tried again so much later."""


class Keeper:
    """Keeps one gate. ``start`` begins a thread, ``close`` ends it and saves; ``tick`` does all once."""

    def __init__(
        self,
        gate: Gate,
        *,
        shelf: Shelf,
        book: PardonBook,
        memory: Memory,
        store: StateStore | None,
        shared: "SharedState | None",
        log: DecisionLog,
        alarm: Alarm,
        clock: SteadyClock,
    ) -> None:
        self._gate, self._shelf, self._book, self._memory = gate, shelf, book, memory
        self._store, self._shared, self._log, self._alarm, self._clock = store, shared, log, alarm, clock
        self._due: dict[str, float] = {}
        self._own_pardons: Mapping[str, Pardon] = {}
        self._shared_pardons: Mapping[str, Pardon] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stillwatch-keeper", daemon=True)

    def start(self) -> None:
        """Keep the gate from now on."""
        self._thread.start()

    def close(self) -> None:
        """Stop, after saving everything."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._due.clear()
        self.tick()
        for held in (self._store, self._shared):
            if held is not None:
                held.close()

    def _run(self) -> None:
        while not self._ended.wait(self._gate.settings.sync_seconds):
            self.tick()

    def tick(self) -> None:
        """Do everything that is due. Never raises."""
        for kind, work in self._works().items():
            try:
                work()
            except StillwatchError as error:
                self._alarm.raise_alarm(kind, str(error))
            except Exception as error:
                self._alarm.raise_alarm(kind, f"unexpected: {error!r}")

    def _works(self) -> dict[str, Callable[[], None]]:
        return {
            "clock": self._watch_clock,
            "snapshot": self._find_snapshot,
            "pardons": self._find_pardons,
            "shared counters": self._share,
            "counters": self._save,
            "decisions": self._log.flush,
        }

    def _watch_clock(self) -> None:
        jump = self._clock.check()
        if jump:
            self._alarm.raise_alarm("clock", f"the clock jumped by {jump:+.0f} seconds; the old time goes on until that has lasted")

    def _find_snapshot(self) -> None:
        now, snapshot = self._clock.now(), self._gate.snapshot
        if snapshot is not None and now >= snapshot.stale_at:
            self._alarm.raise_alarm(
                "stale snapshot", f"snapshot {snapshot.number} is older than its policy allows; build a new one"
            )
        if not self._is_due("snapshot", now):
            return
        if snapshot is None or self._shelf.current() != snapshot.number:
            self._due["snapshot"] = now + _RETRY_SECONDS
            self._gate.snapshot = self._shelf.load()
        self._due["snapshot"] = 0.0

    def _find_pardons(self) -> None:
        self._own_pardons = self._book.latest() if self._book.changed() else self._own_pardons
        if self._shared is not None:
            self._shared_pardons = self._shared.new_pardons() or self._shared_pardons
        both = [*self._own_pardons.values(), *self._shared_pardons.values()]
        self._gate.pardons = {pardon.account_id: pardon for pardon in sorted(both, key=lambda pardon: pardon.at)}

    def _share(self) -> None:
        if self._shared is None or not self._is_due("share", self._clock.now()):
            return
        try:
            self._shared.sync(self._memory)
            self._gate.complete = True
        except StillwatchError:
            self._gate.complete = False
            self._due["share"] = self._clock.now() + _RETRY_SECONDS
            raise

    def _save(self) -> None:
        now = self._clock.now()
        if self._store is not None and self._is_due("save", now):
            self._due["save"] = now + self._gate.settings.save_seconds
            self._store.save(self._memory.tables)

    def _is_due(self, what: str, now: float) -> bool:
        return now >= self._due.get(what, 0.0)
