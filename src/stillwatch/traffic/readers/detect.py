"""Which format a record has, found by looking at its fields; never by file name."""

from collections.abc import Callable
from typing import TypeAlias

from stillwatch.traffic.readers import anthropic, bedrock, litellm, openai, otel, stillwatch
from stillwatch.traffic.readers.record import Place, Record, Row, Unreadable, first, items, mapping
from stillwatch.traffic.readers.streams import decoded

Reader: TypeAlias = Callable[[Record, Place], list[Row]]

READERS: dict[str, Reader] = {
    "stillwatch": stillwatch.rows,
    "openai": openai.rows,
    "anthropic": anthropic.rows,
    "litellm": litellm.rows,
    "otel": otel.rows,
    "bedrock": bedrock.rows,
}
"""The readers by the name that ``--format`` takes."""

_CANONICAL = {"request_id", "ts", "account_id", "model"}
_ANTHROPIC_ONLY = {"anthropic_version", "stop_sequences", "top_k", "thinking"}


def rows(record: Record, place: Place) -> list[Row]:
    """The requests in a record of whatever format; raises Unreadable if it has none of the known ones."""
    return READERS[format_of(record)](record, place)


def format_of(record: Record) -> str:
    """The name of the record's format."""
    if record.get("schemaType") == "ModelInvocationLog" or {"modelId", "requestId"} <= record.keys():
        return "bedrock"
    if record.keys() & {"resourceSpans", "resourceLogs"} or _has_span(record):
        return "otel"
    if "standard_logging_object" in record or {"call_type", "spend"} <= record.keys() or "response_cost" in record:
        return "litellm"
    if looks_canonical(record):
        return "stillwatch"
    body = mapping(decoded(first(record, "body", "request_body", "request", "requestBody", "params"))) or record
    path = str(first(record, "path", "url", "endpoint", "uri") or "")
    if "/v1/messages" in path or path.endswith("/messages") or _is_messages(body) or _is_batch_result(record):
        return "anthropic"
    if path or body.keys() & {"messages", "prompt", "input"} or "response" in record:
        return "openai"
    raise Unreadable("of no known format: it has none of the fields by which request logs are recognised")


def looks_canonical(record: Record) -> bool:
    """Whether the record has the columns of the data contract rather than a request inside it."""
    return len(_CANONICAL & record.keys()) >= 3 and not record.keys() & {"body", "request", "messages"}


def _has_span(record: Record) -> bool:
    return "attributes" in record and bool(record.keys() & {"spanId", "span_id", "traceId", "trace_id"})


def _is_batch_result(record: Record) -> bool:
    return "custom_id" in record and "type" in mapping(record.get("result"))


def _is_messages(body: Record) -> bool:
    """A Messages body: parameters of its own, ``system`` beside the messages, or content blocks only it has."""
    if body.keys() & _ANTHROPIC_ONLY or ("system" in body and "messages" in body) or "params" in body:
        return True
    if any("params" in mapping(entry) for entry in items(body.get("requests"))):
        return True
    parts = [part for message in items(body.get("messages")) for part in items(mapping(message).get("content"))]
    return any(mapping(part).get("type") in ("thinking", "redacted_thinking", "tool_use", "tool_result") for part in parts)
