"""What a grade changes in an answer: reasoning and log-probabilities left out, text marked.

>>> answer = {"choices": [{"message": {"content": "Yes.", "reasoning_content": "Well ..."}, "logprobs": {}}]}
>>> measured(answer, Measures(strip=frozenset({"reasoning", "logprobs"})), None)
{'choices': [{'message': {'content': 'Yes.'}, 'logprobs': None}]}
"""

from collections.abc import Mapping
from typing import Any

from stillwatch.gateway.answers.marker import Mark
from stillwatch.gateway.policy import Measures

REASONING = ("reasoning", "reasoning_content", "reasoning_details", "reasoning_text", "thinking", "thinking_blocks")
"""Fields of a message or a delta that hold reasoning, as various servers name them."""
REASONING_KINDS = ("reasoning", "thinking", "redacted_thinking")
"""Kinds of parts and items that are reasoning."""


def measured(answer: Mapping[str, Any], measures: Measures, mark: Mark | None) -> dict[str, Any]:
    """The answer with what the measures leave of it, its text marked by ``mark``; the given one is not changed.

    Forms: chat and legacy completions (``choices``), the responses API (``output``), Messages (``content``).
    """
    out = dict(answer)
    if isinstance(out.get("choices"), list):
        out["choices"] = [_choice(choice, measures, mark) for choice in out["choices"]]
    for name in ("output", "content"):
        if isinstance(out.get(name), list):
            out[name] = parts(out[name], measures, mark)
    return out


def parts(items: list[Any], measures: Measures, mark: Mark | None) -> list[Any]:
    """Parts of a message, or items of an output, without those that are reasoning."""
    kept = [item for item in items if not (is_reasoning(item) and "reasoning" in measures.strip)]
    return [_part(item, measures, mark) if isinstance(item, Mapping) else item for item in kept]


def is_reasoning(item: object) -> bool:
    """Whether a part or item is reasoning."""
    return isinstance(item, Mapping) and item.get("type") in REASONING_KINDS


def without_reasoning(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message or delta without the fields that hold reasoning."""
    out = {name: value for name, value in message.items() if name not in REASONING}
    extra = out.get("provider_specific_fields")
    if isinstance(extra, Mapping):
        out["provider_specific_fields"] = {name: value for name, value in extra.items() if name not in REASONING}
    return out


def _choice(choice: Any, measures: Measures, mark: Mark | None) -> Any:
    if not isinstance(choice, Mapping):
        return choice
    out = dict(choice)
    if "logprobs" in measures.strip and "logprobs" in out:
        out["logprobs"] = None
    if mark and isinstance(out.get("text"), str):
        out["text"] = mark(out["text"])
    if isinstance(out.get("message"), Mapping):
        out["message"] = _message(out["message"], measures, mark)
    return out


def _message(message: Mapping[str, Any], measures: Measures, mark: Mark | None) -> dict[str, Any]:
    out = without_reasoning(message) if "reasoning" in measures.strip else dict(message)
    content = out.get("content")
    if isinstance(content, list):
        out["content"] = parts(content, measures, mark)
    elif mark and isinstance(content, str):
        out["content"] = mark(content)
    return out


def _part(part: Mapping[str, Any], measures: Measures, mark: Mark | None) -> dict[str, Any]:
    out = dict(part)
    if "logprobs" in measures.strip and "logprobs" in out:
        out["logprobs"] = []
    if mark and isinstance(out.get("text"), str):
        out["text"] = mark(out["text"])
    if isinstance(out.get("content"), list):
        out["content"] = parts(out["content"], measures, mark)
    return out
