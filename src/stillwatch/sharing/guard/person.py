"""Names, births and homes of people in a text. Made-up names of campaigns (*Amber Fox*) are not taken for people.

>>> [names_person(text) for text in ("written by Thomas Mustermann", "Herr Beispiel", "the operator Amber Fox")]
[True, True, False]
>>> tells_birth_or_home("17 Example Street")
True
"""

import re

_GIVEN = (
    "John Jane James Robert Michael William David Richard Thomas Christopher Daniel Matthew Anthony Steven Andrew Kenneth "
    "Joshua Kevin Brian George "
    "Edward Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Nancy Margaret Sandra Emily Alice Peter "
    "Paul Laura Julia Sophie "
    "Anna Maria Hans Jürgen Klaus Wolfgang Stefan Sabine Ursula Monika Petra Andreas Heinrich Pierre Jacques François Philippe "
    "Nicolas Céline Amélie "
    "Jean Juan José Carlos Miguel Javier Pedro Luis Carmen Lucía Ivan Dmitry Dmitri Sergey Sergei Vladimir Alexei Aleksandr "
    "Natalia Olga Svetlana "
    "Tatiana Hiroshi Takashi Kenji Akira Yuki Haruto Muhammad Mohammed Mohamed Ahmed Fatima Priya Rahul Amit Anjali Giovanni "
    "Giuseppe Marco Paolo "
    "Francesca Piotr Katarzyna João Xiaoming Jiawei Minjun"
)
_NAME = re.compile(
    rf"\b(?:{'|'.join(_GIVEN.split())})(?:[ \u00a0_.-](?:[A-Z]\.[ ])?(?:de |von |van |der |del )?[A-ZÀ-Ý][a-zà-ÿ'’-]{{2,}})+\b"
)
_CYRILLIC_NAME = re.compile(
    r"\b(?:Иван|Сергей|Дмитрий|Александр|Алексей|Андрей|Михаил|Николай|Владимир|Ольга|Анна|Мария|Елена|Наталья|Татьяна"
    r"|Светлана)[а-я]{0,2}\s[А-Я][а-я]{2,}"
)
_TITLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|Herrn?|Frau|Monsieur|Madame|Mme|Mlle|Señora?|Sra?"
    r"|Signora?)\.?\s(?:[A-Z]\.\s?)?[A-ZÀ-Ý][a-zà-ÿ'’-]+|\bM\.\s[A-Z][a-zà-ÿ]{2,}"
    r"|\b(?:г-н|господин|госпожа|г-жа)\s[А-Я]|[\u4e00-\u9fff]{1,3}(?:先生|女士|小姐)"
    r"|(?<![仕同多客皆神一])[\u4e00-\u9fff]{1,4}(?<![仕同多客皆神])(?:さん|様)(?!々)"
)
_CALLED = re.compile(
    r"(?:\b(?:my|his|her|their|real|full|whose|account holder s?|customer)\W?s?\s?name (?:is|was)\s?:?|\bregistered (?:to"
    r"|in the name of)|\bbelongs to"
    r"|\baccount holder:?|\bcardholder:?|\bname on (?:the )?(?:card|account):?)\s[A-Z][a-zà-ÿ]+\s[A-ZÀ-Ý][a-zà-ÿ]+"
    r"|(?:姓名|氏名|名前"
    r"|이름|ФИО)\s?[:：は]?\s?\w{2,}"
)
_BORN = re.compile(
    r"\b(?:born (?:on|in)?|date of birth|d\.?o\.?b\.?|birthday|geboren(?: am)?|geburtsdatum|née? le|date de naissance"
    r"|nacid[oa] el|fecha de nacimiento"
    r"|дата рождения|родил\w*)\b\W{0,4}\w{0,9}\W{0,3}\d{1,4}"
    r"|(?:生年月日|出生日期|出生于|生まれ|생년월일)\D{0,4}\d|\d年\d{1,2}月\d{1,2}日(?:出生|生)",
    re.I,
)
_HOME = re.compile(
    r"\b\d{1,5}[a-z]?,?\s(?:[A-Z][\w.'’-]+\s){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct"
    r"|Square|Terrace)\b"
    r"|\b[A-ZÄÖÜ][a-zäöüß-]+(?:straße|strasse|str\.|gasse|allee|platz|weg)\s?\d{1,4}[a-z]?\b|\b[A-ZÄÖÜ][a-zäöüß]+\s(?:Straße"
    r"|Allee|Platz|Weg)\s\d"
    r"|\b\d{1,4},?\s(?:bis\s|ter\s)?(?:rue|avenue|boulevard|impasse|chemin|quai)\s(?:de\s|du\s|des\s|d['’])?(?:la\s"
    r"|l['’])?[A-ZÀ-Ý]"
    r"|\b(?:Calle|Avenida|Avda\.?|Paseo|Via|Viale|Rua)\s(?:de\s|del\s|la\s)*[A-ZÁÉÍÓÚ][\w]+[^.\n]{0,20}?\d{1,4}\b"
    r"|(?:\bул\.|\bулица|\bпроспект|\bпр-т)\s?[А-Я]\w+\D{0,8}\d|[\u4e00-\u9fff]{2,20}(?:路|街|大道)\s?\d+\s?号|\d+丁目|\d+番地|[가-힣]+(?:로"
    r"|길)\s\d+번?"
    r"|(?<![\d.])-?\d{1,2}\.\d{4,}°?\s?[NS]?,\s?-?\d{1,3}\.\d{4,}"
)


def names_person(text: str) -> bool:
    """Whether a person is named in the text, whose case must be as it was written."""
    return any(pattern.search(text) for pattern in (_NAME, _TITLED, _CALLED, _CYRILLIC_NAME))


def tells_birth_or_home(text: str) -> bool:
    """Whether a date of birth, a postal address or a position on the map is in the text."""
    return _BORN.search(text) is not None or _HOME.search(text) is not None
