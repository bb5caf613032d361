"""The measures of a grade on an answer that is streamed, event by event.

Rules: events that carry only reasoning are dropped, and what stands after a dropped part is numbered anew, so that clients see a
whole stream without it. A mark needs the whole text, so a marked text comes in one piece at its end. An event of no known form
passes.

>>> stream = AnswerStream(Measures(strip=frozenset({"reasoning"})), None)
>>> stream.feed({"choices": [{"index": 0, "delta": {"reasoning_content": "Well ..."}, "finish_reason": None}]})
[]
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from stillwatch.gateway.answers.answer_measures import is_reasoning, measured, parts, without_reasoning
from stillwatch.gateway.answers.marker import Mark
from stillwatch.gateway.policy import Measures

Event = dict[str, Any]


class AnswerStream:
    """One stream; feed it every event in order."""

    def __init__(self, measures: Measures, mark: Mark | None) -> None:
        self._measures, self._mark = measures, mark
        self._hides = "reasoning" in measures.strip
        self._held: defaultdict[Any, list[str]] = defaultdict(list)
        self._dropped: set[int] = set()

    def feed(self, event: Mapping[str, Any]) -> list[Event]:
        """The events to send for one event."""
        if isinstance(event.get("choices"), list):
            return self._chunk(event)
        kind = str(event.get("type", ""))
        if kind.startswith("content_block_"):
            return self._block(kind, event)
        if kind.startswith("response."):
            return self._response(kind, event)
        return [dict(event)]

    def _chunk(self, event: Mapping[str, Any]) -> list[Event]:
        """A chunk of a chat or legacy completion."""
        before, choices = [], []
        for choice in event["choices"]:
            kept = self._choice(choice) if isinstance(choice, Mapping) else choice
            if isinstance(kept, dict) and kept.get("finish_reason") and (text := self._release(kept.get("index", 0))):
                content = {"text": text} if "text" in kept else {"delta": {"content": text}}
                before.append({**event, "choices": [{"index": kept.get("index", 0), **content, "finish_reason": None}]})
            choices.append(kept)
        if choices and not event.get("usage") and all(map(_says_nothing, choices)):
            return before
        return [*before, {**event, "choices": choices}]

    def _choice(self, choice: Mapping[str, Any]) -> Event:
        out = dict(choice)
        if "logprobs" in self._measures.strip and "logprobs" in out:
            out["logprobs"] = None
        if isinstance(out.get("delta"), Mapping):
            out["delta"] = without_reasoning(out["delta"]) if self._hides else dict(out["delta"])
            self._hold(out["delta"], "content", out.get("index", 0))
        self._hold(out, "text", out.get("index", 0))
        return out

    def _block(self, kind: str, event: Mapping[str, Any]) -> list[Event]:
        """An event of a part in a Messages stream."""
        out, index = dict(event), event.get("index")
        if not isinstance(index, int):
            return [out]
        if kind == "content_block_start" and self._hides and is_reasoning(event.get("content_block")):
            self._dropped.add(index)
        if index in self._dropped:
            return []
        out["index"] = self._numbered(index)
        delta = out.get("delta")
        if isinstance(delta, Mapping) and delta.get("type") == "text_delta":
            out["delta"] = dict(delta)
            return [] if self._hold(out["delta"], "text", index) else [out]
        text = self._release(index) if kind == "content_block_stop" else ""
        marked = {"type": "content_block_delta", "index": out["index"], "delta": {"type": "text_delta", "text": text}}
        return [marked, out] if text else [out]

    def _response(self, kind: str, event: Mapping[str, Any]) -> list[Event]:
        """An event of the responses API."""
        out, index = dict(event), event.get("output_index")
        if self._hides and (kind.startswith("response.reasoning") or is_reasoning(event.get("item"))):
            if isinstance(index, int):
                self._dropped.add(index)
            return []
        if isinstance(index, int):
            out["output_index"] = self._numbered(index)
        if "logprobs" in self._measures.strip and "logprobs" in out:
            out["logprobs"] = []
        held = (event.get("item_id"), event.get("content_index"))
        if kind == "response.output_text.delta" and self._hold(out, "delta", held):
            return []
        return [*self._released(kind, held, out), self._whole(out)]

    def _released(self, kind: str, held: object, out: Event) -> list[Event]:
        """The text that was held back for a mark, when its end comes."""
        text = self._release(held) if kind == "response.output_text.done" else ""
        same = {name: value for name, value in out.items() if name not in ("text", "type")}
        return [{**same, "type": "response.output_text.delta", "delta": text}] if text else []

    def _whole(self, out: Event) -> Event:
        """An event that repeats whole texts, items or the answer, measured like them."""
        if isinstance(out.get("response"), Mapping):
            out["response"] = measured(out["response"], self._measures, self._mark)
        for name in ("item", "part"):
            if isinstance(out.get(name), Mapping):
                out[name] = parts([out[name]], self._measures, self._mark)[0]
        if self._mark and out.get("type") == "response.output_text.done" and isinstance(out.get("text"), str):
            out["text"] = self._mark(out["text"])
        return out

    def _numbered(self, index: int) -> int:
        return index - sum(1 for dropped in self._dropped if dropped < index)

    def _hold(self, out: Event, name: str, place: object) -> bool:
        """Keep a piece of text back if it is to be marked; whether it was."""
        if self._mark is None or not isinstance(out.get(name), str):
            return False
        self._held[place].append(out[name])
        out[name] = ""
        return True

    def _release(self, place: object) -> str:
        text = "".join(self._held.pop(place, []))
        return self._mark(text) if self._mark and text else text


def _says_nothing(choice: object) -> bool:
    """Whether a choice of a chunk has nothing left in it."""
    if not isinstance(choice, Mapping) or choice.get("finish_reason") or choice.get("text"):
        return False
    delta = choice.get("delta")
    return "delta" not in choice or (isinstance(delta, Mapping) and not any(delta.values()))
