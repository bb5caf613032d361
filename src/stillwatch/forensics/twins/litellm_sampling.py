"""Sampled requests of a LiteLLM proxy: the seed is set before the call, and what was served goes into a log that ``record`` signs.

A module of the operator makes the callback, and ``litellm_settings: {callbacks: ["twins.sampling"]}`` loads it::

    sampling = TwinSampling(Path("served.jsonl"), Path("coins.key").read_bytes(), snapshot="snapshot-1", share=0.02)

Rules
- A request is sampled by a name that is made here, so that no caller can choose or repeat its coins.
- Sampled are only requests of which a twin can be drawn: one user message and nothing else, one answer, no tools, some temperature,
  and no seed of the caller's own.
- The account is the virtual key's hash, as in LiteLLM's logs. An answer that was not served in full is not logged.
"""

import asyncio
import uuid
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from litellm.integrations.custom_logger import CustomLogger

from stillwatch.forensics.twins.coins import coin_list
from stillwatch.forensics.twins.serving import Sampler, ServedAnswer

_NAME = "stillwatch_twin"
"""Where a request's name stands in its metadata, with the account's."""
_FOREIGN = ("seed", "tools", "functions", "response_format", "logit_bias")
_CHATS = ("completion", "acompletion")
_BITS = 128


class TwinSampling(CustomLogger):
    """Samples a ``share`` of all requests, and every one of the ``accounts`` (hashes of virtual keys) that a scan reports."""

    def __init__(self, log: Path, secret: bytes, *, snapshot: str, share: float, accounts: Collection[str] = ()) -> None:
        super().__init__()
        coin_list(secret, "")  # a short secret is refused now
        self._log, self._secret, self._snapshot = log, secret, snapshot
        self._share, self._accounts = share, frozenset(accounts)
        self._lock = asyncio.Lock()

    async def async_pre_call_hook(self, user_api_key_dict: Any, cache: Any, data: dict[str, Any], call_type: str) -> dict[str, Any]:
        """Set the first seed of a sampled request."""
        account, name = str(user_api_key_dict.api_key or ""), uuid.uuid4()
        chosen = account in self._accounts or name.int < self._share * 2**_BITS
        if not account or not chosen or call_type not in _CHATS or not has_twin(data):
            return data
        data["seed"] = coin_list(self._secret, str(name)).seeds[0]
        data["temperature"], data["top_p"] = data.get("temperature", 1.0), data.get("top_p", 1.0)
        data["metadata"] = (data.get("metadata") or {}) | {_NAME: [str(name), account]}
        return data

    async def async_log_success_event(self, kwargs: dict[str, Any], response_obj: Any, start_time: Any, end_time: Any) -> None:
        """Log a sampled request, streamed or not, once it was served."""
        metadata = (kwargs.get("litellm_params") or {}).get("metadata") or {}
        if _NAME not in metadata:
            return
        name, account = metadata[_NAME]
        served = ServedAnswer(
            request_id=name,
            ts=datetime.now(UTC).isoformat(),
            account=account,
            prompt=kwargs["messages"][0]["content"],
            answer=response_obj.choices[0].message.content or "",
            snapshot=self._snapshot,
            sampler=_sampler(kwargs.get("optional_params") or {}),
        )
        async with self._lock:
            await asyncio.to_thread(_append, self._log, served)


def has_twin(data: Mapping[str, Any]) -> bool:
    """Whether a second answer to this request can be drawn alike from what the log keeps of it."""
    messages = data.get("messages") or []
    alone = len(messages) == 1 and messages[0].get("role") == "user" and isinstance(messages[0].get("content"), str)
    drawn = data.get("n", 1) in (1, None) and data.get("temperature", 1.0) not in (0, None)
    return alone and drawn and not any(data.get(name) for name in _FOREIGN)


def _sampler(given: Mapping[str, Any]) -> Sampler:
    longest = given.get("max_completion_tokens") or given.get("max_tokens")
    return Sampler(float(given["temperature"]), float(given["top_p"]), longest)


def _append(log: Path, served: ServedAnswer) -> None:
    with log.open("ab") as file:
        file.write(msgspec.json.encode(served) + b"\n")
