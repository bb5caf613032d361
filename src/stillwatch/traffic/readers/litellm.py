"""LiteLLM: rows of its spend logs (``LiteLLM_SpendLogs``) and the payload that it hands to callbacks (``StandardLoggingPayload``).

The account is the virtual key's hash; its end user the ``end_user``. Messages are there only if the proxy was told to
store prompts; a spend row without them still counts as a request, with no text.
"""

from stillwatch.traffic.readers.exchange import decoded
from stillwatch.traffic.readers.messages import content_text, flatten
from stillwatch.traffic.readers.openai import asked
from stillwatch.traffic.readers.record import (
    Place,
    Record,
    Row,
    Unreadable,
    derived_id,
    first,
    items,
    mapping,
    real,
    text,
    tidy,
    time_of,
    whole,
)

_OPERATIONS = {
    "completion": "chat",
    "acompletion": "chat",
    "text_completion": "completion",
    "atext_completion": "completion",
    "embedding": "embedding",
    "aembedding": "embedding",
    "responses": "chat",
    "aresponses": "chat",
    "anthropic_messages": "chat",
}


def rows(record: Record, place: Place) -> list[Row]:
    """The request in one spend-log row or callback payload."""
    payload = mapping(record.get("standard_logging_object")) or record
    model = text(first(payload, "model", "model_group"))
    if not model:
        raise Unreadable("no model is named, so this is no request to one")
    metadata = mapping(decoded(payload.get("metadata")))
    sent = decoded(first(payload, "messages", "proxy_server_request"))
    request = mapping(sent)
    messages = items(request.get("messages")) if request else items(sent)
    parameters = mapping(payload.get("model_parameters")) or request or mapping(payload.get("optional_params"))
    started = time_of(payload)
    call = str(payload.get("call_type") or "")
    latency = real(payload.get("response_time"))
    row = {
        **asked(parameters),
        "request_id": text(first(payload, "id", "request_id")) or derived_id(place.file, place.line),
        "ts": started or place.modified,
        "account_id": text(first(metadata, "user_api_key_hash", "user_api_key")) or text(payload.get("api_key")),
        "model": model,
        "org_id": text(first(metadata, "user_api_key_org_id", "user_api_key_team_id")) or text(payload.get("team_id")),
        "end_user_id": text(first(payload, "end_user", "user")),
        "ip": text(first(metadata, "requester_ip_address")) or text(payload.get("requester_ip_address")),
        "user_agent": text(metadata.get("user_agent")),
        "access_path": text(payload.get("custom_llm_provider")),
        "operation": _OPERATIONS.get(call, call or None),
        "conversation_id": text(first(payload, "session_id", "trace_id")) if payload.get("session_id") else None,
        **(flatten(messages) if messages else {"prompt": sent if isinstance(sent, str) else None}),
        "completion": _answer(payload),
        "input_tokens": whole(payload.get("prompt_tokens")),
        "output_tokens": whole(payload.get("completion_tokens")),
        "status": _status(payload),
        "latency_ms": None if latency is None else latency * 1000,
    }
    return [tidy(row)]


def _answer(payload: Record) -> str | None:
    response = decoded(payload.get("response"))
    choice = mapping(next(iter(items(mapping(response).get("choices"))), None))
    return content_text(mapping(choice.get("message")).get("content")) or (response if isinstance(response, str) else None)


def _status(payload: Record) -> int | None:
    status = payload.get("status")
    code = whole(mapping(payload.get("error_information")).get("error_code"))
    return 200 if status == "success" else code or (500 if status == "failure" else whole(status))
