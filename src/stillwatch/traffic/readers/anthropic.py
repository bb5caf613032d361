"""Logs of Anthropic Messages form: message requests, their batches, with thinking and tool use.

Signed thinking and redacted thinking that a client sends back become digests in ``reasoning_blocks``. A line of batch results
is a request without text: scan a batch's requests or its results, not both.
"""

from stillwatch.traffic.readers.exchange import Exchange, refuse_errors, unwrap
from stillwatch.traffic.readers.messages import content_text, flatten, reasoning_blocks
from stillwatch.traffic.readers.record import Place, Record, Row, Unreadable, items, mapping, real, text, tidy, whole


def rows(record: Record, place: Place) -> list[Row]:
    """The requests in one record of an Anthropic-form log; a batch creation gives one row per request in it."""
    exchange = unwrap(record, place)
    if exchange.method in ("GET", "HEAD", "DELETE") or exchange.path.rstrip("/").endswith(("/count_tokens", "/cancel")):
        raise Unreadable(f"asks no model: {exchange.method} {exchange.path or 'of an unknown path'}")
    refuse_errors(exchange)
    batch = [mapping(entry) for entry in items(exchange.body.get("requests"))]
    if batch:
        return [
            _request(exchange, mapping(entry.get("params")), number) | {"operation": "batch"} for number, entry in enumerate(batch)
        ]
    if "result" in exchange.body:
        return [_result(exchange, mapping(mapping(exchange.body["result"]).get("message")))]
    if "params" in exchange.body:
        return [_request(exchange, mapping(exchange.body["params"]), None) | {"operation": "batch"}]
    return [_request(exchange, exchange.body, None)]


def message_fields(body: Record) -> Row:
    """The canonical columns that a Messages request body fills, model and identifiers aside."""
    messages = items(body.get("messages"))
    thinking = mapping(body.get("thinking"))
    return tidy(
        {
            "operation": "chat",
            **flatten(messages, body.get("system")),
            "tools": len(items(body.get("tools"))),
            "temperature": real(body.get("temperature")),
            "top_p": real(body.get("top_p")),
            "max_output_tokens": whole(body.get("max_tokens")),
            "reasoning_requested": thinking.get("type") in ("enabled", "adaptive") if thinking else None,
            "reasoning_blocks": reasoning_blocks(messages),
            "stream": body.get("stream") if isinstance(body.get("stream"), bool) else None,
            "end_user_id": text(mapping(body.get("metadata")).get("user_id")),
        }
    )


def usage_fields(usage: Record) -> Row:
    """Token counts of a Messages response; cache reads and writes count as input."""
    cached = whole(usage.get("cache_read_input_tokens"))
    asked = whole(usage.get("input_tokens"))
    written = whole(usage.get("cache_creation_input_tokens"))
    return tidy(
        {
            "input_tokens": None if asked is None else asked + (cached or 0) + (written or 0),
            "output_tokens": whole(usage.get("output_tokens")),
            "cached_tokens": cached,
        }
    )


def _request(exchange: Exchange, body: Record, part: int | None) -> Row:
    model = text(body.get("model")) or exchange.model()
    if not isinstance(body.get("messages"), list):
        raise Unreadable("the request has no list of messages")
    response = exchange.response
    return {
        **message_fields(body),
        **exchange.common(part),
        "model": model,
        **usage_fields(mapping(exchange.around.get("usage") or response.get("usage"))),
        **tidy({"completion": content_text(response.get("content")) or text(response.get("completion"))}),
    }


def _result(exchange: Exchange, message: Record) -> Row:
    """A line of a batch's results, which repeats nothing of the request but was one."""
    model = text(message.get("model"))
    if not model:
        raise Unreadable("a batch result without a message: the request was not answered")
    said = content_text(message.get("content")) or None
    known = {"request_id": text(message.get("id")), "model": model, "operation": "batch", "completion": said}
    return {**exchange.common(), **tidy(known), **usage_fields(mapping(message.get("usage")))}
