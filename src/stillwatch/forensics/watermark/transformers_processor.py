"""The marks as a ``LogitsProcessor`` of the transformers library, for ``model.generate(logits_processor=[...])``.

Needs torch and transformers. Give the sampler's temperature to the Gumbel watermark; both marks work before and after the
library's own processors, because they neither raise what was ruled out nor depend on how many tokens were.
"""

from typing import TypeAlias

import numpy as np
import torch
from transformers import LogitsProcessor

from stillwatch.errors import UsageError
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.hook import mark
from stillwatch.forensics.watermark.keyed_hash import Words
from stillwatch.forensics.watermark.tensors import mark_tensor, step_of

Marks: TypeAlias = GreenList | Gumbel


class MarkingProcessor(LogitsProcessor):  # type: ignore[misc]
    """Marks each row of a batch with its account's keys.

    ``rows``: keys, uint64 (requests, 8), one row for each request of the batch; where a request has several sequences (beams,
    ``num_return_sequences``) they follow one another, as the library arranges them. ``pad_token_id``: what fills short prompts
    on the left, if anything.
    """

    def __init__(self, scheme: Marks, rows: Words, *, pad_token_id: int | None = None) -> None:
        self._scheme = scheme
        self._rows = np.atleast_2d(rows)
        self._pad_token_id = pad_token_id

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores (batch, vocabulary), marked; those given stay as they were."""
        rows = np.repeat(self._rows, self._sequences(len(scores)), axis=0)
        previous = self._without_padding(input_ids)
        marked = scores.clone(memory_format=torch.contiguous_format)
        if marked.device.type == "cpu" and marked.dtype == torch.float32:
            mark(self._scheme, rows, previous.numpy(), marked.numpy())
            return marked
        on_device = torch.from_numpy(rows.view(np.int64)).to(marked.device)
        return mark_tensor(self._scheme, step_of(on_device, previous, self._scheme), marked)

    def _sequences(self, batch: int) -> int:
        """How many sequences each request has."""
        sequences, left = divmod(batch, len(self._rows))
        if left or not sequences:
            raise UsageError(
                f"{batch} sequences for the keys of {len(self._rows)} requests",
                place="watermark processor",
                cure="give one row of keys for each request of the batch",
            )
        return sequences

    def _without_padding(self, input_ids: torch.Tensor) -> torch.Tensor:
        """Previous tokens with −1 for the padding before the first real one."""
        if self._pad_token_id is None:
            return input_ids.long()
        padding = (input_ids == self._pad_token_id).long().cumprod(dim=1).bool()
        return input_ids.long().masked_fill(padding, -1)
