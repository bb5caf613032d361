"""The hub as a value: its database, its ledger, its directory, and how objects are added to it.

>>> from stillwatch.hub.receipt.examiner import Unexamined
>>> hub = Hub.open(HubSettings(getfixture("tmp_path"), "sqlite://"), Unexamined(), begin="Synthetic hub", now=0)
>>> hub.directory().title
'Synthetic hub'
"""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from stillwatch.database.database import PATIENCE_SECONDS, Database
from stillwatch.errors import NoReadableInput
from stillwatch.hub.access.directory import ApiRoot, Directory
from stillwatch.hub.exchange.delivery_log import DeliveryLog
from stillwatch.hub.receipt.addition import Addition
from stillwatch.hub.receipt.examiner import Examiner
from stillwatch.hub.standing.warning import WarningLists
from stillwatch.hub.store import counter, registry, warning_rows
from stillwatch.hub.store.migration import MIGRATIONS
from stillwatch.sharing.ledger.ledger import Ledger

DEFAULT_ROOT = "hub"
MAX_CONTENT_LENGTH = 10 * 2**20


@dataclass(frozen=True)
class HubSettings:
    """Where a hub keeps its things: ``state`` is a folder for ledger and embedded database; ``store`` the URL of another database.

    ``patience_seconds``: how long a request waits for other writers before it fails (503).
    """

    state: Path
    store: str | None = None
    patience_seconds: float = PATIENCE_SECONDS

    @property
    def url(self) -> str:
        """The URL of the database."""
        return self.store or f"sqlite:///{self.state.resolve() / 'hub.sqlite'}"

    @property
    def ledger(self) -> Path:
        """The file of the ledger."""
        return self.state / "ledger.sqlite"

    @property
    def key_ring(self) -> Path:
        """The file of the members' public keys, if there is one."""
        return self.state / "keyring.json"


def open_database(settings: HubSettings) -> Database:
    """The database of a hub that there is, with this version's tables. Raises NoReadableInput, StoreUnavailable."""
    if settings.store is None and not (settings.state / "hub.sqlite").is_file():
        raise NoReadableInput("there is no hub here", place=str(settings.state), cure="begin one with `stillwatch hub init`")
    database = Database.open(settings.url, settings.patience_seconds)
    MIGRATIONS.require_head(database)
    return database


class Hub:
    """An open hub; used by several threads."""

    def __init__(self, database: Database, ledger: Ledger, examiner: Examiner, state: Path) -> None:
        self.database = database
        self.state = state
        self.ledger = ledger
        self.addition = Addition(database, ledger, examiner, self.warning_lists)
        self.deliveries = DeliveryLog(database)
        self._directory: Directory | None = None
        self._lists: tuple[int, WarningLists] | None = None
        self._lock = threading.Lock()

    @classmethod
    def open(cls, settings: HubSettings, examiner: Examiner, *, begin: str | None = None, now: int = 0) -> Self:
        """The hub that these settings name; begun, or its tables brought up to date, if ``begin`` gives a title.

        Raises NoReadableInput if there is none, StoreUnavailable, OutputNotWritten.
        """
        if begin is not None:
            settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
            database = Database.open(settings.url, settings.patience_seconds)
            MIGRATIONS.migrate(database)
            _found(database, begin, now)
        else:
            database = open_database(settings)
        return cls(database, Ledger.open(settings.ledger, patience_seconds=settings.patience_seconds), examiner, settings.state)

    def directory(self) -> Directory:
        """Members, keys, collections and audiences as they stand now."""
        with self.database.reading() as connection:
            current = self._directory
            if current is None or current.generation != counter.generation(connection):
                current = registry.read_directory(connection)
                with self._lock:
                    self._directory = current
            return current

    def warning_lists(self, directory: Directory) -> WarningLists:
        """The warning lists as they stood when the directory was read, or later."""
        with self._lock:
            known = self._lists
        if known is None or known[0] != directory.lists:
            with self.database.reading() as connection:
                known = directory.lists, warning_rows.read(connection)
            with self._lock:
                self._lists = known
        return known[1]

    def close(self) -> None:
        """Write down what waits, and close what is open."""
        self.deliveries.close()
        self.database.close()
        self.ledger.close()


def _found(database: Database, title: str, now: int) -> None:
    with database.writing() as connection:
        if not registry.is_founded(connection):
            registry.found(connection, title, now)
            registry.add_root(connection, ApiRoot(DEFAULT_ROOT, title, None, MAX_CONTENT_LENGTH))
