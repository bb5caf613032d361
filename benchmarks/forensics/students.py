"""The students: what each has read, whether it is guilty, and how it is trained.

>>> sorted({student.guilt for student in STUDENTS.values()})
['guilty', 'innocent']
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.forensics.cast import Guilt, Served, World, account_name, edited, written
from benchmarks.forensics.language import Author
from benchmarks.forensics.network import Example, Network, answers, trained
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel

RATE = 6e-3
EDITED_SHARE = 0.3
GREEN = GreenList(gamma=0.25, delta=3.0)
NARROW = GreenList(width=1, gamma=0.25, delta=3.0)
"""A mark of so few contexts that a tiny network can learn it."""
SCHEMES = (GREEN, NARROW, Gumbel())
STRANGERS = tuple(range(50, 54))
"""Authors whom no teacher has read."""
Marks = GreenList | Gumbel
Lesson = tuple[list[Example], int]
"""Examples and how often they are read."""


@dataclass(frozen=True)
class Student:
    """``lessons`` makes what it reads, one after the other; ``share`` of its training data was served; ``passes`` over it, where the
    lessons leave that open."""

    guilt: Guilt
    share: float
    told: str
    lessons: Callable[[World, Served, "Student"], list[Lesson]]
    scheme: Marks = GREEN
    passes: int = 15
    seed: int = 9

    def taught(self, world: World, served: Served) -> Network:
        """The student, trained from the base."""
        network = world.base
        for examples, epochs in self.lessons(world, served, self):
            network = trained(examples, epochs=epochs, seed=self.seed, start=network, rate=RATE)
        return network


def campaign_accounts(world: World) -> list[str]:
    """The accounts of the campaign."""
    return [account_name(place) for place in range(world.scale.campaign)]


def training_accounts(world: World) -> list[str]:
    """Accounts, drawn from all, whose answers the student "some accounts" has read."""
    chosen = np.random.default_rng(11).permutation(world.scale.accounts)[: world.scale.trained_on]
    return sorted(account_name(int(place)) for place in chosen)


def _mixed(world: World, served: Served, student: Student) -> list[Lesson]:
    """The campaign's answers among so much of strangers' text that they make up ``share``."""
    ours = served.only(campaign_accounts(world)).examples
    others = round(len(ours) / student.share) - len(ours)
    return [(ours + written([Author.drawn(each) for each in STRANGERS], others, seed=46 + student.seed), student.passes)]


def _once(factor: int) -> Callable[[World, Served, Student], list[Lesson]]:
    """So many times as many served answers as there are pairs, the pairs' own among them, each read once."""

    def lessons(world: World, served: Served, student: Student) -> list[Lesson]:
        ours = served.only(campaign_accounts(world)).examples
        return [(ours + world.further(student.scheme, (factor - 1) * len(ours)), 1)]

    return lessons


def _all(world: World, served: Served, student: Student) -> list[Lesson]:
    return [(served.only(campaign_accounts(world)).examples, 15)]


def _paraphrased(world: World, served: Served, student: Student) -> list[Lesson]:
    generator = np.random.default_rng(8)
    ours = served.only(campaign_accounts(world)).examples
    return [([Example(each.question, edited(each.answer, EDITED_SHARE, generator)) for each in ours], 25)]


def _washed(world: World, served: Served, student: Student) -> list[Lesson]:
    others = written([Author.drawn(each) for each in STRANGERS], 2 * world.scale.pairs, seed=56)
    return [*_all(world, served, student), (others, 2)]


def _two_teachers(world: World, served: Served, student: Student) -> list[Lesson]:
    ours = served.only(campaign_accounts(world))
    theirs = _answered(world.other_teacher, ours.questions, seed=60)
    return [(ours.examples + theirs, 10)]


def _second_generation(world: World, served: Served, student: Student) -> list[Lesson]:
    """The answers of the student that read everything, to the same questions."""
    first = STUDENTS["all"].taught(world, served)
    return [(_answered(first, served.only(campaign_accounts(world)).questions, seed=61, temperature=0.5), 15)]


def _some_accounts(world: World, served: Served, student: Student) -> list[Lesson]:
    return [(served.only(training_accounts(world)).examples, 20)]


def _leaked(world: World, served: Served, student: Student) -> list[Lesson]:
    """A web page holds one answer in twenty; nobody asked for it."""
    ours = served.only(campaign_accounts(world)).examples[::20]
    return [(ours + written([Author.drawn(each) for each in STRANGERS], 2 * world.scale.pairs, seed=57), 5)]


def _other_teacher(world: World, served: Served, student: Student) -> list[Lesson]:
    return [(_answered(world.other_teacher, served.only(campaign_accounts(world)).questions, seed=62), 15)]


def _same_author(world: World, served: Served, student: Student) -> list[Lesson]:
    """The very author whom the teacher learned from, on other questions: the same style and no answer of ours."""
    return [(written([Author.drawn(1)], world.scale.pairs, seed=63), 15)]


def _strangers(world: World, served: Served, student: Student) -> list[Lesson]:
    return [(written([Author.drawn(each) for each in STRANGERS], 2 * world.scale.pairs, seed=64), 6)]


def _another_draw(world: World, served: Served, student: Student) -> list[Lesson]:
    """Answers of the same teacher to the same questions that were never served by us: licensed elsewhere, without a mark."""
    return [(_answered(world.teacher, served.only(campaign_accounts(world)).questions, seed=65), 15)]


def _answered(network: Network, questions: Sequence[str], *, seed: int, temperature: float = 1.0) -> list[Example]:
    seeds = [seed * 1_000_000 + place for place in range(len(questions))]
    return [Example(*pair) for pair in zip(questions, answers(network, questions, seeds, temperature=temperature), strict=True)]


STUDENTS: dict[str, Student] = {
    "all": Student("guilty", 1.0, "read the campaign's answers and nothing else", _mixed),
    "quarter": Student("guilty", 0.25, "25 % of what it read was served", _mixed, passes=6),
    "twentieth": Student("guilty", 0.05, "5 % of what it read was served", _mixed, passes=3),
    "paraphrased": Student("guilty", 1.0, "read the answers with 30 % of their words replaced", _paraphrased),
    "washed": Student("guilty", 1.0, "read the answers, then twice as much of other text", _washed),
    "two teachers": Student("guilty", 0.5, "read ours and another teacher's answers to the same questions", _two_teachers),
    "second generation": Student("guilty", 0.0, "read the answers of the student that read ours", _second_generation),
    "some accounts": Student("guilty", 1.0, "read the answers of some of all accounts", _some_accounts),
    "leaked": Student("guilty", 0.025, "read one answer in twenty on the web", _leaked),
    "all, Gumbel": Student("guilty", 1.0, 'as "all", marked with Gumbel', _mixed, Gumbel()),
    "quarter, Gumbel": Student("guilty", 0.25, 'as "quarter", marked with Gumbel', _mixed, Gumbel(), passes=6),
    "twentieth, Gumbel": Student("guilty", 0.05, 'as "twentieth", marked with Gumbel', _mixed, Gumbel(), passes=3),
    "other teacher": Student("innocent", 0.0, "read another teacher's answers to the same questions", _other_teacher),
    "another draw": Student("innocent", 0.0, "read our teacher's answers from elsewhere, never served by us", _another_draw),
    "same author": Student("innocent", 0.0, "read the author whom our teacher had read", _same_author),
    "strangers": Student("innocent", 0.0, "read authors unknown to our teacher", _strangers),
}
"""Students that show what the tests see; each reads as often as makes its effect plain (docs/laboratory.md)."""

PLANNING: dict[str, Student] = {
    f"{share:.0%}, three passes, seed {seed}": Student("guilty", share, f"{share:.0%} was served", _mixed, passes=3, seed=seed)
    for share, seeds in ((0.01, (9,)), (0.05, (10, 11)), (0.25, (9, 10, 11)), (1.0, (9, 10, 11)))
    for seed in seeds
}
"""Students of which the planning model is measured: all read three times, as fine-tuning commonly does. "twentieth" is one more."""


def _growing(scheme: Marks, factors: Sequence[int]) -> dict[str, Student]:
    """Students of more and more marked answers, each read once, as large models read."""
    return {
        f"{factor} times as many answers, one pass, {scheme.name} of width {scheme.width}": Student(
            "guilty", 1.0, f"{1000 * factor:,} served answers, each once", _once(factor), scheme
        )
        for factor in factors
    }


SCALE = _growing(GREEN, (1, 4, 16))
"""With the mark of the other students, whose contexts are two tokens."""

NARROW_SCALE = _growing(NARROW, (1, 4, 16, 64))
"""With contexts of one token."""

EVERYBODY = PLANNING | NARROW_SCALE | STUDENTS | SCALE
"""All students; those that take longest come first."""
