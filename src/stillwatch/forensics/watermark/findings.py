"""From a test to a finding that a reader without statistics understands, with what it does not show said beside it.

Rules
- Marked text is evidence of level E2, and so are weights on their own; two mechanisms together are for the verdict to raise.
- Spoofing and removal belong to the statement: who knows the key, or has learnt enough of it from answers, can write marked text,
  and who rewrites or trains on can wash a mark out. So a mark found accuses less than it seems, and none found acquits nobody.
"""

from typing import Literal

from stillwatch.forensics.finding import Finding, Interval
from stillwatch.forensics.watermark.detection import LEAST_PAIRS, TooFew, WatermarkTest
from stillwatch.forensics.watermark.keys import TierKey
from stillwatch.forensics.watermark.scheme import Scheme

Access = Literal["text", "weights"]

_MECHANISM = {"text": "watermark-text", "weights": "watermark-weights"}
_DID = {"text": "the suspect wrote", "weights": "the suspect's weights prefer"}
_SPOOFING = "Someone who learnt the mark could have planted it in text that the suspect was trained on."
_INDIRECT = "Marked answers on the web, or a model trained on them, carry the mark further: the suspect need not have asked us."
_REMOVAL = "Rewriting, translation and further training weaken the mark, so finding none does not show that none was used."
_ASSUMPTIONS = (
    "The key was fixed (its commitment published or signed into a plan) before the suspect was looked at.",
    "Text and prompts were chosen without knowledge of the key, and prompts held no marked text that was counted.",
    "Each pair of context and token counts once.",
)


def finding(
    result: WatermarkTest | TooFew, scheme: Scheme, key: TierKey, *, suspect: str, access: Access, alpha: float = 0.01
) -> Finding:
    """The finding on "``suspect`` was trained on what we marked with this key".

    It reaches E2 where the p-value is at most ``alpha``; above that, chance explains the result.
    """
    hypothesis = f"{suspect} was trained on {_marked(key)}"
    if isinstance(result, TooFew):
        why = f"only {result.pairs} distinct places could be tested, {LEAST_PAIRS} are needed"
        return Finding.refusal(_MECHANISM[access], hypothesis, why, counted=result.pairs, counted_in="pairs of context and token")
    shown = result.p_value <= alpha
    return Finding(
        mechanism=_MECHANISM[access],
        hypothesis=hypothesis,
        statement=_statement(result, access, shown),
        p_value=result.p_value,
        e_value=result.e_value,
        effect=result.preference.value,
        effect_unit=scheme.preference_unit,
        interval=Interval(result.preference.lower, result.preference.upper),
        counted=result.pairs,
        counted_in="pairs of context and token",
        level="E2" if shown else "insufficient",
        assumptions=[f"{scheme.name}, context width {scheme.width}, tier {key.tier}.", *_ASSUMPTIONS],
    )


def _marked(key: TierKey) -> str:
    return "answers that we marked" if key.tier == "global" else f"answers marked for {key.tier} {key.name}"


def _statement(result: WatermarkTest, access: Access, shown: bool) -> str:
    if not shown:
        return f"At {result.pairs:,} distinct places, what {_DID[access]} follows our key no more than chance explains. {_REMOVAL}"
    rate = f"about once in {1 / result.p_value:,.0f}" if result.p_value > 1e-9 else "less than once in a thousand million"
    return (
        f"At {result.pairs:,} distinct places, what {_DID[access]} follows our key more than chance explains: "
        f"a key that nobody used would do as well {rate}. {_SPOOFING} {_INDIRECT}"
    )
