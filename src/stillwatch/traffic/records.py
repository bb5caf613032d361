"""Records of a text file: JSON Lines, one JSON document, or CSV, each record with its line and what was wrong with it.

>>> for line, record in records(Path("a.jsonl")):
...     print(line, record)
1 {'request_id': 'r1', ...}
2 Broken(reason='not JSON: ...', row=b'{"requ')
"""

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from stillwatch.traffic.sources import LINE_LIMIT, Truncated, chunks, kind, lines

_DOCUMENT_LIMIT = 512 * 1024 * 1024


@dataclass(frozen=True)
class Broken:
    """A place that holds no record, why, and its text."""

    reason: str
    row: bytes | str = b""


Found = tuple[int | None, Mapping[str, Any] | Broken]
"""A line (None: the file as a whole) and its record."""


def records(path: Path) -> Iterator[Found]:
    """All records of a file in order; what is broken stands between them. A file that is cut off ends with a Broken.

    Raises OSError if the file cannot be read.
    """
    last: int | None = None
    try:
        for last, record in _csv(path) if kind(path) == "csv" else _json(path):
            yield last, record
    except Truncated as cut:
        yield last, Broken(f"{cut}; the {'whole rows before it are' if last else 'file gives no whole row and nothing is'} kept")


def _json(path: Path) -> Iterator[Found]:
    for number, line in lines(path):
        found = _decoded(line)
        if number == 1 and isinstance(found, list | Broken) and line[:1] in (b"[", b"{"):
            document = _document(path)
            if document is not None:
                yield from document
                return
        yield number, found if isinstance(found, Mapping | Broken) else Broken("not a JSON object", line)


def _document(path: Path) -> list[Found] | None:
    """The records of a file that is one JSON document (an object, or an array of them); None if it is not."""
    try:
        whole = b"".join(_up_to(path, _DOCUMENT_LIMIT))
    except Truncated:
        return None
    found = _decoded(whole.removeprefix(b"\xef\xbb\xbf"))
    if isinstance(found, Broken):
        return None
    entries = found if isinstance(found, list) else [found]
    return [(n, e if isinstance(e, Mapping) else Broken("not a JSON object", str(e))) for n, e in enumerate(entries, 1)]


def _up_to(path: Path, limit: int) -> Iterator[bytes]:
    for chunk in chunks(path):
        limit -= len(chunk)
        if limit < 0:
            raise Truncated("too large for one document")
        yield chunk


def _decoded(line: bytes) -> Any:
    if len(line) > LINE_LIMIT:
        return Broken(f"longer than {LINE_LIMIT >> 20} MiB", line[:2000])
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _lenient(line) or Broken(f"not JSON: {error}" if line[:1] in (b"{", b"[") else "not JSON", line)


def _lenient(line: bytes) -> Any:
    """JSON that only the lenient decoder takes: half a surrogate pair, left where a log cut a text; None otherwise."""
    if b"\\u" not in line:
        return None
    try:
        return json.loads(json.dumps(json.loads(line)).encode("utf-8", "replace"), object_hook=_mended)
    except (ValueError, RecursionError):
        return None


def _mended(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: v.encode("utf-8", "replace").decode() if isinstance(v, str) else v for name, v in entry.items()}


def _csv(path: Path) -> Iterator[Found]:
    csv.field_size_limit(min(sys.maxsize, LINE_LIMIT))
    reader = csv.reader(line.decode("utf-8", "replace") + "\n" for _, line in lines(path, blank=True))
    header: list[str] | None = None
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield reader.line_num, Broken(f"not CSV: {error}")
            continue
        if row is None:
            return
        if header is None:
            header = [name.strip() for name in row]
        elif len(row) != len(header):
            if row:
                yield reader.line_num, Broken(f"{len(row)} fields where the header has {len(header)}", ",".join(row))
        else:
            yield reader.line_num, {name: value for name, value in zip(header, row, strict=True) if value != ""}
