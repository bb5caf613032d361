"""Prose: prompts composed from sentences that we wrote, in six scripts, with words of the account's own topics.

Each sentence has three places for words, and little else: people rarely share a long run of words by chance, so what stands
between the places is shorter than what a fingerprint samples. A topic is a small vocabulary with a few common and many rare
words, so that texts of one topic resemble each other and two texts are hardly ever the same. Everything is vectorised.

>>> write(np.array([1, 2]), np.array([0, 0]), np.array([3, 3]), np.random.default_rng(0)).to_pylist()
['...', '...']
"""

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.traffic.arrow import Offsets

SENTENCES: tuple[tuple[str, ...], ...] = (
    (
        "how do I get {} to run {} when {} is on?",
        "my {} says {} beats {}.",
        "look at {} again: {} and {} differ.",
        "we left {} for {}, now {} fails.",
        "a short mail on {} and {} to {}, please.",
        "a trip by {}, then {}, maybe {}.",
        "names for {}: {} or {}?",
        "expected {}, found {}, then {}.",
        "{} first, or {} with {}?",
        "so far {}; {} is long, {} is gone.",
        "is {} {} enough for {}?",
        "{} under {} costs {} more.",
    ),
    (
        "¿uso {} con {} sin {}?",
        "un texto de {} y {} para {}.",
        "{} no da {}, falta {}.",
        "compara {} y {} para {}.",
        "recetas con {}, {} y {}.",
        "tras {} salió {} en {}.",
        "mi {} quiere {} o {}.",
    ),
    (
        "как {} без {} и {}?",
        "письмо: {} ждёт {} и {}.",
        "чем {} лучше {} и {}?",
        "вчера {}, потом {}, а {} нет.",
        "сначала {} или {} и {}?",
        "в {} нет {}, есть {}.",
    ),
    (
        "{}和{}怎么配{}？",
        "写信谈{}，再提{}和{}。",
        "把{}换成{}，{}就慢。",
        "先学{}还是{}、{}？",
        "{}太长，{}和{}删掉。",
        "{}附近有{}或{}吗？",
    ),
    (
        "كيف {} مع {} دون {}؟",
        "رسالة عن {} و {} إلى {}.",
        "ما فرق {} عن {} في {}؟",
        "بعد {} توقف {} و {}.",
        "كتاب في {} أو {} أو {}.",
    ),
    (
        "{} को {} से {} कैसे?",
        "{} और {} पर {} पत्र।",
        "{} बंद है, {} या {}?",
        "पहले {} या {} और {}?",
        "{}, {} और {} हैं।",
    ),
)
"""Per script (Latin English, Latin Spanish, Cyrillic, Han, Arabic, Devanagari) sentences with three places each."""

SCRIPTS = len(SENTENCES)
SCRIPT_SHARES = (0.5, 0.13, 0.1, 0.13, 0.06, 0.08)
"""How often accounts write in each; campaigns and people draw from the same shares."""
TOPICS = 600
_WORDS_PER_TOPIC = 90
_ONSETS = (
    ("b", "br", "c", "d", "f", "gl", "h", "k", "l", "m", "n", "p", "pr", "r", "s", "st", "t", "tr", "v", "w"),
    ("b", "c", "d", "f", "g", "l", "ll", "m", "n", "p", "qu", "r", "s", "t", "v", "z", "ch", "pl", "tr", "br"),
    ("б", "в", "г", "д", "ж", "з", "к", "л", "м", "н", "п", "р", "с", "т", "ф", "х", "ц", "ч", "ш", "ст"),
    tuple("山水木火土金石田禾竹米糸羊虫貝車門雨馬魚"),
    tuple("بتثجحخدذرزسشصضطعغفقك"),
    ("क", "ख", "ग", "घ", "च", "छ", "ज", "झ", "ट", "ड", "त", "द", "न", "प", "ब", "भ", "म", "य", "र", "ल"),
)
_RHYMES = (
    ("a", "e", "i", "o", "u", "an", "el", "in", "or", "us", "ark", "ent", "ist", "ow"),
    ("a", "e", "i", "o", "u", "an", "el", "ín", "or", "es", "ar", "ento", "ista", "ío"),
    ("а", "е", "и", "о", "у", "ан", "ел", "ин", "ор", "ус", "арь", "ент", "ист", "ов"),
    tuple("心手口目耳足言力刀弓矢衣食行"),
    ("ا", "و", "ي", "ان", "ين", "ون", "ات", "ة", "ال", "ار", "ود", "يم", "ام", "ير"),
    ("ा", "ि", "ी", "ु", "ू", "े", "ै", "ो", "ौ", "ान", "ीन", "ार", "ेश", "ोल"),
)

Numbers = npt.NDArray[np.int64]


@cache
def vocabulary() -> pa.Array:
    """All words: per script TOPICS × _WORDS_PER_TOPIC, the same in every world."""
    rng = np.random.default_rng(20261012)
    words = []
    for onsets, rhymes in zip(_ONSETS, _RHYMES, strict=True):
        size = (TOPICS * _WORDS_PER_TOPIC, 3)
        syllables = np.char.add(rng.choice(onsets, size), rng.choice(rhymes, size))
        long = rng.random(size[0]) < 0.4
        words.append(np.char.add(np.char.add(syllables[:, 0], syllables[:, 1]), np.where(long, syllables[:, 2], "")))
    return pa.array(np.concatenate(words).tolist())


_PIECES = pa.array([piece for script in SENTENCES for sentence in script for piece in sentence.split("{}")])
_FIRST = np.cumsum([0, *(len(script) for script in SENTENCES)])


def write(sentences: Numbers, scripts: Numbers, topics: Numbers, rng: np.random.Generator) -> pa.Array:
    """One text per row: how many ``sentences``, in which of the SCRIPTS, on which of the TOPICS; parallel arrays.

    A text costs about a microsecond a sentence.
    """
    script, topic = np.repeat(scripts, sentences), np.repeat(topics, sentences)
    sizes = np.array([len(part) for part in SENTENCES])
    chosen = (_FIRST[script] + rng.integers(0, sizes[script])) * 4
    parts = []
    for place in range(4):
        parts.append(pc.take(_PIECES, pa.array(chosen + place)))
        if place < 3:
            rank = np.minimum(rng.exponential(_WORDS_PER_TOPIC / 4, len(topic)).astype(np.int64), _WORDS_PER_TOPIC - 1)
            parts.append(pc.take(vocabulary(), pa.array((script * TOPICS + topic) * _WORDS_PER_TOPIC + rank)))
    joined = pc.binary_join_element_wise(*parts, "")
    ends: Offsets = np.concatenate([[0], np.cumsum(sentences)])
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(ends, pa.int32()), joined), " ")
