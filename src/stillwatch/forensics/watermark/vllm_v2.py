"""The marks for vLLM's Model Runner V2, whose logits processors read the token history on the device.

A module of the operator makes the class, and ``vllm serve --logits_processors marks:Marks`` loads it::

    Marks = processor_class(GreenList(), Path("watermark.secret").read_bytes())

Rows of draft tokens (speculative decoding) are marked by the drafts before them. Needs torch and vLLM; held against
``vllm/v1/worker/gpu/sample/logits_processor/interface.py`` at commit 0e0c7af89deb (the interface of vLLM 0.32) and tested with a
stand-in for it, not yet on a GPU. vLLM says that this interface may change, and versions before had another under the same name:
where the fields that are read here are missing, no class is made.
"""

import sys
from typing import Any, ClassVar

import numpy as np
import torch

from stillwatch.errors import UsageError
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.keyed_hash import Words
from stillwatch.forensics.watermark.tensors import Step, context_of, mark_tensor
from stillwatch.forensics.watermark.vllm_requests import KeyRing, owner_of


def processor_class(scheme: GreenList | Gumbel, secret: bytes) -> type:
    """The class to hand to vLLM, a subclass of its ``LogitsProcessor``.

    Raises UsageError if the secret is too short, or if the installed vLLM has another interface.
    """
    from vllm.v1.worker.gpu.sample.logits_processor import LogitsProcessor

    _check(LogitsProcessor)
    return type("MarkingProcessor", (_Marking, LogitsProcessor), {"scheme": scheme, "ring": KeyRing(secret)})


_READ = frozenset({"expanded_idx_mapping", "expanded_local_pos", "input_ids", "pos", "seq_lens_upper_bound_np"})
"""Fields of vLLM's ``LogitsContext``."""


def _check(interface: type) -> None:
    """Raise UsageError unless each step is described as it is read here."""
    context = getattr(sys.modules[interface.__module__], "LogitsContext", None)
    missing = _READ - set(getattr(context, "__dataclass_fields__", ()))
    if missing:
        what = f"this vLLM tells a logits processor nothing of {', '.join(sorted(missing))}"
        raise UsageError(what, place="vLLM's Model Runner V2", cure="use vLLM 0.32, or the first runner with watermark.vllm_v1")


class _Marking:
    """Marks the rows of requests that name their account; the methods are those of vLLM's interface."""

    scheme: ClassVar[GreenList | Gumbel]
    ring: ClassVar[KeyRing]

    def __init__(self, vllm_config: Any, req_states: Any) -> None:
        self._slots = _Slots(req_states)

    @classmethod
    def validate_params(cls, sampling_params: Any) -> None:
        """Raise ValueError for a request that names half an owner."""
        owner_of(sampling_params.extra_args)

    def add_request(self, req_idx: int, sampling_params: Any) -> bool:
        """Take a request into its slot; whether it is marked."""
        owner = owner_of(sampling_params.extra_args)
        sampled = isinstance(self.scheme, GreenList) or sampling_params.temperature > 0
        row = self.ring.row(owner) if owner and sampled else None
        self._slots.fill(req_idx, row, sampling_params.temperature)
        return row is not None

    def apply_staged_writes(self) -> None:
        """Bring what requests added to the device."""
        self._slots.flush()

    def apply(self, logits: torch.Tensor, ctx: Any) -> torch.Tensor:
        """Mark in place, before temperature."""
        return mark_tensor(self.scheme, self._slots.step(self.scheme, ctx), logits)


class _Slots:
    """The keys, temperatures and marks of request slots, on the host and on the device."""

    def __init__(self, req_states: Any) -> None:
        size = req_states.max_num_reqs
        self._history = req_states.all_token_ids
        self._host = (torch.zeros(size, 8, dtype=torch.int64), torch.ones(size), torch.zeros(size, dtype=torch.bool))
        self._device = tuple(table.to(req_states.device, copy=True) for table in self._host)

    def fill(self, slot: int, row: Words | None, temperature: float) -> None:
        """Overwrite everything that a slot holds."""
        rows, temperatures, marked = self._host
        marked[slot] = row is not None
        temperatures[slot] = temperature if temperature > 0 else 1.0
        if row is not None:
            rows[slot] = torch.from_numpy(row.view(np.int64))

    def flush(self) -> None:
        """Copy to the device without waiting."""
        for there, here in zip(self._device, self._host, strict=True):
            there.copy_(here, non_blocking=True)

    def step(self, scheme: GreenList | Gumbel, ctx: Any) -> Step:
        """The step of this batch, from the tokens fed and the history on the device."""
        slots, positions = ctx.expanded_idx_mapping.long(), ctx.pos.long()
        rows, temperatures, marked = (table[slots] for table in self._device)
        last = ctx.input_ids.long()[:, None]
        if scheme.width > 1:
            last = torch.cat([self._token_before(ctx, slots, positions)[:, None], last], dim=1)
        live = marked & (positions >= scheme.width - 1)
        if isinstance(scheme, Gumbel):
            live &= ~self._came_before(last, ctx, slots, positions)
        return Step(rows, context_of(last, scheme.width), live, temperatures)

    def _token_before(self, ctx: Any, slots: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """The token before the one fed: the draft in the row above, or else the last but one of the history."""
        drafted = torch.roll(ctx.input_ids.long(), 1)
        committed = self._history.gpu[slots, (positions - 1).clamp(min=0)].long()
        return torch.where(ctx.expanded_local_pos > 0, drafted, committed)

    def _came_before(self, last: torch.Tensor, ctx: Any, slots: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """Whether the context stands earlier in the history; drafts of this step are not looked at."""
        width, longest = last.shape[1], int(ctx.seq_lens_upper_bound_np.max())
        windows = self._history.gpu[slots, :longest].long().unfold(1, width, 1)
        ends = torch.arange(windows.shape[1], device=last.device) + width - 1
        return ((windows == last[:, None, :]).all(dim=2) & (ends[None, :] < positions[:, None])).any(dim=1)
