"""Records of a text file: JSON Lines, other JSON, or CSV, each record with its line and what was wrong with it.

Rules: a file is read once, as a stream. CSV is told by the file's name (``.csv``, ``.tsv``), its delimiter by its header. JSON
that is not one value to a line (an array, objects printed with indents) is read as ``documents`` says. What is no text at all
is one Broken for the whole file.

>>> for line, record in records(Path("a.jsonl")):
...     print(line, record)
1 {'request_id': 'r1', ...}
2 Broken(reason='not JSON: ...', row=b'{"requ')
"""

import csv
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from stillwatch.traffic.documents import NotJson, lenient, values
from stillwatch.traffic.sources import LINE_LIMIT, Truncated, kind, lines, text_chunks


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
        for last, record in _read(path):
            yield last, record
    except Truncated as cut:
        yield last, Broken(f"{cut}; the {'whole rows before it are' if last else 'file gives no whole row and nothing is'} kept")


def _read(path: Path) -> Iterator[Found]:
    if _looks_binary(path):
        return iter([(None, Broken("the file is no text"))])
    if kind(path) in ("csv", "tsv"):
        return _csv(path)
    return _documents(path) if _spans_lines(path) else _json_lines(path)


def _looks_binary(path: Path) -> bool:
    try:
        return b"\0" in next(text_chunks(path), b"")[:1000]
    except Truncated:
        return False


def _spans_lines(path: Path) -> bool:
    """Whether the file's JSON values do not stand one to a line: it opens an array, or its second line is indented."""
    try:
        start = [line for _, line in islice(lines(path), 2)]
    except Truncated:
        return False
    if not start or start[0].lstrip()[:1] == b"[" or start[0].strip() == b"{":
        return bool(start)
    return len(start) == 2 and start[0][:1] == b"{" and start[1][:1] in (b" ", b"\t") and isinstance(_decoded(start[0]), Broken)


def _json_lines(path: Path) -> Iterator[Found]:
    for number, line in lines(path):
        yield number, _record(_decoded(line), line)


def _documents(path: Path) -> Iterator[Found]:
    for number, value in values(text_chunks(path)):
        yield number, Broken(f"not JSON: {value}", value.text) if isinstance(value, NotJson) else _record(value, str(value))


def _record(value: Any, row: bytes | str) -> Mapping[str, Any] | Broken:
    return value if isinstance(value, Mapping | Broken) else Broken("not a JSON object", row)


def _decoded(line: bytes) -> Any:
    if len(line) > LINE_LIMIT:
        return Broken(f"longer than {LINE_LIMIT >> 20} MiB", line[:2000])
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _mended(line, error)


def _mended(line: bytes, error: Exception) -> Any:
    try:
        return lenient(line.decode())
    except (ValueError, RecursionError):
        return Broken(f"not JSON: {error}" if line[:1] in (b"{", b"[") else "not JSON", line)


def _csv(path: Path) -> Iterator[Found]:
    csv.field_size_limit(min(sys.maxsize, LINE_LIMIT))
    texts = (line.decode("utf-8", "replace") + "\n" for _, line in lines(path, blank=True))
    first = next(texts, "")
    columns = [name.strip() for name in next(csv.reader([first], delimiter=_delimiter(first)), [])]
    reader = csv.reader(texts, delimiter=_delimiter(first))
    while True:
        line = reader.line_num + 2
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield line, Broken(f"not CSV: {error}")
            continue
        if row is None:
            return
        if len(row) == len(columns):
            yield line, {name: value for name, value in zip(columns, row, strict=True) if value != ""}
        elif row:
            yield line, Broken(f"{len(row)} fields where the header has {len(columns)}", ",".join(row)[:2000])


def _delimiter(header: str) -> str:
    return max(",", ";", "\t", key=header.count)
