"""Rejected rows: what could not be read is kept with its place and the reason, and counted; it never stops a run.

>>> with Rejects(Path("rejected.jsonl")) as rejects:
...     rejects.add("logs/a.jsonl", 7, "not JSON", b"{broken")
...     rejects.count
1
"""

import json
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

_ROW_LIMIT = 2_000


class Rejects:
    """Writer of ``rejected.jsonl``: one object per rejected row, ``file, line, reason, row`` (contracts, section 3).

    It adds to a file that is there.

    ``line`` is 1-based (for Parquet the row number), null where a whole file is meant; ``row`` is its text, cut to 2,000
    characters. ``reasons`` counts them by reason, without the particulars that follow its first colon.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self.reasons: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    @property
    def count(self) -> int:
        """How many rows (or whole files) were rejected so far."""
        return self.reasons.total()

    def add(self, file: str, line: int | None, reason: str, row: object = None) -> None:
        """Reject one row, or with ``line`` None one whole file."""
        if isinstance(row, bytes):
            text = row[: 4 * _ROW_LIMIT].decode("utf-8", "replace")
        else:
            text = row if isinstance(row, str) else "" if row is None else json.dumps(row, default=str, ensure_ascii=False)
        entry: dict[str, object] = {"file": file, "line": line, "reason": reason, "row": text[:_ROW_LIMIT]}
        self._file.write(msgspec.json.encode(_encodable(entry)) + b"\n")
        self.reasons[reason.split(": ", 1)[0]] += 1


def _encodable(entry: dict[str, object]) -> dict[str, object]:
    """Lone surrogates (they come from odd file names) replaced, so that the file stays UTF-8."""
    return {name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value for name, value in entry.items()}
