"""Behaviour: what a suspect did with the questions, and whether its answers are of use at all.

Rules
- An answer is of use unless it failed, is empty, declines, only repeats the question, or is the one that it gives to everything.
- Without use of at least half of the questions nothing is concluded, for a suspect could choose which half.

>>> conduct([Answer("I can't help with that."), Answer("Because of the rain.")], ["Why?", "Why is it wet?"]).counts
{'declined': 1, 'of use': 1}
"""

from collections import Counter
from collections.abc import Sequence

import msgspec

from stillwatch.forensics.access.outcome import Answer, Score
from stillwatch.forensics.safeguards.refusal import declines
from stillwatch.forensics.twins.wording import longest_common_run, words

OF_USE = "of use"
_LEAST_SHARE = 0.5
_SAME_SHARE = 0.2
"""An answer that at least this share of different questions gets is no answer to any of them."""
_ECHO_SHARE = 0.8
_ECHO_WORDS = 5


class Conduct(msgspec.Struct, frozen=True):
    """How often which behaviour was seen, and for each answer whether it is of use."""

    counts: dict[str, int]
    useful: list[bool]
    truncated: int = 0
    first_failure: str = ""

    @property
    def told(self) -> dict[str, int]:
        """The counts as the report tells them, answers that were cut off among them."""
        return self.counts | ({"cut off at the limit of tokens": self.truncated} if self.truncated else {})

    @property
    def unusable(self) -> str | None:
        """Why nothing may be concluded from these answers; None if something may, or if nothing was asked."""
        total = len(self.useful)
        if sum(self.useful) >= _LEAST_SHARE * total:
            return None
        seen = ", ".join(f"{count} {name}" for name, count in self.counts.items() if name != OF_USE) or "none given"
        because = f" ({self.first_failure})" if self.first_failure else ""
        return f"the suspect gave {sum(self.useful)} answers of use to {total} questions: {seen}{because}"


def conduct(answers: Sequence[Answer], prompts: Sequence[str]) -> Conduct:
    """What was done with each prompt."""
    given = Counter(answer.text.strip() for answer in answers if answer.is_given)
    most = max(2, _SAME_SHARE * len(answers))
    constant = {text for text, count in given.items() if count > most} if len(set(prompts)) > 1 else set()
    kinds = [_kind(answer, prompt, constant) for answer, prompt in zip(answers, prompts, strict=True)]
    return Conduct(
        dict(Counter(kinds)),
        [kind == OF_USE for kind in kinds],
        sum(answer.truncated for answer in answers),
        next((answer.failure for answer in answers if answer.failure), ""),
    )


def scoring_conduct(scores: Sequence[Sequence[Score]]) -> Conduct:
    """The same for scores: a pair is of use if each of its texts was scored."""
    useful = [all(score.per_byte is not None for score in pair) for pair in scores]
    counts = Counter(OF_USE if yes else "not scored" for yes in useful)
    return Conduct(dict(counts), useful, 0, next((score.failure for pair in scores for score in pair if score.failure), ""))


def _kind(answer: Answer, prompt: str, constant: set[str]) -> str:
    if answer.failure:
        return "failed"
    if not answer.is_given:
        return "empty"
    if declines(answer.text):
        return "declined"
    if answer.text.strip() in constant:
        return "the same as to other questions"
    return "a repetition of the question" if _echoes(answer.text, prompt) else OF_USE


def _echoes(answer: str, prompt: str) -> bool:
    said, asked = words(answer), words(prompt)
    if said == asked:
        return True
    return len(said) >= _ECHO_WORDS and longest_common_run(said, asked) >= _ECHO_SHARE * len(said)
