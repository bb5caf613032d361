"""Messages of a chat request, flattened to what the canonical columns hold.

Content may be text or parts; parts that are no text leave a mark (``[image]``), so that two different uses do not look
alike and nothing of the medium is kept.

>>> flatten([{"role": "user", "content": [{"type": "text", "text": "Look"}, {"type": "image_url"}]}])
{'n_messages': 1, 'system_prompt': None, 'prompt': 'Look\\n[image]'}
"""

from collections.abc import Iterator, Sequence
from typing import Any

from stillwatch.traffic.readers.record import Record, Row, digest, items, mapping

_MARKS = {
    "image": "[image]",
    "image_url": "[image]",
    "input_image": "[image]",
    "input_audio": "[audio]",
    "audio": "[audio]",
    "video": "[video]",
    "video_url": "[video]",
    "file": "[file]",
    "input_file": "[file]",
    "document": "[file]",
    "blob": "[file]",
    "uri": "[file]",
}
SYSTEM = ("system", "developer")
_RESULTS = ("tool_result", "tool_call_response")
_REASONING = ("reasoning", "thinking", "redacted_thinking", "reasoningContent")
"""Parts that hold the model's reasoning; they are no text of a message."""


def content_text(content: object) -> str:
    """The text of a message's content: a string, or parts joined by line ends."""
    if isinstance(content, str):
        return content
    parts = [part if isinstance(part, str) else _part(part) for part in items(content)]
    return "\n".join(part for part in parts if part)


def _part(part: object) -> str:
    fields = mapping(part)
    kind = fields.get("type")
    medium = _MARKS.get(str(fields.get("modality")))
    if isinstance(kind, str) and (kind in _MARKS or kind in _REASONING):
        return medium or _MARKS.get(kind, "")
    for name in ("text", "content", "input_text", "output_text"):
        value = fields.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            return content_text(value)
    return next((mark for name, mark in _MARKS.items() if name in fields), "")


def flatten(messages: Sequence[Any], system: object = None) -> Row:
    """``n_messages``, ``system_prompt`` and ``prompt`` (the last user message) of a list of messages.

    ``system`` is a system prompt that stands beside the messages; it counts as one of them. Of several system messages
    the texts are joined. A user message that only returns tool results is passed over if an earlier one has text.
    """
    found = [mapping(message) for message in messages]
    systems = [content_text(system)] if system else []
    systems += [_body(message) for message in found if message.get("role") in SYSTEM]
    users = [_body(message) for message in found if message.get("role") == "user" and not _only_results(message)]
    return {
        "n_messages": len(found) + bool(system),
        "system_prompt": "\n".join(systems) or None,
        "prompt": users[-1] if users else None,
    }


def _body(message: Any) -> str:
    return content_text(message.get("content", message.get("parts")))


def _only_results(message: Any) -> bool:
    parts = [mapping(part) for part in items(message.get("content", message.get("parts")))]
    return bool(parts) and all(part.get("type") in _RESULTS or "toolResult" in part for part in parts)


def reasoning_blocks(messages: Sequence[Any]) -> list[str] | None:
    """Digests of the signed or encrypted reasoning blocks that messages (or input items) bring back; None if there are none.

    Known are Messages thinking, items of the responses API, Converse content, and the ``thinking_blocks`` and
    ``reasoning_details`` that gateways hang on chat messages.
    """
    found = [seal for message in messages for part in _parts(mapping(message)) for seal in _seals(part)]
    return [digest(seal) for seal in found if isinstance(seal, str) and seal] or None


def _parts(message: Record) -> Iterator[Record]:
    yield message
    for name in ("content", "thinking_blocks", "reasoning_details"):
        yield from map(mapping, items(message.get(name)))


def _seals(part: Record) -> Iterator[object]:
    kind = part.get("type")
    if kind == "thinking":
        yield part.get("signature")
    elif kind in ("redacted_thinking", "reasoning.encrypted"):
        yield part.get("data")
    elif "reasoningContent" in part:
        held = mapping(part["reasoningContent"])
        yield mapping(held.get("reasoningText")).get("signature")
        yield held.get("redactedContent")
    yield part.get("encrypted_content")
