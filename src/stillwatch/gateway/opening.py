"""A gateway put together from its settings: snapshot, memory, stores, ledger, and the keeper that looks after them.

Whatever is missing or damaged is an alarm, not an error: a gateway always opens and serves as its settings say.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stillwatch.errors import StillwatchError
from stillwatch.gateway.alarm import Alarms
from stillwatch.gateway.answers.alterations import Alterations
from stillwatch.gateway.answers.marker import Marker
from stillwatch.gateway.clock import SteadyClock
from stillwatch.gateway.counters.memory import Memory
from stillwatch.gateway.counters.state_store import StateStore, open_store
from stillwatch.gateway.decide import weigh
from stillwatch.gateway.facts import facts_of
from stillwatch.gateway.gate import Gate
from stillwatch.gateway.keeper import Keeper
from stillwatch.gateway.records.decision_log import DecisionLog
from stillwatch.gateway.records.pardon_book import PardonBook
from stillwatch.gateway.records.recorder import Recorder, named
from stillwatch.gateway.settings import Settings
from stillwatch.gateway.snapshot.shelf import Shelf


class Gateway:
    """A gate with its keeper, started. ``recorder``, ``marker`` and ``clock`` win over the settings."""

    def __init__(
        self,
        settings: Settings,
        *,
        recorder: Recorder | None = None,
        marker: Marker | None = None,
        clock: SteadyClock | None = None,
        started: bool = True,
    ) -> None:
        self.alarms = Alarms()
        self._settings, self._clock = settings, clock or SteadyClock()
        settings.folder.mkdir(parents=True, exist_ok=True)
        self._memory = Memory(settings.accounts, settings.blocks, shared=bool(settings.redis))
        self._log = DecisionLog(settings.folder, self.alarms)
        self._shelf = Shelf(settings.snapshots, self._tried("publishers", settings.trusted) or [])
        self.gate = Gate(
            settings,
            snapshot=self._tried("snapshot", self._shelf.load),
            memory=self._memory,
            log=self._log,
            alarm=self.alarms,
            alterations=Alterations(recorder or self._tried("ledger", lambda: _recorder(settings)), self.alarms),
            clock=self._clock,
            marker=marker or self._tried("marker", lambda: _marker(settings)),
        )
        self.keeper = self._keeper()
        self._warm_up()
        self.keeper.tick()
        if started:
            self.keeper.start()

    def _keeper(self) -> Keeper:
        shared = self._tried("shared counters", lambda: _shared(self._settings))
        self.gate.complete = shared is not None or not self._settings.redis
        return Keeper(
            self.gate,
            shelf=self._shelf,
            book=PardonBook(self._settings.folder / "pardons.sqlite"),
            memory=self._memory,
            store=self._tried("counters", self._store),
            shared=shared,
            log=self._log,
            alarm=self.alarms,
            clock=self._clock,
        )

    def close(self) -> None:
        """Stop and save."""
        self.keeper.close()

    def _tried(self, kind: str, make: Any) -> Any:
        """What ``make`` gives, or None with an alarm."""
        try:
            return make()
        except (StillwatchError, ImportError, ValueError) as error:
            self.alarms.raise_alarm(kind, str(error))
            return None

    def _store(self) -> StateStore:
        store = open_store(self._settings.folder)
        store.restore(self._memory.tables)
        if store.damage:
            self.alarms.raise_alarm("counters", f"{store.path}: {store.damage}")
        return store

    def _warm_up(self) -> None:
        """Load the compiled loops before the first request does."""
        facts = facts_of({"prompt": "warm", "system_prompt": "up", "ip": "192.0.2.1"}, account_id="")
        if self.gate.snapshot is not None:
            weigh(facts, self._memory.state(0), self.gate.snapshot, 0.0)


def _recorder(settings: Settings) -> Recorder | None:
    if not settings.recorder:
        return None
    found: Recorder = named(settings.recorder)(settings.ledger_path)
    return found


def _marker(settings: Settings) -> Marker | None:
    if not settings.marker:
        return None
    found: Marker = named(settings.marker)()
    return found


def _shared(settings: Settings) -> Any:
    if not settings.redis:
        return None
    from stillwatch.gateway.counters.shared_state import SharedState  # only here: the client of Redis is an optional package

    return SharedState(settings.redis)


@contextmanager
def opened(settings: Settings, **over: Any) -> Iterator[Gateway]:
    """A gateway while the block runs."""
    gateway = Gateway(settings, **over)
    try:
        yield gateway
    finally:
        gateway.close()
