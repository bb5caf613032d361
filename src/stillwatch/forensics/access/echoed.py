"""Echoed log-probabilities: what a completions end point says of a text that it was sent (``echo`` with ``logprobs``).

Tokenisers differ, so a score is a sum over the tokens that begin within the answer, together with the bytes that they cover. A
token that straddles the border between prompt and answer belongs to neither.

>>> body = {"choices": [{"logprobs": {"tokens": ["Hi", " you"], "token_logprobs": [None, -2.0], "text_offset": [0, 2]}}]}
>>> echoed_score(body, "Hi you", answer_from=2).per_byte
-0.5
"""

import math
from itertools import accumulate

import msgspec

from stillwatch.forensics.access.outcome import Score


class _LogProbs(msgspec.Struct):
    tokens: list[str]
    token_logprobs: list[float | None]
    text_offset: list[int] | None = None


class _Choice(msgspec.Struct):
    logprobs: _LogProbs | None = None


class _Body(msgspec.Struct):
    choices: list[_Choice]


def echoed_score(body: object, text: str, *, answer_from: int) -> Score:
    """The score of ``text`` from character ``answer_from`` on, out of a decoded response; a failed score says what is wrong."""
    try:
        choices = msgspec.convert(body, _Body).choices
    except msgspec.ValidationError as error:
        return Score(failure=f"not a completion with log-probabilities: {error}")
    if not choices or choices[0].logprobs is None:
        return Score(failure="the server gives no log-probabilities of what it was sent (echo)")
    return _score(choices[0].logprobs, text, answer_from)


def _score(given: _LogProbs, text: str, answer_from: int) -> Score:
    offsets = given.text_offset if given.text_offset is not None else _offsets(given.tokens, text)
    if offsets is None or len(offsets) != len(given.token_logprobs) or offsets != sorted(offsets):
        return Score(failure="the tokens do not add up to the text that was sent")
    inside = [place for place, offset in enumerate(offsets) if answer_from <= offset < len(text)]
    values = [value for place in inside if (value := given.token_logprobs[place]) is not None]
    if not inside or len(values) < len(inside):
        return Score(failure="no token of the answer has a log-probability")
    total = math.fsum(values)
    if not math.isfinite(total) or total > 0:
        return Score(failure="the log-probabilities are not finite or positive")
    return Score(total, len(text[offsets[inside[0]] :].encode("utf-8", "replace")))


def _offsets(tokens: list[str], text: str) -> list[int] | None:
    """Where each token begins, if they add up to the text, but for a few that the server added after it."""
    if not "".join(tokens).startswith(text):
        return None
    return [0, *accumulate(len(token) for token in tokens)][: len(tokens)]
