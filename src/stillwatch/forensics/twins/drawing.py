"""Drawing twins: the withheld answer of each served one, with the seed that was committed to when it was served.

Rules: the same prompt, the same sampler, the second seed. An answer that cannot be drawn ends the work, because a pair that is left
out after serving would be a selection.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from stillwatch.errors import StillwatchError
from stillwatch.forensics.access.asking import asked
from stillwatch.forensics.access.outcome import Answer
from stillwatch.forensics.twins.coins import coin_list
from stillwatch.forensics.twins.pairs import Pair
from stillwatch.forensics.twins.serving import Sampler, ServedAnswer


class TwinNotDrawn(StillwatchError):
    """The end point gave no twin; the others are kept, so trying again costs only what is missing."""


class Drawer(Protocol):
    """A model that draws with a given sampler and seed; ``ServedModel`` is one."""

    def draw(self, prompt: str, sampler: Sampler, *, seed: int | None = None, draw: int = 0) -> Answer:
        """One answer."""


def draw_twins(
    served: Sequence[ServedAnswer], secret: bytes, teacher: Drawer, parallel: int, progress: Callable[[int], None]
) -> list[Pair]:
    """A pair for every served answer, in their order. Raises TwinNotDrawn, and what asking raises."""

    def pair(one: ServedAnswer) -> Pair:
        coins = coin_list(secret, one.request_id)
        twin = teacher.draw(one.prompt, one.sampler, seed=coins.seeds[1])
        if twin.failure:
            raise TwinNotDrawn(f"no twin: {twin.failure}", place=one.request_id, cure="run again when the end point answers")
        return Pair(one.request_id, one.account, one.prompt, one.answer, twin.text, one.sampler, coins)

    return asked(served, pair, parallel=parallel, progress=progress)
