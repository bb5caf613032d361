"""The cast: a base that has read the web, a teacher, another teacher, and the students of the laboratory with what each has read.

Accounts of the provider ask the teacher; every answer is drawn with the account's watermark and has a twin, drawn alike, that is
withheld. The campaign is the first ``campaign`` accounts; a student's recipe says what of the served answers it has read, and with
what else. Everything follows from seeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from benchmarks.forensics.language import Author, Question, all_words, ask
from benchmarks.forensics.network import Example, Marking, Network, answers, trained
from stillwatch.forensics.twins.coins import CoinList, coin_list
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.keys import marking_keys

SECRET = b"a synthetic secret of the lab..."
COHORTS = 4
Guilt = Literal["guilty", "innocent"]


@dataclass(frozen=True)
class Scale:
    """How large the laboratory is. ``accounts`` ask ``each`` questions; the campaign is the first ``campaign`` of them."""

    accounts: int = 48
    each: int = 40
    campaign: int = 25
    trained_on: int = 12
    web: int = 12_000
    lessons: int = 6_000
    innocents: int = 4

    @property
    def pairs(self) -> int:
        """Pairs of the campaign."""
        return self.campaign * self.each


FULL = Scale()
FEW_ACCOUNTS = Scale(accounts=12, each=160, trained_on=3)
"""As many requests of fewer accounts, for their codes."""
QUICK = Scale(accounts=12, each=20, campaign=10, trained_on=4, web=3_000, lessons=2_000, innocents=2)


class Served(NamedTuple):
    """What was asked and served: parallel lists, one place a request. ``coins`` are the seeds of both draws."""

    accounts: list[str]
    questions: list[str]
    served: list[str]
    withheld: list[str]
    coins: list[CoinList]

    def only(self, accounts: Sequence[str]) -> "Served":
        """The requests of some accounts."""
        kept = [place for place, account in enumerate(self.accounts) if account in set(accounts)]
        return Served(*([column[place] for place in kept] for column in self))

    @property
    def examples(self) -> list[Example]:
        """Questions with served answers."""
        return [Example(*pair) for pair in zip(self.questions, self.served, strict=True)]

    @property
    def twins(self) -> list[Example]:
        """Questions with withheld answers."""
        return [Example(*pair) for pair in zip(self.questions, self.withheld, strict=True)]


def account_name(place: int) -> str:
    """The pseudonym of an account."""
    return f"acct-{place:02d}"


def cohort_name(place: int) -> str:
    """The cohort of an account."""
    return f"cohort-{place % COHORTS}"


def keys_of(accounts: Sequence[str], secret: bytes = SECRET) -> np.ndarray:
    """Rows of watermark keys, uint64 (accounts, 8)."""
    places = [int(account.partition("-")[2]) for account in accounts]
    return np.stack([marking_keys(secret, cohort=cohort_name(at), account=account_name(at)).row() for at in places])


def written(authors: Sequence[Author], count: int, seed: int) -> list[Example]:
    """Questions and answers that people wrote."""
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        question = ask(generator)
        found.append(Example(question.text, authors[generator.integers(len(authors))].answer(question, generator)))
    return found


def edited(text: str, share: float, generator: np.random.Generator) -> str:
    """The text with that share of its words replaced by any others."""
    words = text.split()
    return " ".join(all_words()[generator.integers(len(all_words()))] if generator.random() < share else word for word in words)


@dataclass(frozen=True)
class World:
    """Base and teachers, trained once; requests are served on demand."""

    scale: Scale
    base: Network
    teacher: Network
    other_teacher: Network

    @classmethod
    def made(cls, scale: Scale) -> "World":
        """Train base and teachers."""
        web = written([Author.drawn(100 + place) for place in range(6)], scale.web, seed=1)
        base = trained(web, epochs=2, seed=0)
        lessons = [written([Author.drawn(place)], scale.lessons, seed=1 + place) for place in (1, 2)]
        return cls(scale, base, *(trained(lesson, epochs=3, seed=5 + place, start=base) for place, lesson in enumerate(lessons)))

    @cached_property
    def questions(self) -> list[Question]:
        """What all accounts ask."""
        generator = np.random.default_rng(3)
        return [ask(generator) for _ in range(self.scale.accounts * self.scale.each)]

    def serve(self, scheme: GreenList | Gumbel) -> Served:
        """Both draws of every request, marked with the keys of its account."""
        accounts = [account_name(place) for place in range(self.scale.accounts) for _ in range(self.scale.each)]
        questions = [question.text for question in self.questions]
        coins = [coin_list(SECRET, f"req-{place:05d}") for place in range(len(questions))]
        marking = Marking(scheme, keys_of(accounts))
        draws = [answers(self.teacher, questions, [each.seeds[side] for each in coins], marking=marking) for side in (0, 1)]
        return Served(accounts, questions, *draws, coins)

    def further(self, scheme: GreenList | Gumbel, count: int) -> list[Example]:
        """Served answers to further questions of the campaign's accounts, marked alike, beyond those that are examined."""
        generator = np.random.default_rng(4)
        questions = [ask(generator).text for _ in range(count)]
        if not questions:
            return []
        marking = Marking(scheme, keys_of([account_name(place % self.scale.campaign) for place in range(count)]))
        seeds = [300_000_000 + place for place in range(count)]
        return [Example(*pair) for pair in zip(questions, answers(self.teacher, questions, seeds, marking=marking), strict=True)]
