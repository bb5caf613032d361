"""Decisions as traffic rows, so that the next scan sees what the gateway did and how the other side reacted.

One JSON Lines file a day with the columns of ``requests`` (data contract, section 1) and, beside them, ``gateway_action``,
``gateway_enforced``, ``gateway_rule``, ``gateway_reason``, ``gateway_evidence``, ``gateway_expires`` and ``gateway_altered``. The
first refusal by each rule and evidence is also an event (section 2, ``kind`` ``ban_wave``) in ``events.jsonl``. Rows wait in
memory, at most MOST_WAITING, until they are written.
"""

import errno
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from stillwatch.gateway.alarm import Alarm
from stillwatch.gateway.decision import Decision
from stillwatch.gateway.facts import Facts

MOST_WAITING = 20_000
_MOST_SUBJECTS = 10_000
_BLOCK_BYTES = 1 << 16
_NOT_WRITTEN = frozenset({"samples", "tokens", "plan"})
_FIELDS = tuple(name for name in Facts.__struct_fields__ if name not in _NOT_WRITTEN)

Entry = dict[str, Any]


def row_of(facts: Facts, decision: Decision, at: float, *, enforced: bool, altered: bool, outcome: Mapping[str, Any]) -> Entry:
    """A decision as a row; ``outcome`` adds or replaces columns, such as ``status``."""
    known = {name: value for name in _FIELDS if (value := getattr(facts, name)) not in (None, "", ())}
    return {
        "ts": iso(at),
        **known,
        **{name: value for name, value in outcome.items() if value is not None},
        "gateway_action": decision.action.word,
        "gateway_enforced": enforced,
        "gateway_rule": decision.rule,
        "gateway_reason": decision.reason,
        "gateway_evidence": list(decision.evidence),
        "gateway_expires": iso(decision.expires) if decision.expires else None,
        "gateway_altered": altered,
    }


def iso(seconds: float) -> str:
    """A time in seconds since 1970 as ISO 8601 in UTC, to the microsecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class DecisionLog:
    """The folder ``decisions`` and the file ``events.jsonl`` under ``folder``."""

    def __init__(self, folder: Path, alarm: Alarm) -> None:
        self._folder, self._alarm = folder, alarm
        self._waiting: deque[Entry] = deque()
        self._events: deque[Entry] = deque()
        self._subjects = {str(event.get("subject")) for event in _read(folder / "events.jsonl")}

    def add(self, row: Entry, *, refused: bool) -> None:
        """Keep a row until the next ``flush``. Never raises; a row for which there is no room is lost, with an alarm."""
        if len(self._waiting) >= MOST_WAITING:
            self._alarm.raise_alarm(
                "decisions", "decisions come faster than they can be written, or the disk is full; rows are lost"
            )
            return
        self._waiting.append(row)
        subject = " ".join(row["gateway_evidence"][:1]) or row["gateway_rule"]
        if refused and subject not in self._subjects and len(self._subjects) < _MOST_SUBJECTS:
            self._subjects.add(subject)
            self._events.append({"ts": row["ts"], "kind": "ban_wave", "subject": subject})

    def flush(self) -> None:
        """Write what waits. Never raises; what cannot be written waits on, with an alarm."""
        try:
            self._write(self._waiting, lambda row: self._folder / "decisions" / f"{row['ts'][:10]}.jsonl")
            self._write(self._events, lambda row: self._folder / "events.jsonl")
        except OSError as error:
            self._alarm.raise_alarm("decisions", f"decisions cannot be written to {self._folder} ({error.strerror}); they wait")

    def _write(self, waiting: deque[Entry], place: Callable[[Entry], Path]) -> None:
        for path, group in groupby(list(waiting), place):
            rows = list(group)
            path.parent.mkdir(parents=True, exist_ok=True)
            _append(path, rows)
            for _ in rows:
                waiting.popleft()

    def rows(self) -> Iterator[Entry]:
        """All rows that were written, the latest day first."""
        for path in sorted((self._folder / "decisions").glob("*.jsonl"), reverse=True):
            yield from _read(path)

    def latest(self) -> Iterator[Entry]:
        """All rows that were written, the last written first."""
        for path in sorted((self._folder / "decisions").glob("*.jsonl"), reverse=True):
            yield from _read_backwards(path)


def _append(path: Path, rows: Iterable[Entry]) -> None:
    """Append whole lines in one write, so that several processes may."""
    data = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        if os.write(descriptor, data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(descriptor)


def _read(path: Path) -> Iterator[Entry]:
    """The rows of a file."""
    try:
        with path.open("rb") as file:
            for line in file:
                yield from _row(line)
    except OSError:
        return


def _read_backwards(path: Path) -> Iterator[Entry]:
    """The rows of a file from its end, a block at a time."""
    try:
        with path.open("rb") as file:
            end, rest = file.seek(0, os.SEEK_END), b""
            while end:
                start = file.seek(max(0, end - _BLOCK_BYTES))
                first, *lines = (file.read(end - start) + rest).split(b"\n")
                for line in reversed(lines):
                    yield from _row(line)
                end, rest = start, first
            yield from _row(rest)
    except OSError:
        return


def _row(line: bytes) -> Iterator[Entry]:
    """A line as a row; one that a crash cut short is left out."""
    with suppress(msgspec.MsgspecError):
        yield msgspec.json.decode(line, type=dict[str, Any])
