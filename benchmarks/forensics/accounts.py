"""Whose answers were read: every account by its twins, and by the watermark's account code, from the top down.

The student "some accounts" has read the answers of a dozen accounts out of all; the tests are told nothing of that. The clusters
are those that a scan would hand over: one of the dozen, and the others by twelves.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from scipy.stats import binom

from benchmarks.forensics.cast import SECRET, Served, World, keys_of
from benchmarks.forensics.network import Marking, answers
from benchmarks.forensics.trial import Reading
from benchmarks.forensics.vocabulary import encode
from stillwatch.forensics.tracing.codes import code_scores, trace_codes
from stillwatch.forensics.tracing.trace import Trace, TraceRules, trace
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.pairs import contexts_within, distinct_pairs

RULES = TraceRules(alpha=0.001, fdr=0.05)
_READ = "those read"


class Named(msgspec.Struct, frozen=True):
    """Accounts named by one mechanism, against those that were read: ``found`` of them, ``false`` others; p of the cluster of those
    read (null if it was not looked at) and how many of the other clusters were shown."""

    mechanism: str
    accounts: int
    read: int
    found: int
    false: int
    weakest_read: float
    strongest_other: float
    cluster_p: float | None
    false_clusters: int


def by_twins(reading: Reading, served: Served, read: Sequence[str]) -> Named:
    """Name accounts by e-values on log-probabilities at a false discovery rate of 5 %."""
    clusters = _clusters(served, read)
    traced = trace(reading.logprob, reading.logprob_controls, served.accounts, clusters, RULES, np.random.default_rng(4))
    return _named("twins-logprob", traced, read)


def by_code(reading: Reading, served: Served, read: Sequence[str], scheme: GreenList | Gumbel) -> Named:
    """Name accounts by their codes in the student's answers to their own prompts, at the same rate."""
    scores = {name: _scores(reading, served, name, scheme) for name in sorted(set(served.accounts))}
    traced = trace_codes(scores, scheme, _clusters(served, read), RULES)
    return _named("watermark-text account code", traced, read)


class CodePower(msgspec.Struct, frozen=True):
    """Codes by how many ``questions`` of each account are asked again: accounts ``found`` of those read, ``false`` others, e-values."""

    questions: int
    read: int
    found: int
    false: int
    weakest_read: float
    strongest_other: float


def code_power(reading: Reading, served: Served, read: Sequence[str], scheme: GreenList | Gumbel) -> list[CodePower]:
    """The same with some and more of each account's questions."""
    found = []
    for questions in ASKED:
        scores = {name: _scores(reading, served, name, scheme, questions) for name in sorted(set(served.accounts))}
        named = _named("", trace_codes(scores, scheme, _clusters(served, read), RULES), read)
        found.append(CodePower(questions, named.read, named.found, named.false, named.weakest_read, named.strongest_other))
    return found


ASKED = (20, 40, 80, 160)


class CodeNull(msgspec.Struct, frozen=True):
    """E-values of account codes under secrets that marked nothing the student read: their mean, at most 1 if bets are fair, and how
    many reached so much, with the ``limits`` that chance respects."""

    draws: int
    mean: float
    reached: dict[str, int]
    limits: dict[str, int]

    @property
    def holds(self) -> bool:
        """Whether no e-value is reached more often than declared."""
        return all(self.reached[value] <= self.limits[value] for value in self.limits)


def null_codes(world: World, reading: Reading, served: Served, scheme: GreenList | Gumbel, draws: int) -> CodeNull:
    """An innocent student's answers against what the accounts would have been served under other secrets."""
    generator, found = np.random.default_rng(22), []
    accounts = sorted(set(served.accounts))
    while len(found) < draws:
        secret = generator.bytes(32)
        seeds = generator.integers(0, 2**31, len(served.questions)).tolist()
        drawn = answers(world.teacher, served.questions, seeds, marking=Marking(scheme, keys_of(served.accounts, secret)))
        other = served._replace(served=drawn)
        scores = {name: _scores(reading, other, name, scheme, secret=secret) for name in accounts}
        found += [group.e_value for group in trace_codes(scores, scheme, {}, RULES).groups if group.kind == "account"]
    e = np.array(found)
    reached = {f"{value:g}": int((e >= value).sum()) for value in LARGE}
    return CodeNull(len(e), float(e.mean()), reached, {f"{value:g}": int(binom.isf(0.001, len(e), 1 / value)) for value in LARGE})


LARGE = (20.0, 100.0, 1000.0)


def _scores(
    reading: Reading, served: Served, account: str, scheme: GreenList | Gumbel, most: int | None = None, secret: bytes = SECRET
) -> np.ndarray:
    """Of an account's code in the student's answers to (the first) questions of it, where the served answers went."""
    questions = len(served.questions)
    places = [place for place in range(questions) if served.accounts[place] == account][:most]
    own = [text for place in places for text in _texts(reading, place, questions)]
    asked = [reading.asked[place] for place in places for _ in _texts(reading, place, questions)]
    told = [np.array(encode(served.served[place]), np.int64) for place in places]
    went_through = contexts_within(told, [reading.asked[place] for place in places], width=scheme.width)
    return code_scores(scheme, secret, account, distinct_pairs(own, width=scheme.width, prompts=asked), went_through)


def _texts(reading: Reading, place: int, questions: int) -> list[np.ndarray]:
    """All that the student answered to one question, as tokens."""
    colder = [np.array(encode(answer), np.int64) for answer in reading.answered[place]]
    return [*colder, *reading.own[place::questions]]


def _clusters(served: Served, read: Sequence[str]) -> dict[str, list[str]]:
    """Those read, and the others by as many."""
    others = sorted(set(served.accounts) - set(read))
    rest = {f"others {start // len(read) + 1}": others[start : start + len(read)] for start in range(0, len(others), len(read))}
    return {_READ: list(read), **rest}


def _named(mechanism: str, traced: Trace, read: Sequence[str]) -> Named:
    e_values = {group.name: group.e_value for group in traced.groups if group.kind == "account"}
    clusters = {group.name: group for group in traced.groups if group.kind == "cluster"}
    return Named(
        mechanism,
        len(e_values),
        len(read),
        len(set(traced.named) & set(read)),
        len(set(traced.named) - set(read)),
        min(e_values[name] for name in read),
        max((value for name, value in e_values.items() if name not in read), default=0.0),
        clusters[_READ].p_value,
        sum(group.shown for name, group in clusters.items() if name != _READ),
    )
