"""Prose: prompts composed from sentences that we wrote, in six scripts, with words of the account's own topics.

Each sentence has three places for words. A topic is a small vocabulary with a few common and many rare words, so that
texts of one topic resemble each other and two texts are hardly ever the same. Everything is vectorised.

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
        "How do I get {} to work with {} when {} is already there?",
        "My colleague says that {} matters more than {}, but I never had trouble with {}.",
        "Please look at this part about {} again, since {} and {} do not match.",
        "We moved from {} to {} last spring and since then {} keeps failing.",
        "Could you put the notes on {} and {} into a short mail to the {} team?",
        "I am planning a trip around {}, with a stop for {} and maybe {}.",
        "What would be a good name for a shop that sells {}, {} and {}?",
        "The error appears after {} was loaded: expected {} but found {}.",
        "Is it better to learn {} first, or {} together with {}?",
        "Here is what I have so far on {}; the section on {} is too long and {} is missing.",
    ),
    (
        "¿Cómo puedo usar {} junto con {} si todavía no tengo {}?",
        "Quiero escribir un texto corto sobre {} y {} para mi curso de {}.",
        "El informe de {} no coincide con {}, y nadie sabe dónde quedó {}.",
        "Necesito comparar {} con {} antes de la reunión sobre {}.",
        "Mi hermana busca recetas con {}, {} y un poco de {}.",
        "Después de instalar {} apareció un aviso de {} en la carpeta {}.",
    ),
    (
        "Как настроить {} так, чтобы {} не мешал {}?",
        "Мне нужно письмо заказчику о том, что {} задерживается из-за {} и {}.",
        "Чем {} отличается от {}, если у меня уже есть {}?",
        "Вчера мы обсуждали {}, а сегодня выяснилось, что {} зависит от {}.",
        "Подскажи, с чего начать изучение {} после {} и {}.",
        "В таблице перепутаны столбцы {} и {}, а {} вообще пустой.",
    ),
    (
        "请问{}和{}一起使用的时候为什么{}会出问题？",
        "我想给客户写一封关于{}的邮件，顺便提到{}和{}。",
        "上周我们把{}换成了{}，现在{}总是很慢。",
        "学习{}之前需要先了解{}还是{}？",
        "这段文字里{}的部分太长了，{}和{}可以删掉。",
        "周末想带孩子去{}，附近有没有{}或者{}？",
    ),
    (
        "كيف أستخدم {} مع {} إذا لم يكن {} متاحا بعد؟",
        "أريد كتابة رسالة قصيرة عن {} و {} إلى فريق {}.",
        "ما الفرق بين {} و {} بالنسبة إلى {}؟",
        "بعد تحديث {} توقف {} عن العمل وظهر {}.",
        "أبحث عن كتاب جيد حول {} و {} وربما {}.",
    ),
    (
        "मैं {} को {} के साथ कैसे जोड़ूँ जब {} पहले से चल रहा है?",
        "कृपया {} और {} के बारे में {} टीम के लिए एक छोटा पत्र लिखें।",
        "पिछले हफ्ते से {} ठीक नहीं चल रहा, शायद {} या {} की वजह से।",
        "क्या {} सीखने से पहले {} और {} जानना जरूरी है?",
        "मेरी दुकान में {}, {} और {} मिलते हैं, कोई अच्छा नाम बताइए।",
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
