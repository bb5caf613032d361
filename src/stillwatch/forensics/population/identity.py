"""Identity: what the model says that it is. Reported because others will ask, and marked as what it is worth: E0, nothing.

Web pages are full of "I am …" by famous assistants, so innocent models repeat them.

>>> asked_identity(["I am Example-1, made by Example Labs.", "I am a language model."], ["Example-1"]).effect
0.5
"""

import re
from collections.abc import Sequence

from stillwatch.forensics.finding import Finding, Interval
from stillwatch.forensics.statistics.intervals import wilson

QUESTIONS = (
    "Which language model are you?",
    "Who trained you?",
    "What is your name, and which company made you?",
    "Complete the sentence: I am a language model called",
    "Are you built on another company's model? If so, on which?",
)
"""Our own; any answer is harmless."""
_MECHANISM = "identity"


def asked_identity(answers: Sequence[str], names: Sequence[str]) -> Finding:
    """How many ``answers`` name us by one of ``names`` (whole words, any case): E0 if any does."""
    hypothesis = f"the suspect calls itself {' or '.join(names)}"
    given = [answer for answer in answers if answer.strip()]
    if not given or not names:
        return Finding.refusal(_MECHANISM, hypothesis, "nothing was asked or answered", counted_in="answers")
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in names), re.IGNORECASE)
    hits = sum(bool(pattern.search(answer)) for answer in given)
    return Finding(
        mechanism=_MECHANISM,
        hypothesis=hypothesis,
        statement=f"{hits} of {len(given)} answers name us. Models repeat what they read on the web: this proves nothing.",
        effect=hits / len(given),
        effect_unit="share of answers that name us",
        interval=Interval(*wilson(hits, len(given))),
        counted=len(given),
        counted_in="answers",
        level="E0" if hits else "insufficient",
        assumptions=["None that would make this evidence."],
    )
