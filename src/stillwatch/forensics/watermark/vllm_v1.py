"""The marks for vLLM's first model runner (``VLLM_USE_V2_MODEL_RUNNER=0`` and before), whose processors follow the batch.

Loaded like the class of ``vllm_v2``. The interface has no speculative decoding. Needs torch and vLLM; held against
``vllm/v1/sample/logits_processor/interface.py`` at commit 05da17cdc63b and tested with a stand-in for it, not yet on a GPU.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch

from stillwatch.forensics.watermark.contexts import Tokens
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.keyed_hash import Words
from stillwatch.forensics.watermark.tensors import mark_tensor, step_of
from stillwatch.forensics.watermark.vllm_requests import KeyRing, owner_of


class _Request(NamedTuple):
    """A marked request: ``answer`` is vLLM's own list, which grows as tokens are drawn."""

    row: Words
    temperature: float
    prompt: Sequence[int]
    answer: Sequence[int]


def processor_class(scheme: GreenList | Gumbel, secret: bytes) -> type:
    """The class to hand to vLLM, a subclass of its ``LogitsProcessor``. Raises UsageError if the secret is too short."""
    from vllm.v1.sample.logits_processor import LogitsProcessor, MoveDirectionality

    fields = {"scheme": scheme, "ring": KeyRing(secret), "swap": MoveDirectionality.SWAP}
    return type("MarkingProcessor", (_Marking, LogitsProcessor), fields)


class _Marking:
    """Marks the rows of requests that name their account; the methods are those of vLLM's interface."""

    scheme: ClassVar[GreenList | Gumbel]
    ring: ClassVar[KeyRing]
    swap: ClassVar[Any]

    def __init__(self, vllm_config: Any, device: torch.device, is_pin_memory: bool) -> None:
        self._requests: dict[int, _Request] = {}

    @classmethod
    def validate_params(cls, sampling_params: Any) -> None:
        """Raise ValueError for a request that names half an owner."""
        owner_of(sampling_params.extra_args)

    def is_argmax_invariant(self) -> bool:
        """A mark may change which token is the likeliest."""
        return False

    def update_state(self, batch_update: Any) -> None:
        """Follow the batch: removed, added, moved, in this order."""
        if batch_update is None:
            return
        for index in batch_update.removed:
            self._requests.pop(index, None)
        for index, params, prompt, answer in batch_update.added:
            self._add(index, params, prompt or [], answer)
        for start, end, direction in batch_update.moved:
            self._move(start, end, both=direction == self.swap)

    def apply(self, logits: torch.Tensor) -> torch.Tensor:
        """Mark in place, before temperature."""
        if not self._requests:
            return logits
        indices = torch.tensor(list(self._requests), device=logits.device)
        logits[indices] = _marked(self.scheme, list(self._requests.values()), logits[indices])
        return logits

    def _add(self, index: int, params: Any, prompt: Sequence[int], answer: Sequence[int]) -> None:
        self._requests.pop(index, None)
        owner = owner_of(params.extra_args)
        if owner and (isinstance(self.scheme, GreenList) or params.temperature > 0):
            self._requests[index] = _Request(self.ring.row(owner), params.temperature, prompt, answer)

    def _move(self, start: int, end: int, *, both: bool) -> None:
        moving, staying = self._requests.pop(start, None), self._requests.pop(end, None)
        if moving is not None:
            self._requests[end] = moving
        if both and staying is not None:
            self._requests[start] = staying


def _marked(scheme: GreenList | Gumbel, requests: Sequence[_Request], logits: torch.Tensor) -> torch.Tensor:
    """Logits of these requests, marked."""
    needed = scheme.width if isinstance(scheme, GreenList) else max(len(each.prompt) + len(each.answer) for each in requests)
    previous = torch.from_numpy(np.stack([_last(each, needed) for each in requests])).to(logits.device)
    rows = torch.from_numpy(np.stack([each.row for each in requests]).view(np.int64)).to(logits.device)
    temperature = torch.tensor([each.temperature or 1.0 for each in requests], device=logits.device)
    step = step_of(rows, previous, scheme)._replace(temperature=temperature)
    return mark_tensor(scheme, step, logits)


def _last(request: _Request, count: int) -> Tokens:
    """The last ``count`` tokens of prompt and answer, filled up with −1 on the left."""
    tokens = [*request.prompt[max(0, len(request.prompt) - count) :], *request.answer][-count:]
    return np.array([-1] * (count - len(tokens)) + tokens, np.int64)
