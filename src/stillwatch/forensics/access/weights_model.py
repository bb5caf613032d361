"""A model whose weights we hold, through transformers (an optional package; nothing is downloaded).

Scores are sums of log-softmax over the tokens that begin within the answer, as for end points; text sent stays on this machine.
Answers are drawn one at a time, because the seed belongs to the whole process.
"""

import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillwatch.errors import UsageError
from stillwatch.forensics.access.endpoint import Endpoint
from stillwatch.forensics.access.outcome import Answer, Score


class WeightsModel:
    """Answers and scores of a local causal language model; implements ``Model`` and ``OpenWeights``."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Load tokeniser and weights from ``endpoint.weights``. Raises UsageError without transformers or without such a folder."""
        try:
            import torch
            import transformers
        except ImportError as error:
            raise UsageError(
                "open weights need torch and transformers", place=endpoint.model, cure="pip install torch transformers"
            ) from error
        if not Path(endpoint.weights).is_dir():
            raise UsageError("no folder of weights", place=endpoint.weights, cure="name a folder as transformers saves it")
        self._endpoint = endpoint
        self._torch = torch
        self._lock = threading.Lock()
        self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(endpoint.weights, local_files_only=True, use_fast=True)
        self._model: Any = transformers.AutoModelForCausalLM.from_pretrained(endpoint.weights, local_files_only=True).eval()

    def answer(self, prompt: str, draw: int = 0) -> Answer:
        """A sampled answer; ``draw`` is the seed."""
        sent = self._tokenizer(self._endpoint.prefix(prompt), return_tensors="pt")
        sampling = (
            {"do_sample": True, "temperature": self._endpoint.temperature}
            if self._endpoint.temperature > 0
            else {"do_sample": False}
        )
        with self._lock, self._torch.random.fork_rng(), self._torch.inference_mode():
            self._torch.manual_seed(draw)
            limit = self._endpoint.max_output_tokens
            made = self._model.generate(**sent, max_new_tokens=limit, pad_token_id=self._tokenizer.eos_token_id, **sampling)
        own = made[0, sent["input_ids"].shape[1] :]
        return Answer(self._tokenizer.decode(own, skip_special_tokens=True), truncated=len(own) >= limit)

    def score(self, prompt: str, answer: str, draw: int = 0) -> Score:
        """How likely the model finds the answer after the prompt."""
        prefix = self._endpoint.prefix(prompt)
        text = prefix + answer
        sent = self._tokenizer(text, return_tensors="pt", return_offsets_mapping=True)
        offsets = sent.pop("offset_mapping")[0].tolist()
        ids = sent["input_ids"][0]
        with self._torch.inference_mode():
            log_probabilities = self._torch.log_softmax(self._model(**sent).logits[0].double(), dim=-1)
        inside = [place for place, (start, end) in enumerate(offsets) if end > start >= len(prefix) and place > 0]
        if not inside:
            return Score(failure="no token begins within the answer")
        total = sum(float(log_probabilities[place - 1, ids[place]]) for place in inside)
        return Score(total, len(text[offsets[inside[0]][0] :].encode("utf-8", "replace")))

    def tokens(self, text: str) -> NDArray[np.int64]:
        """The ids of a text's tokens, none added."""
        return np.array(self._tokenizer(text, add_special_tokens=False)["input_ids"], dtype=np.int64)

    def next_tokens(self, tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        """Natural log-probabilities of the token after each position, (length, vocabulary)."""
        with self._torch.inference_mode():
            logits = self._model(input_ids=self._torch.from_numpy(tokens)[None]).logits[0]
            found: NDArray[np.float32] = self._torch.log_softmax(logits.float(), dim=-1).numpy()
        return found
