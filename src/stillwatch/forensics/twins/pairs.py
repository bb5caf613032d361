"""Pairs: a served answer and its withheld twin, and the rules by which a pair is left out.

Rules
- Every rule looks at a pair without knowing which of its answers was served, so leaving out favours neither side.
- Intention to treat: nothing else leaves a pair out, above all nothing that the suspect did.

>>> pair = Pair("req-1", "acct-7", "Why?", "Because.", "Because.", Sampler(1.0))
>>> why_dropped(pair)
'the two answers are the same'
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from stillwatch.errors import NoReadableInput
from stillwatch.forensics.documents import read_lines
from stillwatch.forensics.twins.coins import CoinList
from stillwatch.forensics.twins.serving import Sampler


class Pair(msgspec.Struct, frozen=True):
    """One prompt with the answer that was ``served`` and the one that was ``withheld``, drawn alike.

    ``account`` is the pseudonym to which the answer was served; ``coins`` is the revealed list, if there is a serving record.
    """

    request_id: str
    account: str
    prompt: str
    served: str
    withheld: str
    sampler: Sampler
    coins: CoinList | None = None


class Kept(msgspec.Struct, frozen=True):
    """The pairs that count and, by reason, how many do not."""

    pairs: list[Pair]
    dropped: dict[str, int]


def keep(pairs: Sequence[Pair]) -> Kept:
    """The pairs that the rules keep, in the order given."""
    reasons = [why_dropped(pair) for pair in pairs]
    kept = [pair for pair, reason in zip(pairs, reasons, strict=True) if reason is None]
    return Kept(kept, dict(Counter(reason for reason in reasons if reason)))


def why_dropped(pair: Pair) -> str | None:
    """The rule that leaves this pair out, if any."""
    if pair.sampler.temperature <= 0:
        return "drawn at temperature 0, so chance decided nothing"
    if not pair.served.strip() or not pair.withheld.strip():
        return "one of the two answers is empty"
    if pair.served.split() == pair.withheld.split():
        return "the two answers are the same"
    return None


def read_pairs(path: Path) -> list[Pair]:
    """Pairs from JSON Lines. Raises NoReadableInput for a line that is no pair, a repeated request or an empty file."""
    pairs = read_lines(path, Pair, "pairs of twins")
    repeated = [request for request, count in Counter(pair.request_id for pair in pairs).items() if count > 1]
    if repeated:
        raise NoReadableInput(
            f"{len(repeated)} requests occur more than once, for example {repeated[0]!r}",
            place=str(path),
            cure="write one line for each request",
        )
    return pairs
