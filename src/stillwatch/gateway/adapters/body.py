"""From a request as it comes in to facts, by the very readers that the scan uses on logs: what they find online they find offline.

A body that cannot be read gives facts without texts: the request still counts, and the model behind the gateway answers for it.

>>> body = b'{"model": "m", "messages": [{"role": "user", "content": "Hi"}], "n": 2}'
>>> facts, row = facts_of_body(body, "/v1/chat/completions", {}, {})[0]
>>> facts.n, row["prompt"]
(2, 'Hi')
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from stillwatch.gateway.facts import Facts, facts_of
from stillwatch.traffic.readers import anthropic, openai
from stillwatch.traffic.readers.record import Place, Row, Unreadable

MOST_PARTS = 64
"""Of a request that is many (a list of prompts, a batch) so many parts are looked at."""
_PLACE = Place("gateway", 0, datetime.fromtimestamp(0, UTC))
_BELIEVED = ("x-session-id", "x-conversation-id", "session-id", "conversation-id")
"""Headers that the readers may see; who asks and from where is no matter of what a client writes."""

Read = tuple[Facts, Row]
"""The facts of a request, and the row with its texts."""


def facts_of_body(
    body: bytes | Mapping[str, Any], path: str, headers: Mapping[str, str], known: Mapping[str, Any], limit: int = MOST_PARTS
) -> list[Read]:
    """The requests in a body, at least one. ``known``: facts that do not come from the body; they win over it."""
    name = str(known.get("request_id") or "")
    return [(facts_of(row, **_complete(row, known)), row) for row in _rows(body, path, headers, name)[:limit]]


def _complete(row: Row, known: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: value for name, value in known.items() if value is not None}
    return {
        "account_id": row.get("account_id") or "",
        **facts,
        "request_id": facts.get("request_id") or row.get("request_id") or "",
    }


def _rows(body: bytes | Mapping[str, Any], path: str, headers: Mapping[str, str], name: str) -> list[Row]:
    content = decoded(body) if isinstance(body, bytes) else body
    if content is None:
        return [{}]
    reader = anthropic if path.endswith("/messages") or "/messages/" in path else openai
    believed = {name: headers[name] for name in _BELIEVED if name in headers}
    record = {"path": path, "method": "POST", "headers": believed, "request_id": name or "gateway", "body": content}
    try:
        return reader.rows(record, _PLACE) or [{}]
    except (Unreadable, RecursionError):
        return [{}]


def decoded(body: bytes) -> dict[str, Any] | None:
    """The JSON object in a body; None if there is none."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
