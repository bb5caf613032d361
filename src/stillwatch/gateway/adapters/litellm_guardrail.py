"""The gateway inside a LiteLLM proxy: a guardrail that judges before the call and measures the answer, streamed or not, and a
callback that hears how the call ended.

Five lines of the proxy's configuration switch it on; `docs/gateway.md` shows them. The account is the virtual key's hash, as in
LiteLLM's own logs, so that a scan of these and the gateway speak of the same accounts.

A call is followed from hook to hook by a name that is made here and travels in its metadata: LiteLLM's own id of it can be chosen
by the client (``x-litellm-call-id``), who could pass one call off as another.
"""

import asyncio
import atexit
import os
import uuid
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import HTTPException
from litellm.integrations.custom_guardrail import CustomGuardrail

from stillwatch.gateway.adapters.body import Read
from stillwatch.gateway.adapters.client_address import client_address
from stillwatch.gateway.adapters.identity import identify
from stillwatch.gateway.answers.answer_measures import measured, without_reasoning
from stillwatch.gateway.answers.answer_stream import AnswerStream
from stillwatch.gateway.answers.marker import Mark
from stillwatch.gateway.answers.request_limits import limited
from stillwatch.gateway.answers.sse import EventSplitter, measured_event
from stillwatch.gateway.gate import Gate
from stillwatch.gateway.opening import Gateway
from stillwatch.gateway.policy import Measures
from stillwatch.gateway.ruling import TOO_MANY, UNSERVED, Ruling, refusal
from stillwatch.gateway.settings import load_settings

_MOST_OPEN = 20_000
_LONGEST_EVENT = 4 << 20
_CALL = "stillwatch_call"
"""Where a call's name stands in its metadata."""
_PATHS = {"anthropic_messages": "/v1/messages"}


@cache
def gateway_in(folder: str) -> Gateway:
    """The one gateway of this process in a folder; it is closed when the process ends."""
    gateway = Gateway(load_settings(Path(folder)))
    atexit.register(gateway.close)
    return gateway


class _Call:
    """A call between its beginning and its end."""

    def __init__(self, ruling: Ruling, row: Mapping[str, Any]) -> None:
        self.ruling, self.row = ruling, row
        self.granted = False
        self.altered = False


class StillwatchGuardrail(CustomGuardrail):
    """The guardrail; ``folder`` is the gateway's, or the environment variable STILLWATCH_GATEWAY names it."""

    def __init__(self, folder: str = "", gate: Gate | None = None, **others: Any) -> None:
        super().__init__(**others)
        self._gate = gate or gateway_in(folder or os.environ.get("STILLWATCH_GATEWAY", "stillwatch-gateway")).gate
        self._calls: OrderedDict[str, _Call] = OrderedDict()

    async def async_pre_call_hook(self, user_api_key_dict: Any, cache: Any, data: dict[str, Any], call_type: str) -> dict[str, Any]:
        """Judge a call; raises the refusal as an HTTPException, else returns what is to be asked."""
        requests = self._read(user_api_key_dict, data, call_type)
        ruling, row = self._gate.judge_all(requests), requests[0][1]
        if ruling.refused:
            self._gate.finish(ruling, row, status=ruling.status)
            wait = {"retry-after": str(ruling.retry_after)} if ruling.status == TOO_MANY else None
            raise HTTPException(ruling.status, detail=refusal(ruling), headers=wait)
        call = self._opened(data, _Call(ruling, row))
        if ruling.measures.alters and await asyncio.to_thread(self._gate.granted, ruling):
            call.granted = True
            return limited(data, ruling.measures)
        return data

    async def async_post_call_success_hook(self, data: dict[str, Any], user_api_key_dict: Any, response: Any) -> Any:
        """Measure an answer that is not streamed."""
        call = self._granted(data)
        if call is None:
            return response
        call.altered = True
        with self._altering(call):
            return _measured(response, call.ruling.measures, self._gate.mark(call.ruling))
        return response

    async def async_post_call_streaming_iterator_hook(
        self, user_api_key_dict: Any, response: Any, request_data: dict[str, Any]
    ) -> AsyncGenerator[Any]:
        """Measure an answer that is streamed."""
        call = self._granted(request_data)
        if call is None:
            async for item in response:
                yield item
            return
        call.altered = True
        stream = _Stream(call.ruling.measures, self._gate.mark(call.ruling))
        async for item in response:
            left = [item]
            with self._altering(call):
                left = stream.feed(item)
            for measured_item in left:
                yield measured_item

    async def async_log_success_event(self, kwargs: dict[str, Any], response_obj: Any, start_time: Any, end_time: Any) -> None:
        """Record a call that was answered."""
        self._finish(kwargs, 200)

    async def async_log_failure_event(self, kwargs: dict[str, Any], response_obj: Any, start_time: Any, end_time: Any) -> None:
        """Record a call that failed behind the proxy."""
        self._finish(kwargs, getattr(kwargs.get("exception"), "status_code", 500))

    @contextmanager
    def _altering(self, call: _Call) -> Iterator[None]:
        """An answer that cannot be altered passes as it is, or ends in an error, as its grade says."""
        try:
            yield
        except Exception as error:
            self._gate.unreadable(repr(error))
            call.altered = False
            if call.ruling.measures.on_failure == "closed":
                raise HTTPException(502, detail=UNSERVED) from error

    def _finish(self, kwargs: dict[str, Any], status: int) -> None:
        call = self._calls.pop(_name_in(kwargs.get("litellm_params") or {}), None)
        if call is None:
            return
        payload = kwargs.get("standard_logging_object") or {}
        seconds = payload.get("response_time")
        self._gate.finish(
            call.ruling,
            call.row,
            altered=call.altered,
            status=status,
            input_tokens=payload.get("prompt_tokens"),
            output_tokens=payload.get("completion_tokens"),
            latency_ms=seconds * 1000 if isinstance(seconds, int | float) else None,
        )

    def _opened(self, data: dict[str, Any], call: _Call) -> _Call:
        name = str(uuid.uuid4())
        if not any(_metadata(data)):
            data["metadata"] = {}
        next(_metadata(data))[_CALL] = name
        self._calls[name] = call
        if len(self._calls) > _MOST_OPEN:
            self._calls.popitem(last=False)
        return call

    def _granted(self, data: Mapping[str, Any]) -> _Call | None:
        call = self._calls.get(_name_in(data))
        return call if call is not None and call.granted else None

    def _read(self, who: Any, data: Mapping[str, Any], call_type: str) -> list[Read]:
        """The requests in a call; never raises."""
        sent = data.get("proxy_server_request") or {}
        headers = {str(name).lower(): str(value) for name, value in (sent.get("headers") or {}).items()}
        metadata = data.get("metadata") or data.get("litellm_metadata") or {}
        settings = self._gate.settings
        peer = metadata.get("requester_ip_address") or None
        account = _account(who, settings.account_from, headers)
        known = {
            "account_id": account,
            "request_id": str(data.get("litellm_call_id", "")),
            "org_id": getattr(who, "org_id", None) or getattr(who, "team_id", None),
            "end_user_id": getattr(who, "end_user_id", None),
            "plan": (getattr(who, "metadata", None) or {}).get("plan"),
            "ip": client_address(peer, [headers.get("x-forwarded-for", "")], settings.trusted_hops),
            "user_agent": headers.get("user-agent"),
        }
        return self._gate.read(data, _PATHS.get(call_type, ""), headers, known)


def _metadata(holder: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Where LiteLLM keeps what travels with a call, and not to the model."""
    return (found for place in ("litellm_metadata", "metadata") if isinstance(found := holder.get(place), dict))


def _name_in(holder: Mapping[str, Any]) -> str:
    """The name of a call, "" if it has none."""
    return next((str(metadata[_CALL]) for metadata in _metadata(holder) if _CALL in metadata), "")


def _account(who: Any, account_from: str, headers: Mapping[str, str]) -> str:
    """The account behind a virtual key."""
    if account_from == "key":
        return str(getattr(who, "api_key", None) or "")
    if account_from == "org":
        return str(getattr(who, "org_id", None) or getattr(who, "team_id", None) or "")
    if account_from == "end_user":
        return str(getattr(who, "end_user_id", None) or "")
    return identify(account_from, headers).account_id


def _measured(response: Any, measures: Measures, mark: Mark | None) -> Any:
    """An answer as LiteLLM holds it, measured: dictionaries anew, objects in place, so that what hangs on them stays."""
    if isinstance(response, dict):
        return measured(response, measures, mark)
    for choice in getattr(response, "choices", None) or []:
        _measure_choice(choice, measures, mark)
    if isinstance(getattr(response, "output", None), list):
        items = [item if isinstance(item, dict) else item.model_dump() for item in response.output]
        response.output = measured({"output": items}, measures, mark)["output"]
    return response


def _measure_choice(choice: Any, measures: Measures, mark: Mark | None) -> None:
    if "logprobs" in measures.strip and getattr(choice, "logprobs", None) is not None:
        choice.logprobs = None
    message = getattr(choice, "message", None)
    if message is None:
        return
    if "reasoning" in measures.strip:
        held = message.model_dump()
        left = without_reasoning(held)
        for name in held.keys() - left.keys():
            delattr(message, name)
        if "provider_specific_fields" in left:
            message.provider_specific_fields = left["provider_specific_fields"]
    if mark and isinstance(message.content, str):
        message.content = mark(message.content)


class _Stream:
    """A stream as LiteLLM holds it: chunks as objects, or bytes of server-sent events."""

    def __init__(self, measures: Measures, mark: Mark | None) -> None:
        self._stream = AnswerStream(measures, mark)
        self._events = EventSplitter(_LONGEST_EVENT)

    def feed(self, item: Any) -> list[Any]:
        """What to send for one item."""
        if isinstance(item, bytes | str):
            raw = item.encode() if isinstance(item, str) else item
            data = b"".join(measured_event(event, self._stream) for event in self._events.feed(raw))
            return ([data.decode()] if isinstance(item, str) else [data]) if data else []
        if isinstance(item, dict):
            return list(self._stream.feed(item))
        if hasattr(item, "model_dump"):
            return [type(item)(**event) for event in self._stream.feed(item.model_dump())]
        return [item]
