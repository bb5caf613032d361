"""Letters as a reader sees them: the reading form of a text, in which the guard looks for what may not leave.

Rules, in order: invisible characters go; NFKC (UAX #15); decimal digits of every script become ASCII; the marks on Latin, Greek
and Cyrillic letters go (e with acute is e); case is folded; what joins words (``_ - /`` and apostrophes) becomes a blank, and
white space one blank. Apart from these, since a Russian word may happen to look Latin: ``unmasked`` turns into ASCII every word
whose letters all are ASCII or look like it (UTS #39).

>>> folded("Ｐrice\\u200bs: Pr\\u00e9visions_2026"), unmasked("Рrісе")
('prices: previsions 2026', 'Price')
"""

import re
import unicodedata
from functools import cache

from confusable_homoglyphs import confusables

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
)
_FAR_INVISIBLE = "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
_HIDDEN = re.compile(f"[{_INVISIBLE}{_FAR_INVISIBLE}]+")
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+")
_MASKED_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]*[^\W\d_a-zA-Z\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af][^\W_]*")
_JOINTS = str.maketrans(dict.fromkeys("_-/'`´‐‑‒–—―‘’ʼ·", " "))
_BLANKS = re.compile(r"\s{2,}|[^\S ]")
_DIGIT = re.compile(r"[^\W\D_0-9]|[^\x00-\x7f\D]")


def visible(text: str) -> str:
    """The text without characters that nobody sees (zero-width, bidirectional controls, tags, variation selectors)."""
    return text if text.isascii() else _HIDDEN.sub("", text)


def plain(text: str) -> str:
    """Case and spelling as they are, but visible, compatible (NFKC) and with ASCII digits."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", visible(text).translate(_BOXED))
    return _DIGIT.sub(lambda found: str(unicodedata.decimal(found[0], found[0])), visible(text))


def folded(text: str) -> str:
    """The reading form."""
    text = plain(text)
    text = text.lower() if text.isascii() else bare(text).casefold()
    return _BLANKS.sub(" ", text.translate(_JOINTS))


def bare(text: str) -> str:
    """The text without the marks on its letters."""
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", _MARKS.sub("", apart))


def unmasked(text: str) -> str:
    """The text with every word read as ASCII whose letters are all ASCII or look like it."""
    return text if text.isascii() else _MASKED_WORD.sub(lambda found: _as_ascii(found[0]), text)


def _as_ascii(word: str) -> str:
    seen = word.translate(lookalikes())
    return seen if seen.isascii() else word


@cache
def lookalikes() -> dict[int, str]:
    """The one ASCII letter or digit that a letter of another script looks like, where there is one (UTS #39, confusables).

    Where the table has several, a letter of the same case is preferred. Small capitals and turned letters are read as what they
    are forms of.
    """
    found: dict[int, str] = {}
    for letter, entries in confusables.confusables_data.items():
        if len(letter) != 1 or letter.isascii() or not letter.isalpha():
            continue
        targets = [entry["c"] for entry in entries if len(entry["c"]) == 1 and entry["c"].isascii() and entry["c"].isalnum()]
        same_case = [target for target in targets if target.isupper() == letter.isupper()]
        if targets:
            found[ord(letter)] = (same_case or targets)[0]
    return found | _formed() | _ALSO


def _formed() -> dict[int, str]:
    """Small capitals and turned letters, told by their names in the Unicode Character Database."""
    named = {code: _FORM.fullmatch(unicodedata.name(chr(code), "")) for code in (*range(0x0180, 0x02B0), *range(0x1D00, 0x1D80))}
    return {code: form[1].lower() for code, form in named.items() if form}


_FORM = re.compile("LATIN (?:LETTER SMALL CAPITAL|SMALL LETTER TURNED|SMALL LETTER OPEN|SMALL LETTER DOTLESS) ([A-Z])")
_BOXED = {first + i: chr(97 + i) for first in (0x1F150, 0x1F170, 0x1F1E6) for i in range(26)}
"""Letters in circles and squares, and regional indicators, which NFKC leaves alone."""

_ALSO = {
    ord(letter): seen
    for letter, seen in zip(
        "вкмнтгзбпѕіјһԁԛԝάέήίόύώικρτυωνηχεαοıłøđħŧƒɡɑɩǝɹ", "bkmhtr36nsijhdqwaeniouwikptuwvnxeaoilodhtfgaier", strict=True
    )
}
"""Look-alikes that forgers use and the table has only in their capital form, or by another road."""
