"""The trial of one student: both twin tests and the watermark on text and weights, with the product's own tests.

The student is asked the campaign's questions and answers them itself; its log-probabilities of both twins are read, with the base as
control variate; its weights are read at its own answers, with the base as reference.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from benchmarks.forensics.cast import SECRET, Served, World
from benchmarks.forensics.network import Network, answers, next_tokens, scores_per_byte
from benchmarks.forensics.vocabulary import BREAK, encode
from stillwatch.forensics.finding import Finding
from stillwatch.forensics.twins.judgement import Circumstances, alike, judge
from stillwatch.forensics.twins.measures import differences, length_control
from stillwatch.forensics.twins.preference import Preference, prefer
from stillwatch.forensics.watermark.detection import WatermarkTest, detect
from stillwatch.forensics.watermark.findings import Access, finding
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.keys import TierKey, tier_key
from stillwatch.forensics.watermark.pairs import Pairs, distinct_pairs
from stillwatch.forensics.watermark.preferences import Preferences, preferences

ALPHA = 0.001
DRAWS = 3
"""Answers that the student gives to each question."""
TEMPERATURE = 0.4
_FULL_TEMPERATURE = 1.0

Matrix = np.ndarray


class Reading(NamedTuple):
    """What was read from a student: differences and controls of both twin tests, its answers, and what the watermark is looked for in:
    tokens of its ``own`` answers with those of the questions ``asked``, their distinct pairs, its preferences there."""

    logprob: Matrix
    logprob_controls: Matrix
    text: Matrix
    text_controls: Matrix
    answered: list[list[str]]
    own: list[Matrix]
    asked: list[Matrix]
    pairs: Pairs
    preferences: Preferences


class Measured(msgspec.Struct, frozen=True):
    """One test of one student, with the finding that the product makes of it."""

    test: str
    z: float
    p_value: float | None
    e_value: float | None
    counted: int
    level: str
    finding: Finding


def read(world: World, network: Network, served: Served, scheme: GreenList | Gumbel) -> Reading:
    """Ask the student everything once."""
    gap = scores_per_byte(network, served.examples) - scores_per_byte(network, served.twins)
    base_gap = scores_per_byte(world.base, served.examples) - scores_per_byte(world.base, served.twins)
    longer = length_control(served.served, served.withheld)
    draws = [answers(network, served.questions, _seeds(served, draw), temperature=TEMPERATURE) for draw in range(DRAWS)]
    answered = [list(given) for given in zip(*draws, strict=True)]
    whole = _own_texts(network, served)
    asked = [np.array([*encode(question), BREAK]) for question in served.questions] * 2
    return Reading(
        gap[:, None],
        np.column_stack([base_gap, longer]),
        differences(answered, served.served, served.withheld),
        longer,
        answered,
        whole,
        asked,
        distinct_pairs(whole, width=scheme.width, prompts=asked),
        preferences(
            [np.concatenate(pair) for pair in zip(asked, whole, strict=True)],
            lambda tokens: next_tokens(network, tokens),
            width=scheme.width,
            reference=lambda tokens: next_tokens(world.base, tokens),
        ),
    )


def try_twins(reading: Reading, served: Served) -> list[Measured]:
    """Both twin tests."""
    twins_alike = alike(length_control(served.served, served.withheld), np.random.default_rng(1))
    found = []
    for test, rows, controls in (
        ("twins-logprob", reading.logprob, reading.logprob_controls),
        ("twins-text", reading.text, reading.text_controls),
    ):
        preference = prefer(rows, controls, np.random.default_rng(2))
        circumstances = Circumstances(mechanism=test, hypothesis="the student read what was served", alpha=ALPHA)
        found.append(_measured(test, preference, judge(preference, circumstances, twins_alike=twins_alike)))
    return found


def try_watermark(reading: Reading, scheme: GreenList | Gumbel, key: TierKey) -> list[Measured]:
    """The watermark of one key on text and on weights."""
    generator = np.random.default_rng(3)
    on_text = detect(scheme, key, reading.pairs, generator)
    on_weights = detect(scheme, key, reading.preferences.pairs, generator, weights=reading.preferences.weights)
    found = []
    ways: tuple[tuple[Access, object], ...] = (("text", on_text), ("weights", on_weights))
    for access, result in ways:
        made = finding(result, scheme, key, suspect="the student", access=access, alpha=ALPHA)  # type: ignore[arg-type]
        z = result.z if isinstance(result, WatermarkTest) else 0.0
        name = f"watermark-{access} {key.tier} {key.name}".strip()
        found.append(Measured(name, z, made.p_value, made.e_value, made.counted, made.level, made))
    return found


def tier_keys(cohorts: Sequence[str]) -> list[TierKey]:
    """The global key and those of some cohorts."""
    return [tier_key(SECRET, "global"), *(tier_key(SECRET, "cohort", name) for name in cohorts)]


def _measured(test: str, preference: Preference, made: Finding) -> Measured:
    return Measured(test, preference.z, made.p_value, made.e_value, made.counted, made.level, made)


def _seeds(served: Served, draw: int) -> list[int]:
    return [900_000_000 + 1_000_000 * draw + place for place in range(len(served.questions))]


def _own_texts(network: Network, served: Served) -> list[np.ndarray]:
    """Two answers to each question at temperature 1, as tokens; answers without a word are one unknown."""
    drawn = [answers(network, served.questions, _seeds(served, draw), temperature=_FULL_TEMPERATURE) for draw in (7, 8)]
    return [np.array(encode(answer) or [1]) for answer in (*drawn[0], *drawn[1])]
