"""A tiny language model: one recurrent layer that reads words, is trained in seconds on one core, and samples in batches.

Questions and answers are one sequence: question, break, answer, end. Only the answer is learned and scored. All randomness comes
from generators that are handed in. Needs torch.
"""

import copy
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, log_softmax

from benchmarks.forensics.vocabulary import BREAK, END, PADDING, decode, encode, size
from stillwatch.forensics.watermark.hook import mark
from stillwatch.forensics.watermark.scheme import Scheme

WIDTH = 160
LONGEST_ANSWER = 90
_BATCH = 32
_SAMPLED_AT_ONCE = 512


class Example(NamedTuple):
    """A question and an answer to it."""

    question: str
    answer: str


class Network(nn.Module):
    """Logits of the next token, (batch, length, vocabulary), from tokens (batch, length) and a state."""

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.read = nn.Embedding(size(), width)
        self.think = nn.GRU(width, width, batch_first=True)
        self.say = nn.Linear(width, size())
        self.say.weight = self.read.weight
        nn.init.normal_(self.read.weight, std=width**-0.5)

    def forward(self, tokens: torch.Tensor, state: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits and the state to go on from."""
        thought, state = self.think(self.read(tokens), state)
        return self.say(thought), state


def trained(examples: Sequence[Example], *, epochs: int, seed: int, start: Network | None = None, rate: float = 3e-3) -> Network:
    """A network that has read the examples so many times; from ``start``, which stays as it is, or from scratch."""
    torch.manual_seed(seed)
    network = copy.deepcopy(start) if start is not None else Network()
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.01)
    sequences = [_sequence(example) for example in examples]
    steps = epochs * -(-len(sequences) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps + 1, pct_start=0.1)
    generator = np.random.default_rng(seed)
    for _ in range(epochs):
        for tokens, targets in _batches(sequences, generator):
            loss = cross_entropy(network(tokens)[0].flatten(0, 1), targets.flatten(), ignore_index=-100)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
    return network.eval()


class Marking(NamedTuple):
    """A watermark and the keys of each question's account, uint64 (questions, 8)."""

    scheme: Scheme
    rows: np.ndarray


def answers(
    network: Network, questions: Sequence[str], seeds: Sequence[int], *, temperature: float = 1.0, marking: Marking | None = None
) -> list[str]:
    """One answer to each question, drawn with its own seed; the likeliest words at temperature 0."""
    lengths = np.array([len(encode(question)) for question in questions])
    found = [""] * len(questions)
    for length in np.unique(lengths):
        alike = np.flatnonzero(lengths == length)
        for start in range(0, len(alike), _SAMPLED_AT_ONCE):
            places = alike[start : start + _SAMPLED_AT_ONCE]
            luck = np.stack([np.random.default_rng(seeds[place]).random(LONGEST_ANSWER) for place in places])
            part = None if marking is None else Marking(marking.scheme, marking.rows[places])
            drawn = _sampled(network, [questions[i] for i in places], luck, temperature, part)
            for place, answer in zip(places, drawn, strict=True):
                found[place] = answer
    return found


@torch.inference_mode()
def _sampled(
    network: Network, questions: Sequence[str], luck: np.ndarray, temperature: float, marking: Marking | None
) -> list[str]:
    """Answers to questions of one length; ``luck`` holds a number in [0, 1) for each place."""
    previous = np.array([[*encode(question), BREAK] for question in questions], np.int64)
    asked = previous.shape[1]
    logits, state = network(torch.from_numpy(previous))
    logits, ended = logits[:, -1].contiguous(), np.zeros(len(questions), bool)
    for place in range(LONGEST_ANSWER):
        if marking is not None:
            mark(marking.scheme, marking.rows, previous, logits.numpy())
        drawn = _drawn(logits, temperature, luck[:, place])
        previous = np.column_stack([previous, drawn])
        ended |= drawn == END
        if ended.all():
            break
        out, state = network(torch.from_numpy(drawn)[:, None], state)
        logits = out[:, -1].contiguous()
    return [decode(row) for row in previous[:, asked:]]


def _drawn(logits: torch.Tensor, temperature: float, luck: np.ndarray) -> np.ndarray:
    """By inversion, so that a row's choice depends on its own luck alone."""
    if temperature == 0:
        return logits.argmax(dim=1).numpy()
    sums = torch.softmax(logits.double() / temperature, dim=1).cumsum(dim=1)
    wanted = torch.from_numpy(luck)[:, None] * sums[:, -1:]
    return torch.searchsorted(sums, wanted, right=True)[:, 0].clamp(max=logits.shape[1] - 1).numpy()


@torch.inference_mode()
def scores_per_byte(network: Network, examples: Sequence[Example]) -> np.ndarray:
    """The log-probability of each answer after its question, in nats by byte of the answer, shape (examples,)."""
    found = np.empty(len(examples))
    for start in range(0, len(examples), _SAMPLED_AT_ONCE):
        part = examples[start : start + _SAMPLED_AT_ONCE]
        tokens, targets = _tensors([_sequence(example) for example in part])
        losses = cross_entropy(network(tokens)[0].flatten(0, 1), targets.flatten(), ignore_index=-100, reduction="none")
        found[start : start + len(part)] = -losses.view(targets.shape).sum(dim=1).numpy()
    return found / np.array([max(1, len(example.answer.encode())) for example in examples])


@torch.inference_mode()
def next_tokens(network: Network, tokens: np.ndarray) -> np.ndarray:
    """Log-probabilities of the token after each position of one text, (length, vocabulary): a ``NextToken``."""
    return log_softmax(network(torch.from_numpy(np.asarray(tokens, np.int64))[None, :])[0][0], dim=1).numpy()


def save(network: Network, path: Path) -> None:
    """Write the weights."""
    torch.save(network.state_dict(), path)


def load(path: Path) -> Network:
    """Read the weights, data alone."""
    network = Network()
    network.load_state_dict(torch.load(path, weights_only=True))
    return network.eval()


def _sequence(example: Example) -> tuple[list[int], int]:
    """All tokens, and how many of them come before the answer."""
    asked = [*encode(example.question), BREAK]
    return [*asked, *encode(example.answer)[:LONGEST_ANSWER], END], len(asked)


def _tensors(sequences: Sequence[tuple[list[int], int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens to read and tokens to say (−100 where nothing is asked), each (batch, length)."""
    longest = max(len(tokens) for tokens, _ in sequences)
    read = torch.full((len(sequences), longest - 1), PADDING)
    say = torch.full((len(sequences), longest - 1), -100)
    for row, (tokens, asked) in enumerate(sequences):
        whole = torch.tensor(tokens)
        read[row, : len(tokens) - 1] = whole[:-1]
        say[row, asked - 1 : len(tokens) - 1] = whole[asked:]
    return read, say


def _batches(
    sequences: Sequence[tuple[list[int], int]], generator: np.random.Generator
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Batches in random order, of sequences of about the same length."""
    lengths = np.array([len(tokens) for tokens, _ in sequences]) + generator.random(len(sequences)) * 12
    order = np.argsort(lengths)
    starts = np.arange(0, len(order), _BATCH)
    for start in generator.permutation(starts):
        yield _tensors([sequences[place] for place in order[start : start + _BATCH]])
