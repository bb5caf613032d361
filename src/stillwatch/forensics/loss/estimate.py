"""The estimate: answers and tokens that left, from a campaign's own traffic, as ranges.

Rules
- Certain is what was answered with success; at most as much again is what carries no status. An answer is one completion: a request
  for n of them counts n.
- Tokens that a log does not state are filled in from those that it does: their mean, give or take two standard errors of the
  missing sum. Model: what is missing is missing at random. If none is stated, no number is given.
- A technique's answers are its share of the requests, as the scan found it, times the range of answers.

>>> taken = estimate(Traffic([200, 200, None], [1, 2, 1], [100, None, 300], [None] * 3), {"judge and reward": 0.5})
>>> taken.answers, taken.techniques[0].answers
(Range(low=3, high=4), Range(low=2, high=2))
"""

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

_SUCCESS = range(200, 300)


class Range(msgspec.Struct, frozen=True):
    """From ``low`` to ``high``, both counts."""

    low: int
    high: int


class Traffic(msgspec.Struct, frozen=True):
    """One entry a request: HTTP ``status``, ``completions`` asked for, tokens of output and of reasoning; None where unknown."""

    status: Sequence[int | None]
    completions: Sequence[int | None]
    output_tokens: Sequence[int | None]
    reasoning_tokens: Sequence[int | None]


class TechniqueLoss(msgspec.Struct, frozen=True):
    """A technique with the answers that it took."""

    name: str
    answers: Range


class Loss(msgspec.Struct, frozen=True):
    """What was taken; a range of tokens is None if no request states them."""

    requests: int
    answers: Range
    output_tokens: Range | None
    reasoning_tokens: Range | None
    techniques: list[TechniqueLoss]
    statement: str


def estimate(traffic: Traffic, technique_shares: Mapping[str, float]) -> Loss:
    """The loss; ``technique_shares`` are shares of requests in [0, 1] by the technique's name."""
    served = [status in _SUCCESS for status in traffic.status]
    unknown = [status is None for status in traffic.status]
    counts = [1 if n is None else max(n, 0) for n in traffic.completions]
    certain = sum(n for n, yes in zip(counts, served, strict=True) if yes)
    answers = Range(certain, certain + sum(n for n, maybe in zip(counts, unknown, strict=True) if maybe))
    output = _tokens(traffic.output_tokens, served, unknown)
    return Loss(
        requests=len(traffic.status),
        answers=answers,
        output_tokens=output,
        reasoning_tokens=_tokens(traffic.reasoning_tokens, served, unknown),
        techniques=[
            TechniqueLoss(name, Range(round(share * answers.low), round(share * answers.high)))
            for name, share in sorted(technique_shares.items(), key=lambda item: -item[1])
        ],
        statement=_statement(answers, output),
    )


def _tokens(tokens: Sequence[int | None], served: Sequence[bool], unknown: Sequence[bool]) -> Range | None:
    """The sum over answered requests, at least and at most."""
    stated = np.array([count for count in tokens if count is not None], dtype=np.float64)
    if not len(stated):
        return None
    mean, spread = float(stated.mean()), float(stated.std(ddof=1)) if len(stated) > 1 else float(stated.mean())
    low = _sum(tokens, served, mean, -spread)
    high = _sum(tokens, [a or b for a, b in zip(served, unknown, strict=True)], mean, spread)
    return Range(low, max(low, high))


def _sum(tokens: Sequence[int | None], counted: Sequence[bool], mean: float, spread: float) -> int:
    """Stated tokens of the counted requests and, for those that state none, their mean with two standard errors of the sum."""
    known = sum(count for count, yes in zip(tokens, counted, strict=True) if yes and count is not None)
    missing = sum(yes and count is None for count, yes in zip(tokens, counted, strict=True))
    return round(known + max(0.0, missing * mean + 2 * spread * math.sqrt(missing)))


def _statement(answers: Range, tokens: Range | None) -> str:
    said = (
        f"Between {answers.low:,} and {answers.high:,} answers left"
        if answers.low < answers.high
        else f"{answers.low:,} answers left"
    )
    if tokens is None:
        return f"{said}; the log states no tokens."
    return f"{said}, of between {tokens.low:,} and {tokens.high:,} tokens. Not every answer need have been trained on."
