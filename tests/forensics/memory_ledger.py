"""A ledger in memory, with the interface of ``registration.Ledger``; every entry is a minute later than the one before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 10, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    time: str
    kind: str
    subject: str
    details: Mapping[str, Any]


@dataclass
class MemoryLedger:
    rows: list[Row] = field(default_factory=list)

    def append(self, kind: str, subject: str, details: Mapping[str, Any], actor: str = "examiner", now: datetime = START) -> Row:
        time = (START + timedelta(minutes=len(self.rows))).isoformat()
        self.rows.append(Row(time, kind, subject, details))
        return self.rows[-1]

    def entries(self, since: int = 0, kind: str | None = None) -> Iterator[Row]:
        return (row for row in self.rows[since:] if kind is None or row.kind == kind)
