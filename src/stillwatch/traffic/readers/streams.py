"""Streamed responses put together again: a server-sent event stream kept as text, or chunks logged one by one.

Rules: the answer has the fields of the first chunk that names them, the token counts of all, and the text of all, as a plain
``completion``. Chat completions, legacy completions, the responses API and Messages are read.

>>> merged([{"id": "x", "choices": [{"delta": {"content": "Hel"}}]}, {"choices": [{"delta": {"content": "lo"}}]}])
{'id': 'x', 'usage': {}, 'completion': 'Hello'}
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from stillwatch.traffic.readers.record import Record, items, mapping

_REQUEST = ("request_id", "request", "body", "account")
_OWN = ("id", "object", "created", "created_at", "model", "system_fingerprint", "output")


def decoded(value: object) -> Any:
    """A JSON text decoded, if it is one; a server-sent event stream merged; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return merged(events(value)) if value.lstrip().startswith(("data:", "event:")) else value


def events(text: str) -> Iterator[Record]:
    """The JSON objects of a server-sent event stream."""
    for line in text.splitlines():
        if line.startswith("data:"):
            try:
                yield mapping(msgspec.json.decode(line[5:]))
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                continue


def merged(chunks: Iterable[Record]) -> dict[str, Any]:
    """One response out of its chunks."""
    response: dict[str, Any] = {}
    usage: dict[str, Any] = {}
    said: list[str] = []
    for chunk in chunks:
        whole = mapping(chunk.get("response") or chunk.get("message")) or chunk
        response |= {name: whole[name] for name in _OWN if whole.get(name) and not response.get(name)}
        usage |= {name: count for name, count in mapping(whole.get("usage") or chunk.get("usage")).items() if count is not None}
        said += _said(chunk)
    return {**response, "usage": usage, "completion": "".join(said)}


def _said(chunk: Record) -> list[str]:
    first = mapping(next(iter(items(chunk.get("choices"))), None))
    delta = chunk.get("delta")
    spoken = delta if isinstance(delta, str) and chunk.get("type") == "response.output_text.delta" else mapping(delta).get("text")
    found = (mapping(first.get("delta")).get("content"), first.get("text"), spoken)
    return [text for text in found if isinstance(text, str)]


def joined(found: Iterable[tuple[int | None, Any]]) -> Iterator[tuple[int | None, Any]]:
    """Consecutive records that each hold one chunk of the same response become one record, on the first one's line."""
    waiting: list[tuple[int | None, Record]] = []
    for line, record in found:
        name = _chunk_of(record)
        if waiting and not (name and _same(record, waiting[0][1])):
            yield _whole(waiting)
            waiting = []
        if name is None:
            yield line, record
        else:
            waiting.append((line, record))
    if waiting:
        yield _whole(waiting)


def _chunk_of(record: object) -> str | None:
    """The id of the response that the record holds a chunk of; None if it holds none."""
    chunk = _chunk(record) if isinstance(record, Mapping) else {}
    kind = chunk.get("object")
    name = chunk.get("id")
    return name if isinstance(name, str) and isinstance(kind, str) and kind.endswith(".chunk") else None


def _same(record: Record, other: Record) -> bool:
    """Whether two chunks belong to one response; servers that give all answers one id are told apart by the request."""
    return _chunk_of(record) == _chunk_of(other) and all(record.get(name) == other.get(name) for name in _REQUEST)


def _chunk(record: Record) -> Record:
    return mapping(record.get("response")) or record


def _whole(chunks: list[tuple[int | None, Record]]) -> tuple[int | None, Record]:
    line, first = chunks[0]
    response = merged(_chunk(record) for _, record in chunks)
    return line, {**first, "response": response} if "response" in first else response
