"""Facts: what a gateway knows of one request when it must decide.

The fields have the names and meanings of the request columns (data contract, section 1). Of texts only samples are here
(scaffold fingerprints); the facts of a row of past traffic and of a live request are the same value.

>>> Facts(account_id="acct-1", ip="192.0.2.7").model
''
"""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from stillwatch.traffic.buffers import Hashes
from stillwatch.traffic.winnowing import samples

NO_SAMPLES: Hashes = np.empty(0, np.uint64)


class Facts(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One request.

    ``samples``: the distinct samples of its system prompt and prompt together, ascending; ``reasoning_blocks``: digests of the
    sealed reasoning that it brings in; ``tokens``: pseudonymous tokens of the account's identifiers, where a provider has them;
    ``plan``: as billed, if the adapter knows it. Absent is None, "" or empty, and speaks for nobody and against nobody.
    """

    account_id: str
    request_id: str = ""
    model: str = ""
    org_id: str | None = None
    end_user_id: str | None = None
    plan: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    client_fingerprint: str | None = None
    access_path: str | None = None
    operation: str | None = None
    conversation_id: str | None = None
    n_messages: int | None = None
    tools: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    n: int | None = None
    max_output_tokens: int | None = None
    top_logprobs: int | None = None
    reasoning_requested: bool | None = None
    reasoning_blocks: tuple[str, ...] = ()
    stream: bool | None = None
    tokens: tuple[str, ...] = ()
    samples: Hashes = NO_SAMPLES


_FIELDS = frozenset(Facts.__struct_fields__) - {"samples", "reasoning_blocks", "tokens"}


def facts_of(row: Mapping[str, Any], **known: Any) -> Facts:
    """The facts in a row of the request columns; ``known`` adds to them and wins over the row."""
    fields = {name: value for name, value in row.items() if name in _FIELDS and value is not None}
    fields["reasoning_blocks"] = tuple(row.get("reasoning_blocks") or ())
    fields["samples"] = _samples(row)
    fields |= known
    return Facts(**fields)


def _samples(row: Mapping[str, Any]) -> Hashes:
    """The distinct samples of both texts; a system prompt that is absent costs nothing."""
    prompt, system = row.get("prompt"), row.get("system_prompt")
    if not system:
        return samples(prompt) if prompt else NO_SAMPLES
    return np.union1d(samples(system), samples(prompt)) if prompt else samples(system)
