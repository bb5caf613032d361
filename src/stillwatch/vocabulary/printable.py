"""Hostile text made visible: what a request carried may be shown, it may never act.

Rules: characters that steer a terminal or reorder a line (control, format, private and unpaired surrogate characters)
are replaced by their code point in words; line feed and tab stay. Everything else is left alone, markup included:
escaping markup is the work of whoever writes markup.

>>> visible("acct-\x1b[2J\u202e1")
'acct-<U+001B>[2J<U+202E>1'
"""

import re
import unicodedata

_SUSPECT = re.compile(r"[^\n\t\x20-\x7e\xa1-\xac\xae-\u02ff]")
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """The text with every character that could steer what shows it replaced by ``<U+XXXX>``."""
    return _SUSPECT.sub(_code_point, text)


def one_line(text: str) -> str:
    """`visible`, with line feeds and tabs as blanks: for a cell or a line of a terminal."""
    return visible(" ".join(text.split()))


def _code_point(match: re.Match[str]) -> str:
    character = match.group()
    return f"<U+{ord(character):04X}>" if unicodedata.category(character) in _HIDDEN else character
