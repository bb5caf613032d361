"""What the rest of Stillwatch needs of a ledger: to record. A test may pass a list in disguise."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from stillwatch.sharing.ledger.entry import Entry


class Recorder(Protocol):
    """Whatever keeps records."""

    def append(self, kind: str, subject: str, details: Mapping[str, Any], actor: str, now: datetime) -> Entry:
        """Record one event durably, or raise and record nothing.

        ``kind`` is a lower-case word such as ``release``; ``actor`` did it to ``subject``; ``details`` is a JSON object; ``now``
        has its zone. Raises EntryRefused for what breaks these rules, OutputNotWritten if it could not be recorded.
        """
        ...
