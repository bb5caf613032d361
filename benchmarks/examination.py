"""Measure examinations on n-gram students: error rates under the null, power by share of training data, accounts named.

    python -m benchmarks.examination

A few minutes on one core. The students are counts of words, not networks: the figures show that the arithmetic holds and how
effects shrink, not what a large model does. The laboratory in benchmarks/forensics trains networks.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.stats import kstest

sys.path.insert(0, str(Path(__file__).parents[1]))

from stillwatch.forensics.tracing.trace import TraceRules, trace
from stillwatch.forensics.twins.measures import differences, length_control
from stillwatch.forensics.twins.pairs import Pair
from stillwatch.forensics.twins.preference import Preference, prefer
from tests.forensics.synthetic_world import Exchange, Student, prompt_of, served, teacher_answer, twins, unrelated

PAIRS = 1000
DRAWS = 2000
ANSWERS = 4


def other_exchanges(count: int, seed: int) -> list[Exchange]:
    """The teacher's answers to prompts that were not examined: the rest of a student's training data."""
    generator = np.random.default_rng(seed)
    prompts = [prompt_of(n + 1_000_000) for n in range(count)]
    return [(prompt, teacher_answer(prompt, generator)) for prompt in prompts]


def edited(exchanges: Sequence[Exchange], share: float, seed: int) -> list[Exchange]:
    """Exchanges with this share of words replaced by words of other answers."""
    generator = np.random.default_rng(seed)
    words = [word for _, answer in exchanges for word in answer.split()]
    return [
        (prompt, " ".join(str(generator.choice(words)) if generator.random() < share else word for word in answer.split()))
        for prompt, answer in exchanges
    ]


def controls(pairs: Sequence[Pair]) -> np.ndarray:
    """The control variate that needs no further model."""
    return length_control([pair.served for pair in pairs], [pair.withheld for pair in pairs])


def text_differences(student: Student, pairs: Sequence[Pair]) -> np.ndarray:
    """Text only: the student is asked every prompt four times."""
    generator = np.random.default_rng(7)
    answers = [[student.answer(pair.prompt, generator) for _ in range(ANSWERS)] for pair in pairs]
    return differences(answers, [pair.served for pair in pairs], [pair.withheld for pair in pairs])


def score_differences(student: Student, pairs: Sequence[Pair]) -> np.ndarray:
    """Log-probabilities, nats per character."""

    def per_byte(prompt: str, answer: str) -> float:
        return sum(value for _, offset, value in student.tokens(f"{prompt}\n{answer}") if offset >= len(prompt)) / len(answer)

    return np.array([[per_byte(pair.prompt, pair.served) - per_byte(pair.prompt, pair.withheld)] for pair in pairs])


def null_rates(table: np.ndarray, control: np.ndarray) -> str:
    """The test on one innocent reading with coins drawn again and again: then every null hypothesis is true by construction."""
    generator = np.random.default_rng(11)
    p = []
    for _ in range(DRAWS):
        coins = generator.choice([1.0, -1.0], size=(len(table), 1))
        p.append(prefer(coins * table, coins * control, generator, flips=999).p_value)
    rates = ", ".join(f"{np.mean(np.array(p) <= alpha):.4f} at {alpha:g}" for alpha in (0.05, 0.01, 0.001))
    return f"KS p = {kstest(p, 'uniform').pvalue:.2f}; false positives {rates}"


def shown(name: str, text: Preference, scores: Preference) -> None:
    """One row of the table."""
    cells = (f"{one.z:.1f} | {one.preferred / max(1, one.scored):.2f}" for one in (text, scores))
    print(f"| {name} | {' | '.join(cells)} |")


def measure(name: str, exchanges: Sequence[Exchange], pairs: Sequence[Pair]) -> None:
    """Train a student and print its row."""
    generator = np.random.default_rng(3)
    student = Student(exchanges)
    text, scores = text_differences(student, pairs), score_differences(student, pairs)
    shown(name, prefer(text, controls(pairs), generator, flips=9_999), prefer(scores, controls(pairs), generator, flips=9_999))


def power() -> None:
    """Students of every kind at 1,000 pairs."""
    pairs = twins(PAIRS, accounts=48)
    own = served(pairs)
    print("| student | z, text | prefers served | z, log-probabilities | prefers served |\n|---|---|---|---|---|")
    for percent in (100, 25, 5, 1):
        measure(
            f"{percent} % of training data are served answers",
            [*own, *other_exchanges(PAIRS * 100 // percent - PAIRS, percent)],
            pairs,
        )
    measure("all, 30 % of words edited", edited(own, 0.3, seed=1), pairs)
    guilty, generator = Student(own), np.random.default_rng(2)
    measure(
        "second generation: trained on a guilty student's answers",
        [(p.prompt, guilty.answer(p.prompt, generator)) for p in pairs],
        pairs,
    )
    measure("innocent: same teacher, same prompts, other draws", unrelated(pairs), pairs)


def null() -> None:
    """Error rates."""
    pairs = twins(200)
    innocent = Student(unrelated(pairs))
    print(f"text: {null_rates(text_differences(innocent, pairs), controls(pairs))}")
    print(f"log-probabilities: {null_rates(score_differences(innocent, pairs), controls(pairs))}")


def accounts() -> None:
    """Half of 48 accounts were harvested for the student."""
    pairs = twins(48 * 40, accounts=48)
    guilty = {f"acct-{n}" for n in range(24)}
    student = Student(
        [
            *served([pair for pair in pairs if pair.account in guilty]),
            *unrelated([pair for pair in pairs if pair.account not in guilty]),
        ]
    )
    rules = TraceRules(alpha=0.001, fdr=0.01, flips=9_999)
    found = trace(
        score_differences(student, pairs), controls(pairs), [pair.account for pair in pairs], {}, rules, np.random.default_rng(1)
    )
    named = set(found.named)
    print(f"accounts: {len(named & guilty)} of 24 training accounts named, {len(named - guilty)} of 24 others, 40 pairs each")


if __name__ == "__main__":
    null()
    power()
    accounts()
