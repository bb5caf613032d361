"""The log of deliveries: noted at once in memory, written every INTERVAL_SECONDS, so that no reader waits for the disk.

Rules: what is noted is written when the hub closes, too; a hub that is killed may forget the last INTERVAL_SECONDS of deliveries,
and then says of less that it was delivered, never of more. More than MOST_WAITING are written by whoever notes one more.
"""

import threading
from collections.abc import Iterable

from stillwatch.database.database import Database
from stillwatch.errors import StoreUnavailable
from stillwatch.hub.store import deliveries
from stillwatch.hub.store.deliveries import Delivery

INTERVAL_SECONDS = 0.5
MOST_WAITING = 5000


class DeliveryLog:
    """Notes deliveries; used by several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._waiting: list[Delivery] = []
        self._writer: threading.Thread | None = None
        self._closed = threading.Event()

    def note(self, member: int, now: int, how: str, seqs: Iterable[int]) -> None:
        """Note that a member was handed these object versions."""
        made = Delivery(member, now, how, tuple(seqs))
        if not made.seqs:
            return
        with self._lock:
            self._waiting.append(made)
            many = len(self._waiting) > MOST_WAITING
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_on, daemon=True)
                self._writer.start()
        if many:
            self.flush()

    def flush(self) -> None:
        """Write down what is waiting. Raises StoreUnavailable; then it goes on waiting."""
        with self._lock:
            held, self._waiting = self._waiting, []
        if not held:
            return
        try:
            with self._database.writing() as connection:
                deliveries.add(connection, held)
        except StoreUnavailable:
            with self._lock:
                self._waiting = held + self._waiting
            raise

    def close(self) -> None:
        """Write down the rest, and stop."""
        self._closed.set()
        if self._writer:
            self._writer.join()
        self.flush()

    def _write_on(self) -> None:
        while not self._closed.wait(INTERVAL_SECONDS):
            try:
                self.flush()
            except StoreUnavailable:
                continue
