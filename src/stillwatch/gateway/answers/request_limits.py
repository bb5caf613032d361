"""What a grade changes in a request before a model sees it: how much may be asked of one answer.

The forms are those of chat completions, legacy completions, the responses API and Messages; fields that a form does not have are
not touched.

>>> limited({"messages": [], "n": 8, "logprobs": True, "top_logprobs": 20}, Measures(strip=frozenset({"logprobs"}), max_n=1))
{'messages': [], 'n': 1}
"""

from collections.abc import Mapping
from typing import Any

from stillwatch.gateway.policy import Measures

_LOGPROBS = ("logprobs", "top_logprobs")
_SEALED = "reasoning.encrypted_content"


def limited(body: Mapping[str, Any], measures: Measures) -> dict[str, Any]:
    """The body with what the measures leave of it; the given one is not changed."""
    out = dict(body)
    _cap(out, "n", measures.max_n)
    _cap(out, "best_of", measures.max_n)
    _cap(out, "top_logprobs", measures.max_top_logprobs)
    if not isinstance(out.get("logprobs"), bool):
        _cap(out, "logprobs", measures.max_top_logprobs)
    if "logprobs" in measures.strip:
        for name in _LOGPROBS:
            out.pop(name, None)
    if isinstance(out.get("include"), list):
        out["include"] = [item for item in out["include"] if not _hidden(item, measures)]
    if "reasoning" in measures.strip and isinstance(out.get("reasoning"), Mapping):
        out["reasoning"] = {name: value for name, value in out["reasoning"].items() if name not in ("summary", "generate_summary")}
    return out


def _cap(body: dict[str, Any], name: str, most: int | None) -> None:
    value = body.get(name)
    if most is not None and isinstance(value, int) and value > most:
        body[name] = most


def _hidden(item: object, measures: Measures) -> bool:
    """Whether an item of ``include`` asks for something that is left out."""
    if item == _SEALED:
        return "reasoning" in measures.strip
    return "logprobs" in measures.strip and str(item).endswith(".logprobs")
