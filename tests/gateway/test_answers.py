"""What a grade changes in requests and answers, whole and streamed, in every form. All values are synthetic."""

import json
from typing import Any

import pytest

from stillwatch.gateway.answers.answer_measures import measured
from stillwatch.gateway.answers.answer_stream import AnswerStream
from stillwatch.gateway.answers.request_limits import limited
from stillwatch.gateway.answers.sse import EventSplitter, EventTooLong, measured_event
from stillwatch.gateway.policy import Measures

HIDE = Measures(strip=frozenset({"reasoning", "logprobs"}), max_n=1, max_top_logprobs=0)
CAP = Measures(max_n=2, max_top_logprobs=3)


def upper(text: str) -> str:
    return text.upper()


@pytest.mark.parametrize(("measures", "asked", "left"), [
    (CAP, {"n": 5, "top_logprobs": 20, "logprobs": True}, {"n": 2, "top_logprobs": 3, "logprobs": True}),
    (CAP, {"n": 1, "logprobs": 5, "best_of": 9}, {"n": 1, "logprobs": 3, "best_of": 2}),
    (HIDE, {"n": 5, "top_logprobs": 20, "logprobs": True}, {"n": 1}),
    (HIDE, {"include": ["reasoning.encrypted_content", "message.output_text.logprobs", "file"]}, {"include": ["file"]}),
    (HIDE, {"reasoning": {"effort": "high", "summary": "auto"}}, {"reasoning": {"effort": "high"}}),
    (HIDE, {"n": "five", "reasoning": "high", "include": None}, {"n": "five", "reasoning": "high", "include": None}),
    (Measures(), {"n": 5, "logprobs": True}, {"n": 5, "logprobs": True}),
])  # fmt: skip
def test_limits_on_what_is_asked(measures: Measures, asked: dict[str, Any], left: dict[str, Any]) -> None:
    before = json.loads(json.dumps(asked))
    assert limited(asked, measures) == left
    assert asked == before


def test_messages_and_responses_lose_their_reasoning_parts() -> None:
    thinking = [{"type": "thinking", "thinking": "Well", "signature": "s"}, {"type": "redacted_thinking", "data": "d"}]
    answer = {"content": [*thinking, {"type": "text", "text": "Yes."}], "usage": {"output_tokens": 3}}
    assert measured(answer, HIDE, None) == {"content": [{"type": "text", "text": "Yes."}], "usage": {"output_tokens": 3}}
    said = {"type": "message", "content": [{"type": "output_text", "text": "Yes.", "logprobs": [1]}]}
    answer = {"output": [{"type": "reasoning", "summary": []}, said, {"type": "function_call", "arguments": "{}"}]}
    left = {"type": "message", "content": [{"type": "output_text", "text": "Yes.", "logprobs": []}]}
    assert measured(answer, HIDE, None)["output"] == [left, {"type": "function_call", "arguments": "{}"}]


def test_marks_change_texts_and_nothing_else() -> None:
    chat = {
        "choices": [{"message": {"content": "yes", "tool_calls": [{"id": "x"}]}}, {"text": "no"}, {"message": {"content": None}}]
    }
    assert measured(chat, Measures(), upper) == {
        "choices": [{"message": {"content": "YES", "tool_calls": [{"id": "x"}]}}, {"text": "NO"}, {"message": {"content": None}}]
    }
    assert measured(
        {"content": [{"type": "text", "text": "yes"}, {"type": "tool_use", "input": {"text": "no"}}]}, Measures(), upper
    ) == {"content": [{"type": "text", "text": "YES"}, {"type": "tool_use", "input": {"text": "no"}}]}


@pytest.mark.parametrize("answer", [{"choices": [None, 3]}, {"choices": "x"}, {"output": [None]}, {"content": "x"}, {}])
def test_answers_of_no_form_pass(answer: dict[str, Any]) -> None:
    assert measured(answer, HIDE, upper) == answer


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def streamed(events: list[dict[str, Any]], measures: Measures, mark: Any = None) -> list[dict[str, Any]]:
    stream = AnswerStream(measures, mark)
    return [found for event in events for found in stream.feed(event)]


def test_a_chat_stream_loses_reasoning_and_keeps_the_rest() -> None:
    events = [
        chunk({"role": "assistant", "content": ""}), chunk({"reasoning_content": "Well"}), chunk({"content": "Yes", "reasoning": "x"}),
        chunk({}, "stop"), {"choices": [], "usage": {"total_tokens": 3}},
    ]  # fmt: skip
    assert streamed(events, HIDE) == [
        chunk({"role": "assistant", "content": ""}), chunk({"content": "Yes"}), chunk({}, "stop"), {"choices": [], "usage": {"total_tokens": 3}}
    ]  # fmt: skip


def test_a_marked_chat_stream_comes_in_one_piece() -> None:
    events = [chunk({"role": "assistant"}), chunk({"content": "yes "}), chunk({"content": "indeed"}), chunk({}, "stop")]
    assert streamed(events, Measures(), upper) == [
        chunk({"role": "assistant"}),
        chunk({"content": "YES INDEED"}),
        chunk({}, "stop"),
    ]
    legacy = [{"choices": [{"index": 0, "text": text, "finish_reason": end}]} for text, end in (("a", None), ("b", "stop"))]
    texts = [event["choices"][0]["text"] for event in streamed(legacy, Measures(), upper)]
    assert texts == ["AB", ""]


def block(kind: str, index: int, **more: Any) -> dict[str, Any]:
    return {"type": f"content_block_{kind}", "index": index, **more}


def test_a_messages_stream_is_numbered_anew() -> None:
    events = [
        {"type": "message_start", "message": {"content": []}},
        block("start", 0, content_block={"type": "thinking"}), block("delta", 0, delta={"type": "thinking_delta"}), block("stop", 0),
        block("start", 1, content_block={"type": "text", "text": ""}), block("delta", 1, delta={"type": "text_delta", "text": "yes"}),
        block("stop", 1), {"type": "message_stop"},
    ]  # fmt: skip
    plain = streamed(events, HIDE)
    assert [event.get("index") for event in plain] == [None, 0, 0, 0, None]
    marked = streamed(events, HIDE, upper)
    assert [event["delta"]["text"] for event in marked if event["type"] == "content_block_delta"] == ["YES"]


def test_a_responses_stream_loses_reasoning_and_marks_every_repetition() -> None:
    item = {"type": "message", "content": [{"type": "output_text", "text": "yes", "logprobs": [1]}]}
    where = {"item_id": "m", "output_index": 1, "content_index": 0}
    events = [
        {"type": "response.output_item.added", "output_index": 0, "item": {"type": "reasoning"}},
        {"type": "response.reasoning_summary_text.delta", "output_index": 0, "delta": "Well"},
        {"type": "response.output_text.delta", **where, "delta": "ye", "logprobs": [1]},
        {"type": "response.output_text.delta", **where, "delta": "s", "logprobs": [1]},
        {"type": "response.output_text.done", **where, "text": "yes"},
        {"type": "response.output_item.done", "output_index": 1, "item": item},
        {"type": "response.completed", "response": {"output": [{"type": "reasoning"}, item]}},
    ]
    plain = streamed(events, HIDE)
    assert [event.get("output_index") for event in plain] == [0, 0, 0, 0, None]
    assert [event["logprobs"] for event in plain[:2]] == [[], []]
    assert len(plain[-1]["response"]["output"]) == 1
    marked = streamed(events, HIDE, upper)
    assert [event["delta"] for event in marked if event["type"].endswith("delta")] == ["YES"]
    assert [event["text"] for event in marked if event["type"].endswith("text.done")] == ["YES"]
    assert marked[-1]["response"]["output"][0]["content"][0]["text"] == "YES"


def test_raw_events_keep_their_names_ids_and_comments() -> None:
    stream = AnswerStream(HIDE, None)
    raw = b'event: content_block_stop\nid: 7\ndata: {"type":"content_block_stop",\ndata: "index":0}'
    assert measured_event(raw, stream) == b'event: content_block_stop\nid: 7\ndata: {"type":"content_block_stop","index":0}\n\n'
    for same in (b": ping", b"data: [DONE]", b"data: [1]", b"data: \xff\xfe", b"data: " + b"[" * 5000):
        assert measured_event(same, stream) == same + b"\n\n"


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_events_are_whole_however_they_are_cut(size: int) -> None:
    data = b"data: 1\n\ndata: 2\r\n\r\ndata: 3"
    splitter = EventSplitter(100)
    found = [event for i in range(0, len(data), size) for event in splitter.feed(data[i : i + size])]
    assert found + splitter.end() == [b"data: 1", b"data: 2", b"data: 3"]


def test_an_endless_event_is_not_collected() -> None:
    splitter = EventSplitter(1000)
    with pytest.raises(EventTooLong):
        for _ in range(20):
            splitter.feed(b"x" * 100)
