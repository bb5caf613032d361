"""A model behind an OpenAI-compatible end point, by chat or by completions, asked through ``Calls``.

Rules: the model is told nothing that tells a served text from its twin: same settings for both, and the caller mixes their order.
A failure is an outcome, not an exception; only what ends the whole run is raised.
"""

from typing import Any

import msgspec

from stillwatch.forensics.access.calls import CallFailed, Calls
from stillwatch.forensics.access.echoed import echoed_score
from stillwatch.forensics.access.endpoint import Endpoint
from stillwatch.forensics.access.outcome import Answer, Score
from stillwatch.forensics.twins.serving import Sampler

_BAD_REQUEST = 400


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message | None = None
    text: str | None = None
    finish_reason: str | None = None


class _Body(msgspec.Struct):
    choices: list[_Choice]


class ServedModel:
    """Answers and scores of one end point; implements ``Model``."""

    def __init__(self, endpoint: Endpoint, calls: Calls) -> None:
        self._endpoint = endpoint
        self._calls = calls

    def answer(self, prompt: str, draw: int = 0) -> Answer:
        """The model's answer, drawn with the end point's temperature and length. Raises AccessDenied or BudgetSpent."""
        sampler = Sampler(self._endpoint.temperature, max_output_tokens=self._endpoint.max_output_tokens)
        return self.draw(prompt, sampler, draw=draw)

    def draw(self, prompt: str, sampler: Sampler, *, seed: int | None = None, draw: int = 0) -> Answer:
        """An answer drawn with the given sampler and seed, as a withheld twin is."""
        limit = sampler.max_output_tokens or self._endpoint.max_output_tokens
        payload: dict[str, Any] = {"model": self._endpoint.model, "temperature": sampler.temperature, "max_tokens": limit}
        if sampler.top_p != 1:
            payload["top_p"] = sampler.top_p
        if seed is not None:
            payload["seed"] = seed
        if self._endpoint.kind == "chat":
            path, payload["messages"] = "chat/completions", [{"role": "user", "content": prompt}]
        else:
            path, payload["prompt"] = "completions", self._endpoint.prefix(prompt)
        try:
            return _answer(self._calls.post(path, payload, draw=draw, most_output=limit))
        except CallFailed as failure:
            return Answer("", failure=str(failure))

    def score(self, prompt: str, answer: str, draw: int = 0) -> Score:
        """How likely the model finds the answer after the prompt. Raises AccessDenied or BudgetSpent."""
        prefix = self._endpoint.prefix(prompt)
        try:
            return echoed_score(self._echo(prefix + answer, draw), prefix + answer, answer_from=len(prefix))
        except CallFailed as failure:
            return Score(failure=str(failure))

    def _echo(self, text: str, draw: int) -> Any:
        """The text with its log-probabilities; servers that must add a token are let add one."""
        payload = {"model": self._endpoint.model, "prompt": text, "echo": True, "logprobs": 1, "temperature": 0}
        try:
            return self._calls.post("completions", payload | {"max_tokens": 0}, draw=draw, most_output=1)
        except CallFailed as failure:
            if failure.status != _BAD_REQUEST:
                raise
            return self._calls.post("completions", payload | {"max_tokens": 1}, draw=draw, most_output=1)


def _answer(body: object) -> Answer:
    try:
        choices = msgspec.convert(body, _Body).choices
    except msgspec.ValidationError as error:
        return Answer("", failure=f"not a completion: {error}")
    if not choices:
        return Answer("", failure="the server gives no choice")
    choice = choices[0]
    text = (choice.message.content or choice.message.refusal if choice.message else choice.text) or ""
    return Answer(text, truncated=choice.finish_reason == "length")
