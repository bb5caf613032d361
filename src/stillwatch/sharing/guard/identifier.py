"""Identifiers of accounts, devices and people, and hashes of them, in a text; published forms are none.

>>> known = "user-account--0a1b2c3d-1111-4222-8333-444455556666 and swt1:2026-q4:email:" + "A" * 43
>>> has_account_id(published_forms_removed(known)), has_account_id("acct_8f3k2m9q"), has_numbered_identifier("user id 883812")
(False, True, True)
"""

import re

TOKEN = r"swt1:[A-Za-z0-9][A-Za-z0-9._-]{0,39}:(?P<kind>[a-z][a-z0-9-]{0,39}):[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
"""A token of the oblivious function (``sharing/tokens/token.py``): version, epoch, kind, value."""

_PUBLISHED = (
    ("swt1:", re.compile(rf"(?<![\w-]){TOKEN}(?![\w-])")),
    ("swf1:", re.compile(r"(?<![\w-])swf1:[0-9a-f]{16}(?:\.[0-9a-f]{16}){0,255}(?!\w)")),
    (
        "--",
        re.compile(
            r"(?<![\w-])[a-z][a-z0-9-]{2,40}--[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?![\w-])"
        ),
    ),
)
"""Tokens, scaffold fingerprints and ids of STIX objects, each with what must be in a text that has one."""

_PREFIXED = re.compile(
    r"(?<![\w-])(?:acct|account|acc|user|usr|org|cus|cust|customer|sub|proj|sess|session|conv|req|card|dev|device|uid|tenant"
    r"|wrkspc|ws|end_?user|client)"
    r"[_#:-](?=[a-zA-Z_-]*\d)[A-Za-z0-9][A-Za-z0-9_-]{5,}(?![\w])",
    re.I,
)
_NUMBERED = re.compile(
    r"(?:\b(?:account|acct|user|customer|client|device|org|organi[sz]ation|end.?user|subscriber|member|employee|passport"
    r"|identity card|driver'?s licen[cs]e|ssn"
    r"|social security|national id|tax|vehicle|konto|kunden|nutzer|ausweis|pass|steuer|compte|passeport|cuenta|pasaporte|dni"
    r"|nie|nif|cpf|curp|aadhaar|imei|imsi"
    r"|паспорт|снилс|инн|аккаунт|лицев\w+ сч[её]т|сч[её]т)"
    r"|账号|账户|帐号|身份证|护照|用户|アカウント|パスポート|マイナンバー|会員|주민등록|계정)"
    r"[\s_-]{0,2}(?:ids?|no\.?|nr\.?|num(?:ber|ero|éro)?s?|nummer|номер\w*|code|identifiers?|号码|号|編号|番号|번호"
    r"|ID)[\s.:#=№]{1,4}(?:is |was |ist |est |es )?"
    r"[\"'`]?(?=[\w./-]*\d)[A-Za-zА-Я0-9][\w./-]{3,}",
    re.I,
)
_LOGIN = re.compile(
    r"\b(?:user ?name|user|login|nick|account|konto|compte|cuenta)\s?(?:[:=]\s?(?=[\w.-]*\d)[A-Za-z][\w.-]{4,}|\s\d{6,})", re.I
)
_OFFICIAL = re.compile(
    r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])|(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?!\d)"
    r"|\b(?:ssn|passport|imei|dni|nie|cpf|снилс|паспорт|身份证|aadhaar)\b\W{0,3}[A-Z0-9][A-Z0-9 .-]{5,}\d",
    re.I,
)
_HANDLE = re.compile(
    r"(?<![\w./@])@[A-Za-z][A-Za-z0-9_.]{3,}|\bt\.me/\w+|\b(?:telegram|discord|wechat|whatsapp|skype|signal|qq|微信)\b\s?(?:id"
    r"|handle|user|号)?\s?[:=]\s?\w{4,}",
    re.I,
)
_HASHED = re.compile(
    r"\b(?:e-?mails?|mail|card|pan|phone|telephone|mobile|ip|ssn|iban|payment|login|user ?name|telefon|téléphone|teléfono|邮箱"
    r"|メール|почт\w+)"
    r"(?:[\s:=_(,-]|v4|v6|addresse?s?|number|instrument|method|fingerprint|sha-?\d*|md5|blake\w*|hash(?:ed|es)?|digest|hmac"
    r"|salted|of|is|was|as|the|value|lower|cased?)*"
    r"[0-9a-f]{32,128}(?!\w)|(?<!\w)[0-9a-f]{32,128}\W{1,3}(?:\w+\s){0,3}(?:md5|sha\S{0,4}|hash|digest)\w*\s(?:of"
    r"|from)\s(?:the |an |a |his |her |their |its )?"
    r"(?:customer |user |account )?(?:e-?mail|card|phone|ip|address|payment|login|user)",
    re.I,
)


def published_forms_removed(text: str) -> str:
    """The text without identifiers that are made to be published."""
    for trace, form in _PUBLISHED:
        if trace in text:
            text = form.sub(" ", text)
    return text


def has_account_id(text: str) -> bool:
    """Whether the id of an account, a session or a device is in a text without published forms, told by its prefix."""
    return _PREFIXED.search(text) is not None


def has_numbered_identifier(text: str) -> bool:
    """Whether a number is in the text that is said to be of an account, a customer, a document or a device."""
    return _NUMBERED.search(text) is not None


def has_login(text: str) -> bool:
    """Whether the name or number of an account is in the text, told by the word before it."""
    return _LOGIN.search(text) is not None


def has_official_number(text: str) -> bool:
    """Whether the number of a passport, an identity card or a social security is in the text."""
    return _OFFICIAL.search(text) is not None


def has_handle(text: str) -> bool:
    """Whether a name in a messenger or social network is in the text."""
    return _HANDLE.search(text) is not None


def has_hashed_identifier(text: str) -> bool:
    """Whether a hash is in the text that is said to be of an identifier."""
    return _HASHED.search(text) is not None
