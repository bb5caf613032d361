"""The readers of provider formats: synthetic records of every form, and anything at all as hostile input."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.traffic.readers import detect
from stillwatch.traffic.readers.record import Place, Unreadable, digest

PLACE = Place("log.jsonl", 3, datetime(2026, 10, 12, tzinfo=UTC))
AT = 1791763200
MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "First"},
    {"role": "assistant", "content": "Yes?"},
    {"role": "user", "content": [{"type": "text", "text": "Look at"}, {"type": "image_url", "image_url": {"url": "data:x"}}]},
]


def read(record: dict[str, Any], expected: str) -> list[dict[str, Any]]:
    assert detect.format_of(record) == expected
    return detect.rows(record, PLACE)


def has(row: dict[str, Any], **columns: object) -> None:
    assert {name: row.get(name) for name in columns} == columns


def proxied(path: str, body: object, **around: object) -> dict[str, Any]:
    return {"ts": AT, "account": "key-1", "method": "POST", "path": path, "headers": [], "body": body, **around}


def test_openai_chat_with_parts_tools_choices_and_usage() -> None:
    body = {
        "model": "m", "messages": MESSAGES, "n": 4, "temperature": 0.5, "top_p": 1, "max_completion_tokens": 9, "stream": True,
        "logprobs": True, "top_logprobs": 5, "tools": [{}, {}], "user": "u-1", "reasoning_effort": "high",
    }  # fmt: skip
    headers = {"User-Agent": "kit/1", "X-Forwarded-For": "198.51.100.7, 10.0.0.1", "X-JA4": "t13d"}
    usage = {"prompt_tokens": 5, "completion_tokens": 6, "completion_tokens_details": {"reasoning_tokens": 2}}
    (row,) = read(proxied("/v1/chat/completions", body, headers=headers, usage=usage, status=200), "openai")
    has(row, operation="chat", model="m", account_id="key-1", system_prompt="Be brief.", prompt="Look at\n[image]", n_messages=4)
    has(row, n=4, temperature=0.5, top_p=1.0, max_output_tokens=9, stream=True, top_logprobs=5, tools=2, end_user_id="u-1")
    has(row, reasoning_requested=True, ip="198.51.100.7", user_agent="kit/1", client_fingerprint="t13d")
    has(row, input_tokens=5, output_tokens=6, reasoning_tokens=2, status=200)


@pytest.mark.parametrize(("logprobs", "top", "expected"), [(None, None, None), (False, None, None), (True, None, 0), (3, None, 3)])
def test_openai_log_probabilities_in_all_spellings(logprobs: object, top: object, expected: object) -> None:
    body = {"model": "m", "messages": [], "logprobs": logprobs, "top_logprobs": top}
    assert read(proxied("/v1/chat/completions", body), "openai")[0].get("top_logprobs") == expected


def test_openai_legacy_completions_give_a_row_per_prompt() -> None:
    rows = read(proxied("/v1/completions", {"model": "m", "prompt": ["a", "b"]}, request_id="r"), "openai")
    assert [(row["request_id"], row["prompt"], row["operation"]) for row in rows] == [
        ("r#0", "a", "completion"),
        ("r#1", "b", "completion"),
    ]


def test_openai_responses_with_encrypted_reasoning() -> None:
    items = [
        {"type": "reasoning", "encrypted_content": "opaque"},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Go on"}]},
        {"type": "function_call_output", "output": "42"},
    ]
    body = {"model": "m", "instructions": "You plan.", "input": items, "reasoning": {"effort": "low"}, "prompt_cache_key": "c-1"}
    (row,) = read(proxied("/v1/responses", body), "openai")
    has(row, operation="chat", system_prompt="You plan.", prompt="Go on", n_messages=4, conversation_id="c-1")
    has(row, reasoning_blocks=[digest("opaque")], reasoning_requested=True)


def test_openai_embeddings_batches_and_bare_bodies() -> None:
    embedding = {"model": "text-embedding-x", "input": ["a", "b"]}
    has(read(proxied("/v1/embeddings", embedding), "openai")[0], operation="embedding", prompt="a\nb")
    batch = {"custom_id": "c7", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m", "messages": MESSAGES}}
    has(read(batch, "openai")[0], operation="batch", ts=PLACE.modified)
    assert read(batch, "openai")[0]["request_id"] != "c7", "a custom_id is unique in its file only"
    has(read({"model": "m", "messages": MESSAGES, "user": "u"}, "openai")[0], end_user_id="u", ts=PLACE.modified, account_id=None)


def test_an_uploaded_batch_file_gives_its_lines() -> None:
    line = json.dumps({"custom_id": "1", "body": {"model": "m", "messages": MESSAGES}})
    form = f"--b\r\nContent-Disposition: form-data; name=file\r\n\r\n{line}\n{line}\n--b--"
    rows = read(proxied("/v1/files", form, request_id="r"), "openai")
    assert [(row["request_id"], row["operation"]) for row in rows] == [("r", "batch"), ("r#1", "batch")] or len(rows) == 2


@pytest.mark.parametrize("record", [
    {"ts": AT, "method": "GET", "path": "/v1/models", "body": ""},
    proxied("/v1/files", "--b\r\nnot a batch\r\n--b--"),
    proxied("/v1/batches", {"input_file_id": "f"}),
])  # fmt: skip
def test_calls_that_ask_no_model_say_so(record: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="asks no model"):
        detect.rows(record, PLACE)


def test_streams_are_merged_and_chunks_alone_are_no_request() -> None:
    events = 'data: {"id": "x1", "object": "chat.completion.chunk", "choices": []}\n\ndata: {"usage": {"prompt_tokens": 3, "completion_tokens": 8}}\n\ndata: [DONE]\n'
    (row,) = read(proxied("/v1/chat/completions", {"model": "m", "messages": MESSAGES}, response=events), "openai")
    has(row, request_id="x1", input_tokens=3, output_tokens=8)
    with pytest.raises(Unreadable, match="chunk"):
        detect.rows({"object": "chat.completion.chunk", "choices": [], "path": "/x"}, PLACE)


def test_anthropic_messages_with_thinking_and_tool_results() -> None:
    content = [{"type": "thinking", "thinking": "…", "signature": "sig"}, {"type": "redacted_thinking", "data": "enc"}]
    messages = [
        {"role": "user", "content": "Do it"},
        {"role": "assistant", "content": content},
        {"role": "user", "content": [{"type": "tool_result", "content": "done"}]},
    ]
    body = {"model": "m", "system": [{"type": "text", "text": "S"}], "messages": messages, "max_tokens": 10, "thinking": {"type": "enabled"},
            "metadata": {"user_id": "u9"}}  # fmt: skip
    response = {"id": "msg_1", "usage": {"input_tokens": 4, "cache_read_input_tokens": 6, "output_tokens": 2}}
    (row,) = read(proxied("/v1/messages", body, response=response), "anthropic")
    has(row, request_id="msg_1", system_prompt="S", prompt="Do it", n_messages=4, reasoning_blocks=[digest("sig"), digest("enc")])
    has(row, end_user_id="u9", reasoning_requested=True, input_tokens=10, cached_tokens=6, output_tokens=2)


def test_anthropic_batches() -> None:
    params = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
    rows = read(
        proxied("/v1/messages/batches", {"requests": [{"custom_id": "a", "params": params}] * 2}, request_id="r"), "anthropic"
    )
    assert [(row["request_id"], row["operation"]) for row in rows] == [("r#0", "batch"), ("r#1", "batch")]


def test_litellm_spend_log_and_callback_payload() -> None:
    spend = {"request_id": "s1", "call_type": "acompletion", "api_key": "hash-1", "spend": 0.1, "startTime": "2026-10-12 08:00:00", "model": "m",
             "prompt_tokens": 3, "completion_tokens": 4, "end_user": "e", "metadata": '{"user_api_key_team_id": "team"}', "messages": "{}"}  # fmt: skip
    has(read(spend, "litellm")[0], account_id="hash-1", org_id="team", operation="chat", input_tokens=3, end_user_id="e")
    payload = {"id": "p1", "call_type": "completion", "response_cost": 0.1, "startTime": AT + 0.5, "model": "m", "status": "success", "messages": MESSAGES,
               "model_parameters": {"temperature": 0.1, "stream": True}, "metadata": {"user_api_key_hash": "hash-2"}, "response_time": 1.5}  # fmt: skip
    (row,) = read(payload, "litellm")
    has(row, account_id="hash-2", prompt="Look at\n[image]", temperature=0.1, stream=True, status=200, latency_ms=1500.0)


def test_otel_spans_in_otlp_json() -> None:
    def pair(key: str, **value: object) -> dict[str, object]:
        return {"key": key, "value": value}

    parts = json.dumps([{"role": "user", "parts": [{"type": "text", "content": "Hello"}]}])
    attributes = [
        pair("gen_ai.operation.name", stringValue="chat"), pair("gen_ai.request.model", stringValue="m"),
        pair("gen_ai.input.messages", stringValue=parts), pair("gen_ai.usage.input_tokens", intValue="7"),
        pair("gen_ai.conversation.id", stringValue="c"), pair("enduser.id", stringValue="e"),
    ]  # fmt: skip
    call = {
        "name": "chat m",
        "spanId": "ab",
        "startTimeUnixNano": f"{AT}000000000",
        "endTimeUnixNano": f"{AT + 1}000000000",
        "attributes": attributes,
    }
    tool = {"name": "execute_tool", "attributes": [pair("gen_ai.operation.name", stringValue="execute_tool")]}
    resource = {"attributes": [pair("tenant.id", stringValue="t1")]}
    (row,) = read({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [tool, call]}]}]}, "otel")
    has(row, prompt="Hello", account_id="t1", model="m", input_tokens=7, conversation_id="c", end_user_id="e", latency_ms=1000.0)
    with pytest.raises(Unreadable, match="no span here calls a model"):
        detect.rows({"spanId": "x", **tool}, PLACE)


def test_bedrock_invocation_logs() -> None:
    body = {"anthropic_version": "b", "system": "S", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 3}
    record = {"schemaType": "ModelInvocationLog", "timestamp": "2026-10-12T08:00:00Z", "accountId": "1", "requestId": "b1", "region": "x",
              "identity": {"arn": "arn:x"}, "operation": "InvokeModel", "modelId": "m",
              "input": {"inputBodyJson": body, "inputTokenCount": 9}, "output": {"outputTokenCount": 2}}  # fmt: skip
    (row,) = read(record, "bedrock")
    has(
        row,
        account_id="arn:x",
        org_id="1",
        access_path="bedrock",
        system_prompt="S",
        prompt="Hi",
        input_tokens=9,
        max_output_tokens=3,
    )
    assert "region" not in row


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["model", "messages", "input", "prompt", "body", "request", "response", "headers", "path", "role", "content", "type", "usage", "ts",
                         "attributes", "resourceSpans", "spanId", "requests", "params", "schemaType", "modelId", "requestId", "tools", "metadata",
                         "system", "thinking", "n", "status", "custom_id", "request_id", "account_id", "call_type", "spend"]),
        inner, max_size=8),
    max_leaves=25,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["model", "messages", "body", "path", "input", "resourceSpans", "schemaType", "request_id", "ts", "account_id", "attributes", "spanId",
                                        "call_type", "spend", "response", "headers", "modelId", "requestId"]), json_values))  # fmt: skip
@settings(max_examples=400)
@pytest.mark.parametrize("name", ["auto", *detect.READERS])
def test_any_record_gives_rows_or_says_why_not(name: str, record: dict[str, Any]) -> None:
    reader = detect.rows if name == "auto" else detect.READERS[name]
    try:
        rows = reader(record, PLACE)
    except Unreadable as reason:
        assert str(reason)
    else:
        assert all(row["request_id"] and row["ts"] and row["model"] for row in rows)
