"""OpenTelemetry GenAI spans in OTLP JSON (semantic conventions ``gen_ai.*``), one span per model call.

A record is an OTLP export (``resourceSpans``), or one span on its own with ``attributes`` as OTLP key-value pairs or as a
plain object. Exported events (``resourceLogs``) that describe a whole call are read alike. Spans that call no model (agents,
tools, HTTP) are unreadable with that reason. Older spellings (``gen_ai.prompt.0.content``, ``gen_ai.system``,
``gen_ai.usage.prompt_tokens``, one event a message) are read too.
"""

from collections.abc import Iterator
from typing import Any

from stillwatch.traffic.readers.exchange import address
from stillwatch.traffic.readers.messages import content_text, flatten
from stillwatch.traffic.readers.record import (
    Place,
    Record,
    Row,
    Unreadable,
    derived_id,
    first,
    flag,
    items,
    mapping,
    real,
    text,
    tidy,
    time,
    whole,
)
from stillwatch.traffic.readers.streams import decoded

_ASKS = {"chat": "chat", "text_completion": "completion", "generate_content": "chat", "embeddings": "embedding"}
_ACCOUNT = ("account.id", "enduser.account", "gen_ai.request.account", "tenant.id")
_MESSAGE_EVENTS = {f"gen_ai.{role}.message": role for role in ("system", "user", "assistant", "tool")}


def rows(record: Record, place: Place) -> list[Row]:
    """The model calls among the spans of one record."""
    spans = list(_spans(record))
    found = [_call(span, given, place) for span, given in spans if _asks_model(given)]
    if not found:
        names = ", ".join(sorted({str(span.get("name")) for span, _ in spans})[:3])
        raise Unreadable(f"no span here calls a model ({len(spans)} spans: {names or 'none'})")
    return found


def _spans(record: Record) -> Iterator[tuple[Record, Record]]:
    """Spans with all their attributes; those of the resource stand below those of the span."""
    exported = first(record, "resourceSpans", "resourceLogs")
    if exported is None:
        yield record, _given(record, {})
    for resource in map(mapping, items(exported)):
        shared = _attributes(mapping(resource.get("resource")).get("attributes"))
        for scope in map(mapping, items(first(resource, "scopeSpans", "scopeLogs", "instrumentationLibrarySpans"))):
            for span in map(mapping, items(first(scope, "spans", "logRecords"))):
                yield span, _given(span, shared)


def _given(span: Record, shared: Record) -> Record:
    """The attributes of a span, of its events and of its resource; what the span says goes before the others."""
    events = [(mapping(event).get("name"), _attributes(mapping(event).get("attributes"))) for event in items(span.get("events"))]
    merged = {name: value for _, event in events for name, value in event.items()}
    said = [{"role": _MESSAGE_EVENTS[name], **event} for name, event in events if name in _MESSAGE_EVENTS]
    if said and "gen_ai.input.messages" not in merged:
        merged["gen_ai.input.messages"] = said
    return {**shared, **merged, **_attributes(span.get("attributes"))}


def _attributes(found: object) -> Record:
    found = decoded(found)
    if isinstance(found, list):
        return {str(mapping(pair).get("key")): _value(mapping(pair).get("value")) for pair in found}
    return mapping(found)


def _value(value: object) -> Any:
    """An OTLP AnyValue as a plain value."""
    held = mapping(value)
    if "arrayValue" in held:
        return [_value(part) for part in items(mapping(held["arrayValue"]).get("values"))]
    if "kvlistValue" in held:
        return _attributes(mapping(held["kvlistValue"]).get("values"))
    if "intValue" in held:
        return whole(held["intValue"])
    return next((held[name] for name in ("stringValue", "doubleValue", "boolValue") if name in held), None)


def _asks_model(given: Record) -> bool:
    operation = given.get("gen_ai.operation.name")
    if operation is not None:
        return operation in _ASKS
    return "gen_ai.request.model" in given and "gen_ai.tool.name" not in given


def _call(span: Record, given: Record, place: Place) -> Row:
    span_id = text(first(span, "spanId", "span_id") or mapping(span.get("context")).get("span_id"))
    started = time(first(span, "startTimeUnixNano", "start_time_unix_nano", "startTime", "start_time", "timeUnixNano"))
    ended = time(first(span, "endTimeUnixNano", "end_time_unix_nano", "endTime", "end_time"))
    operation = str(given.get("gen_ai.operation.name") or "chat")
    row = {
        "request_id": text(given.get("gen_ai.response.id")) or span_id or derived_id(span, place),
        "ts": started or place.modified,
        "account_id": text(first(given, *_ACCOUNT)),
        "model": text(first(given, "gen_ai.request.model", "gen_ai.response.model")) or "unknown",
        "end_user_id": text(first(given, "enduser.id", "user.id")),
        "ip": address(first(given, "client.address", "net.sock.peer.addr")),
        "user_agent": text(first(given, "user_agent.original", "http.user_agent")),
        "access_path": _access_path(str(first(given, "gen_ai.provider.name", "gen_ai.system"))),
        "operation": _ASKS.get(operation, operation),
        "conversation_id": text(given.get("gen_ai.conversation.id")),
        **_texts(given),
        "tools": len(items(decoded(first(given, "gen_ai.tool.definitions", "gen_ai.request.tools")))) or None,
        "temperature": real(given.get("gen_ai.request.temperature")),
        "top_p": real(given.get("gen_ai.request.top_p")),
        "n": whole(given.get("gen_ai.request.choice.count")),
        "max_output_tokens": whole(given.get("gen_ai.request.max_tokens")),
        "input_tokens": whole(first(given, "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")),
        "output_tokens": whole(first(given, "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")),
        "cached_tokens": whole(given.get("gen_ai.usage.cache_read.input_tokens")),
        "reasoning_tokens": whole(given.get("gen_ai.usage.reasoning.output_tokens")),
        "stream": flag(given.get("gen_ai.request.stream")),
        "status": whole(first(given, "http.response.status_code", "http.status_code")),
        "latency_ms": (ended - started).total_seconds() * 1000 if started and ended else None,
    }
    return tidy(row)


def _access_path(provider: str) -> str | None:
    return next(
        (path for mark, path in (("bedrock", "bedrock"), ("vertex", "vertex"), ("azure", "azure")) if mark in provider), None
    )


def _texts(given: Record) -> Row:
    messages = items(decoded(given.get("gen_ai.input.messages"))) or items(decoded(given.get("gen_ai.prompt")))
    messages = messages or list(_numbered(given))
    if not messages:
        return {}
    answers = items(decoded(given.get("gen_ai.output.messages")))
    system = decoded(given.get("gen_ai.system_instructions"))
    said = mapping(next(iter(answers), None))
    return {**flatten(messages, system), "completion": content_text(said.get("parts") or said.get("content")) or None}


def _numbered(given: Record) -> Iterator[Record]:
    """Messages in the older spelling ``gen_ai.prompt.N.role`` and ``gen_ai.prompt.N.content``."""
    number = 0
    while f"gen_ai.prompt.{number}.content" in given:
        yield {"role": given.get(f"gen_ai.prompt.{number}.role", "user"), "content": given[f"gen_ai.prompt.{number}.content"]}
        number += 1
