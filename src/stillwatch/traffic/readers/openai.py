"""Logs of OpenAI form: chat completions, legacy completions, the responses API, embeddings, batch files.

Read are the exchange records of proxies, bare request bodies, stored completions, and the lines of batch input and output. A
legacy completion with a list of prompts becomes one row per prompt (``…#0``, ``…#1``); an uploaded batch file becomes one
row per line of it. A line of batch output is a request without text: scan a batch's input or its output, not both. Calls
that ask no model (listing models, uploading other files) are unreadable with that reason.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from stillwatch.traffic.readers.exchange import Exchange, refuse_errors, unwrap
from stillwatch.traffic.readers.messages import content_text, flatten, reasoning_blocks
from stillwatch.traffic.readers.record import Place, Record, Row, Unreadable, first, items, mapping, real, text, tidy, whole

_UPLOADS = ("/files", "/uploads")
_ASK_NOTHING = ("/batches", "/cancel", "/models", "/conversations", "/input_tokens")
_OTHER_WORK = (
    ("/embeddings", "embedding"),
    ("/images/", "image"),
    ("/audio/", "audio"),
    ("/moderations", "moderation"),
    ("/rerank", "rerank"),
)
"""Paths whose requests are no conversation, whatever their bodies look like, and the operation that they are."""


def rows(record: Record, place: Place) -> list[Row]:
    """The requests in one record of an OpenAI-form log."""
    if str(record.get("object")).endswith(".chunk"):
        raise Unreadable("a chunk of a streamed response; the request to it stands elsewhere")
    exchange = unwrap(record, place)
    if exchange.path.rstrip("/").endswith(_UPLOADS):
        return _uploaded(exchange)
    if exchange.method in ("GET", "HEAD", "OPTIONS", "DELETE") or _asks_nothing(exchange):
        raise Unreadable(f"asks no model: {exchange.method} {exchange.path or 'of an unknown path'}")
    if "custom_id" in record and exchange.response and "body" not in record:
        return [_batch_output(exchange)]
    if exchange.response and not isinstance(exchange.body, Mapping):
        raise Unreadable("the request body is missing: a response alone says nothing of the prompt")
    refuse_errors(exchange)
    return _requests(exchange, exchange.body)


def _asks_nothing(exchange: Exchange) -> bool:
    return exchange.path.rstrip("/").endswith(_ASK_NOTHING)


def _batch_output(exchange: Exchange) -> Row:
    return {**exchange.common(), "model": exchange.model(), "operation": "batch", **tidy(_usage(exchange))}


def _uploaded(exchange: Exchange) -> list[Row]:
    """The requests of a batch file that was uploaded as multipart form data (or as it is)."""
    found: list[Row] = []
    lines = exchange.body.splitlines() if isinstance(exchange.body, str) else []
    for line in lines:
        try:
            entry = mapping(msgspec.json.decode(line))
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            continue
        if isinstance(entry.get("body"), Mapping):
            found += [row | {"operation": "batch"} for row in _requests(exchange, entry["body"], len(found))]
    if not found:
        raise Unreadable(f"asks no model: an upload to {exchange.path} that holds no batch requests")
    return found


def _requests(exchange: Exchange, body: Record, part: int | None = None) -> list[Row]:
    model = text(body.get("model")) or exchange.model()
    form = next((form for name, form in _FORMS.items() if body.get(name) is not None), None)
    if form is None:
        raise Unreadable("none of messages, prompt and input is there")
    shared = exchange.common(part) | {"model": model} | asked(body) | _usage(exchange)
    operation = _operation(exchange)
    if operation:
        shared["operation"] = operation
    return [tidy({"operation": None, **row, **shared}) for row in _numbered(form(body), shared)]


def _operation(exchange: Exchange) -> str | None:
    """What the record as a whole says of the operation, before the body does."""
    if exchange.around.get("custom_id") is not None:
        return "batch"
    return next((operation for mark, operation in _OTHER_WORK if mark in exchange.path), None)


def _numbered(found: list[Row], shared: Row) -> list[Row]:
    """Rows of one record that are several requests get ids of their own."""
    if len(found) > 1:
        name = shared.pop("request_id")
        return [{**row, "request_id": f"{name}#{number}"} for number, row in enumerate(found)]
    return found


def _chat(body: Record) -> list[Row]:
    messages = items(body["messages"])
    return [{"operation": "chat", **flatten(messages), "reasoning_blocks": reasoning_blocks(messages)}]


def _completions(body: Record) -> list[Row]:
    prompt = body["prompt"]
    prompts = prompt if isinstance(prompt, list) and all(isinstance(part, str) for part in prompt) else [prompt]
    return [
        {"operation": "completion", "prompt": part if isinstance(part, str) else None, "n_messages": 1}
        for part in prompts or [None]
    ]


def _input(body: Record) -> list[Row]:
    """The responses API, or embeddings, which have ``input`` too."""
    if not body.keys() & {"instructions", "reasoning", "tools", "store", "stream", "max_output_tokens", "text"} and (
        "embedding" in str(body.get("model")) or "encoding_format" in body or "dimensions" in body
    ):
        return [{"operation": "embedding", "prompt": content_text(body["input"]), "n_messages": 1}]
    given = body["input"]
    messages = [{"role": "user", "content": given}] if isinstance(given, str) else items(given)
    return [
        {
            "operation": "chat",
            **flatten([m for m in messages if mapping(m).get("type", "message") == "message"], body.get("instructions")),
            "n_messages": len(messages) + bool(body.get("instructions")),
            "reasoning_blocks": reasoning_blocks(messages),
        }
    ]


_FORMS: dict[str, Callable[[Record], list[Row]]] = {"messages": _chat, "prompt": _completions, "input": _input}


def asked(body: Record) -> Row:
    """The parameters, under the names of all three interfaces."""
    logprobs = body.get("logprobs")
    top = whole(body.get("top_logprobs"))
    if top is None and not isinstance(logprobs, bool):
        top = whole(logprobs)
    elif top is None and logprobs:
        top = 0
    metadata = mapping(body.get("metadata"))
    return {
        "tools": len(items(body.get("tools"))) + len(items(body.get("functions"))),
        "temperature": real(body.get("temperature")),
        "top_p": real(body.get("top_p")),
        "n": whole(body.get("n")),
        "max_output_tokens": whole(first(body, "max_output_tokens", "max_completion_tokens", "max_tokens")),
        "top_logprobs": top,
        "reasoning_requested": _reasoning_requested(body),
        "stream": body.get("stream") if isinstance(body.get("stream"), bool) else None,
        "end_user_id": text(first(body, "safety_identifier", "user")) or text(metadata.get("user_id")),
        **_conversation(body),
    }


def _reasoning_requested(body: Record) -> bool | None:
    """An effort, a summary or sealed reasoning asked for; an effort of ``none`` is a no."""
    reasoning = body.get("reasoning")
    effort = first(mapping(reasoning), "effort") or body.get("reasoning_effort")
    if effort == "none":
        return False
    return bool(effort or reasoning or "reasoning.encrypted_content" in items(body.get("include"))) or None


def _conversation(body: Record) -> Row:
    """An explicit id only: of the conversation, of the cache key made for it, or of the answer that this continues."""
    conversation, metadata = body.get("conversation"), mapping(body.get("metadata"))
    name = text(mapping(conversation).get("id")) or text(conversation) or text(body.get("prompt_cache_key"))
    name = name or text(first(metadata, "conversation_id", "session_id", "thread_id")) or text(body.get("previous_response_id"))
    return {"conversation_id": name} if name else {}


def _usage(exchange: Exchange) -> Row:
    usage = mapping(exchange.around.get("usage") or exchange.response.get("usage"))
    asked = mapping(first(usage, "prompt_tokens_details", "input_tokens_details"))
    answered = mapping(first(usage, "completion_tokens_details", "output_tokens_details"))
    return {
        "input_tokens": whole(first(usage, "prompt_tokens", "input_tokens")),
        "output_tokens": whole(first(usage, "completion_tokens", "output_tokens")),
        "cached_tokens": whole(asked.get("cached_tokens")),
        "reasoning_tokens": whole(answered.get("reasoning_tokens")),
        "completion": _answer(exchange.response),
    }


def _answer(response: Record) -> str | None:
    if response.get("completion"):
        return text(response["completion"])
    choice = mapping(next(iter(items(response.get("choices"))), None))
    message: Any = choice.get("message") or choice.get("delta")
    found = content_text(mapping(message).get("content")) or text(choice.get("text"))
    output = [mapping(item) for item in items(response.get("output"))]
    said = [content_text(item.get("content")) for item in output if item.get("type") == "message"]
    return found or "\n".join(said) or None
