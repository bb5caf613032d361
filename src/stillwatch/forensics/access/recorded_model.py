"""A model that is known by recorded answers only: a file of JSON Lines, for controls and for suspects that can no longer be asked.

Each line: ``model``, ``prompt``, ``answer``; a prompt that was answered several times has several lines, in the order of the draws.

>>> model = RecordedModel([Recorded("example-1", "Why?", "Because.")])
>>> model.answer("Why?").text, model.answer("Why?", draw=1).failure
('Because.', 'there is no recorded answer')
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from stillwatch.errors import NoReadableInput
from stillwatch.forensics.access.outcome import Answer, Score
from stillwatch.forensics.documents import read_lines


class Recorded(msgspec.Struct, frozen=True):
    """One recorded answer."""

    model: str
    prompt: str
    answer: str


class RecordedModel:
    """Answers by prompt; implements ``Model``, but scores nothing."""

    def __init__(self, recorded: Iterable[Recorded]) -> None:
        self._answers: dict[str, list[str]] = {}
        for one in recorded:
            self._answers.setdefault(one.prompt, []).append(one.answer)

    def answer(self, prompt: str, draw: int = 0) -> Answer:
        """The recorded answer of this draw, if there is one."""
        answers = self._answers.get(prompt, [])
        return Answer(answers[draw]) if draw < len(answers) else Answer("", failure="there is no recorded answer")

    def score(self, prompt: str, answer: str, draw: int = 0) -> Score:
        """No score: recorded answers hold no log-probabilities."""
        return Score(failure="recorded answers hold no log-probabilities")


def read_recorded(path: Path) -> dict[str, RecordedModel]:
    """Every model in the file, by name. Raises NoReadableInput."""
    by_model: dict[str, list[Recorded]] = {}
    for one in read_lines(path, Recorded, "recorded answers"):
        by_model.setdefault(one.model, []).append(one)
    return {name: RecordedModel(lines) for name, lines in by_model.items()}


def one_recorded(path: Path, model: str) -> RecordedModel:
    """One model of the file. Raises NoReadableInput if it is not there."""
    models = read_recorded(path)
    if model not in models:
        raise NoReadableInput(f"no answers of {model!r}", place=str(path), cure=f"name one of {', '.join(sorted(models)[:5])}")
    return models[model]
