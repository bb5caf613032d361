"""Methods that accuse the innocent, kept so that they stay refused or labelled: what each would say, and what the product says.

- *Naive paired t-test*: our answers against another model's to the same questions, log-probabilities compared by Student's t. Chance
  decided nothing there, so every model that finds one style easier "prefers" it.
- *Closed-set attribution*: the nearest of a list of teachers. Somebody is always nearest.
- *Watermark without de-duplication*: a z-score over all occurrences. Repetition multiplies one accident of the key.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from scipy.stats import ttest_1samp

from benchmarks.forensics.cast import Served, World
from benchmarks.forensics.network import Example, Network, answers, scores_per_byte
from benchmarks.forensics.trial import Reading
from stillwatch.errors import RefusedByPolicy
from stillwatch.forensics.finding import Finding
from stillwatch.forensics.population.style import UNKNOWN, attribute
from stillwatch.forensics.twins.judgement import Circumstances, alike, judge
from stillwatch.forensics.twins.measures import length_control
from stillwatch.forensics.twins.preference import prefer
from stillwatch.forensics.watermark.contexts import contexts
from stillwatch.forensics.watermark.keys import TierKey
from stillwatch.forensics.watermark.pairs import Pairs
from stillwatch.forensics.watermark.scheme import Scheme

LEVEL = 0.001
_Z = 3.0902
"""The one-sided normal quantile of ``LEVEL``."""
_KEYS = 2_000


class Failure(msgspec.Struct, frozen=True):
    """A method, how many of so many ``trials`` on innocent students it accuses, and what the product says instead."""

    method: str
    claims: str
    trials: int
    accused: int
    product: str


def naive_t_test(world: World, innocents: Mapping[str, Network], served: Served) -> Failure:
    """Our teacher's answers, without a mark, against the other's, as if they were twins; the product is given the same pairs."""
    seeds = [70_000_000 + place for place in range(len(served.questions))]
    ours, theirs = (answers(teacher, served.questions, seeds) for teacher in (world.teacher, world.other_teacher))
    pages = [[Example(*pair) for pair in zip(served.questions, texts, strict=True)] for texts in (ours, theirs)]
    accused, said = 0, []
    for network in innocents.values():
        gap = scores_per_byte(network, pages[0]) - scores_per_byte(network, pages[1])
        accused += bool(ttest_1samp(gap, 0, alternative="greater").pvalue <= LEVEL)
        judged = _judged(gap, length_control(ours, theirs))
        said.append(judged.refused or f"level {judged.level} at most, for no serving record stands behind the pairs")
    product = "; ".join(f"{count} × {sentence}" for sentence, count in Counter(said).items())
    return Failure("naive paired t-test", f"p ≤ {LEVEL:g}", len(innocents), accused, product)


def closed_set(innocents: Mapping[str, Reading], teachers: Mapping[str, Network], served: Served) -> Failure:
    """The nearest teacher in style; the product may say that nobody is near, and never more than E0."""
    draws = [
        {
            name: answers(network, served.questions, [draw * 10_000_000 + place for place in range(len(served.questions))])
            for name, network in teachers.items()
        }
        for draw in (8, 9)
    ]
    found = [attribute([given[0] for given in reading.answered], *draws) for reading in innocents.values()]
    named = sum(each.level != "insufficient" for each in found)
    product = f"{len(found) - named} × {UNKNOWN}, {named} × a name at level E0, which proves nothing"
    return Failure("closed-set attribution", "the nearest of the list", len(found), len(found), product)


def repeated_watermark(texts: Sequence[np.ndarray], scheme: Scheme) -> Failure:
    """z over all occurrences under random keys that marked nothing; the product refuses to take occurrences."""
    words = np.concatenate([contexts(text, width=scheme.width) for text in texts])
    tokens = np.concatenate([text[scheme.width :] for text in texts]).astype(np.uint64)
    try:
        Pairs(words, tokens, len(tokens))
        product = "took the occurrences"
    except RefusedByPolicy as refusal:
        product = f"refused: {refusal.what}"
    joint, counts = np.unique(np.column_stack([words, tokens]), axis=0, return_counts=True)
    pairs = Pairs(joint[:, 0].copy(), joint[:, 1].copy(), len(tokens))
    generator = np.random.default_rng(6)
    accused = 0
    for _ in range(_KEYS):
        key = TierKey(generator.bytes(16), "account", "nobody", generator.bytes(16))
        total = counts @ (scheme.scores(key.key, pairs) - scheme.mean)
        accused += bool(total / np.sqrt(counts.sum() * scheme.variance) >= _Z)
    return Failure("watermark without de-duplication", f"z ≥ {_Z:.2f}, p ≤ {LEVEL:g}", _KEYS, accused, product)


def _judged(gap: np.ndarray, longer: np.ndarray) -> Finding:
    """What the product makes of pairs that have no serving records."""
    generator = np.random.default_rng(7)
    circumstances = Circumstances(mechanism="twins-logprob", hypothesis="read ours", alpha=LEVEL, recorded=False)
    return judge(prefer(gap[:, None], longer, generator), circumstances, twins_alike=alike(longer, generator))
