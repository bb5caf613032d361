"""LiteLLM: rows of its spend logs (``LiteLLM_SpendLogs``) and the payload that it hands to callbacks (``StandardLoggingPayload``).

The account is the virtual key's hash; its end user the ``end_user``. Messages are there only if the proxy was told to
store prompts; a spend row without them still counts as a request, with no text.
"""

from stillwatch.traffic.readers.exchange import address
from stillwatch.traffic.readers.messages import content_text, flatten, reasoning_blocks
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
from stillwatch.traffic.readers.streams import decoded

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
_ACCESS = {"bedrock": "bedrock", "vertex_ai": "vertex", "vertex_ai_beta": "vertex", "azure": "azure", "azure_ai": "azure"}


def rows(record: Record, place: Place) -> list[Row]:
    """The request in one spend-log row or callback payload."""
    payload = mapping(record.get("standard_logging_object")) or record
    model = text(first(payload, "model", "model_group"))
    if not model:
        raise Unreadable("no model is named, so this is no request to one")
    metadata = mapping(decoded(payload.get("metadata")))
    request = _request(payload)
    sent = _messages(payload, request)
    parameters = {**request, **mapping(payload.get("optional_params")), **mapping(payload.get("model_parameters"))}
    call = str(payload.get("call_type") or "")
    latency = real(payload.get("response_time"))
    key = text(first(metadata, "user_api_key_hash", "user_api_key")) or text(payload.get("api_key"))
    row = {
        **(asked(parameters) if parameters else {}),
        "request_id": text(first(payload, "id", "request_id")) or derived_id(payload, place),
        "ts": time_of(payload) or place.modified,
        "account_id": key,
        "model": model,
        "org_id": text(first(metadata, "user_api_key_org_id", "user_api_key_team_id")) or text(payload.get("team_id")),
        "end_user_id": _end_user(payload, metadata),
        "ip": address(payload.get("requester_ip_address")) or address(metadata.get("requester_ip_address")),
        "user_agent": text(metadata.get("user_agent")),
        "access_path": _ACCESS.get(str(payload.get("custom_llm_provider"))),
        "operation": _OPERATIONS.get(call, call or None),
        **({"conversation_id": text(payload["session_id"])} if payload.get("session_id") else {}),
        **_texts(sent, request),
        "completion": _answer(payload),
        "input_tokens": whole(payload.get("prompt_tokens")),
        "output_tokens": whole(payload.get("completion_tokens")),
        **_details(mapping(metadata.get("usage_object"))),
        "status": _status(payload),
        "latency_ms": None if latency is None else latency * 1000,
    }
    return [tidy(row)]


def _request(payload: Record) -> Record:
    """The request body, if the proxy was told to store it; some versions put it under ``body``."""
    request = mapping(decoded(payload.get("proxy_server_request")))
    return mapping(decoded(request.get("body"))) or request


def _messages(payload: Record, request: Record) -> object:
    """What was sent: messages or text; an empty object in a spend row means that nothing was stored."""
    sent = decoded(payload.get("messages"))
    sent = mapping(sent).get("messages", sent)
    return sent or first(request, "messages", "input", "prompt")


def _texts(sent: object, request: Record) -> Row:
    if isinstance(sent, list) and sent and not any(isinstance(part, str) for part in sent):
        return {**flatten(sent, first(request, "system", "instructions")), "reasoning_blocks": reasoning_blocks(sent)}
    prompt = content_text(sent) or None
    return {"prompt": prompt, "n_messages": 1 if prompt else None}


def _end_user(payload: Record, metadata: Record) -> str | None:
    """The caller's own user; ``user`` of a spend row is the owner of the key, who stands in only if there is no other."""
    return text(first(payload, "end_user")) or text(metadata.get("user_api_key_end_user_id")) or text(payload.get("user"))


def _details(usage: Record) -> Row:
    asked_for, answered = mapping(usage.get("prompt_tokens_details")), mapping(usage.get("completion_tokens_details"))
    return {"cached_tokens": whole(asked_for.get("cached_tokens")), "reasoning_tokens": whole(answered.get("reasoning_tokens"))}


def _answer(payload: Record) -> str | None:
    response = decoded(payload.get("response"))
    choice = mapping(next(iter(items(mapping(response).get("choices"))), None))
    said = content_text(mapping(choice.get("message")).get("content")) or content_text(mapping(response).get("content"))
    return said or text(choice.get("text")) or (response if isinstance(response, str) and response else None)


def _status(payload: Record) -> int | None:
    status = payload.get("status")
    code = whole(mapping(payload.get("error_information")).get("error_code"))
    return 200 if status == "success" else code or (500 if status == "failure" else whole(status))
