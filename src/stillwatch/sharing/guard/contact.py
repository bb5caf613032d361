"""E-mail addresses and telephone numbers in a text, also where they are written so as not to be found.

>>> has_email("j.doe (at) mail [dot] example"), has_email("recall@10 of user@1.2")
(True, False)
>>> has_phone("call 030 / 901820"), has_phone("2026-09-10")
(True, False)
"""

import re
from collections.abc import Iterator

import phonenumbers

_AT = r"(?:\s{0,2}@\s{0,2}|\s?[\[({<|*_]+\s?(?:at|@|ät|bei|arroba|arobase|chez|собака|艾特|アット)\s?[\])}>|*_]+\s?)"
_DOT = (
    r"(?:\.|\s\.\s|\s?[\[({<|*_]+\s?(?:dot|\.|punkt|point|punto|точка|点|ドット)\s?[\])}>|*_]+\s?"
    r"|\s(?:dot|punkt|point|punto|точка)\s)"
)
_EMAIL = re.compile(rf"[\w.+%-]{{1,64}}{_AT}[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{0,4}}{_DOT}[^\W\d_]{{2,24}}", re.I)
_SPOKEN_EMAIL = re.compile(
    r"\b[\w.+-]+(?: (?:dot|punkt|point|punto|точка) [\w-]+)* (?:at|ät|arroba|arobase|собака) [\w-]+(?: (?:dot|punkt|point|punto"
    r"|точка) [\w-]+)+\b",
    re.I,
)
_EMAIL_HINT = re.compile(
    r"@|[\[({<|*_]\s?(?:at|ät|bei|arroba|arobase|chez|собака|艾特|アット)\s?[\])}>|*_]|\s(?:dot|punkt|point|punto|точка)\s", re.I
)

_INTERNATIONAL = re.compile(r"(?<![\w+])(?:\+|00(?=[1-9]))[\s(]{0,2}\d[\d\s().\-/]{6,20}\d")
_NATIONAL = (
    re.compile(r"(?<![\d.,/-])\(?\d{3}\)?[\s.-]\d{3}[.-]\d{4}(?![\d-])|(?<!\d)\(\d{3}\)\s?\d{3}[\s.-]\d{4}(?!\d)"),
    re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)1[3-9]\d[\s-]\d{4}[\s-]\d{4}(?!\d)"),
    re.compile(r"(?<!\d)8[\s(\-]{1,2}\d{3}[)\s\-]{1,2}\d{3}[\s-]?\d{2}[\s-]?\d{2}(?!\d)"),
)
_TRUNK = re.compile(r"(?<![\d.,:/\-\w])0\d{1,4}[\s./\-)]{1,3}\d[\d\s./\-]{4,12}\d(?![\d.])")
_REGIONS = ("DE", "GB", "FR", "JP", "IT", "CN", "IN", "AU", "KR")
_NAMED = re.compile(
    r"(?:\b(?:tel|phone|telephone|mobile|cell|call|fax|whatsapp|sms|telefon|handy|tél|téléphone|portable|teléfono|móvil|celular"
    r"|тел|телефон|звони\w*)\b"
    r"|电话|手机|電話|携帯|전화)[\w\s.:#()]{0,20}?\d[\d\s().\-/]{5,18}\d",
    re.I,
)
_SPOKEN = re.compile(
    r"(?:\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|null|eins|zwei|zwo|drei|vier|fünf|sechs|sieben|acht|neun|un"
    r"|deux|trois|quatre|cinq|sept|huit|neuf"
    r"|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|ноль|один|два|три|четыре|пять|шесть|семь|восемь"
    r"|девять)\b[\s,.-]*){7}",
    re.I,
)
_MOST_CANDIDATES = 50


def has_email(text: str) -> bool:
    """Whether an e-mail address is in the text."""
    if not _EMAIL_HINT.search(text):
        return False
    return _EMAIL.search(text) is not None or _SPOKEN_EMAIL.search(text) is not None


def has_phone(text: str) -> bool:
    """Whether a telephone number is in the text, international or in a national form."""
    return any(pattern.search(text) for pattern in _NATIONAL) or any(_is_number(*each) for each in _candidates(text))


def names_phone(text: str) -> bool:
    """Whether figures are in the text that are said to be a telephone number."""
    return _NAMED.search(text) is not None


def spells_number(text: str) -> bool:
    """Whether at least seven figures in a row are spelled out in words."""
    return _SPOKEN.search(text) is not None


def _candidates(text: str) -> Iterator[tuple[str, str | None]]:
    for count, found in enumerate(_INTERNATIONAL.finditer(text)):
        if count < _MOST_CANDIDATES:
            yield re.sub("^00", "+", found[0]), None
    for count, found in enumerate(_TRUNK.finditer(text)):
        if count < _MOST_CANDIDATES and 8 <= sum(map(str.isdigit, found[0])) <= 12:
            yield from ((found[0], region) for region in _REGIONS)


def _is_number(text: str, region: str | None) -> bool:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number) if region is None else phonenumbers.is_valid_number(number)
