"""What all identifiers have in common as texts, and the errors with which they are refused.

Rules: blanks around a value do not count; a value is composed (NFC), not empty, at most 1,024 bytes of UTF-8, and free of control
and format characters, halves of characters, private and unassigned ones (whose later meaning could change a normal form). An error
never shows the value: it is personal data, and errors end up in logs.

>>> plain("  M\\u0065\\u0301lodie ")
'Mélodie'
>>> opaque("two words", "device-id")
Traceback (most recent call last):
stillwatch.sharing.tokens.forms.text.IdentifierRefused: device-id: there is a blank in it
  to mend it: give the identifier alone
"""

import re
import unicodedata

from stillwatch.errors import NoReadableInput

LONGEST = 1024
"""Bytes of UTF-8."""
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Characters that nobody sees (Unicode Default_Ignorable_Code_Point)."""
_UNFIT = {
    "Cc": "a control character",
    "Cf": "an invisible format character",
    "Cs": "half of a character",
    "Co": "a character of private use",
    "Cn": "an unassigned character",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}


class IdentifierRefused(NoReadableInput):
    """A value that is no identifier of its kind; says which rule it breaks, never the value."""


def refused(what: str, kind: str, cure: str) -> IdentifierRefused:
    """The error for a value of ``kind``."""
    return IdentifierRefused(what, place=kind, cure=cure)


def plain(value: str, kind: str = "identifier") -> str:
    """The value composed and without blanks around it. Raises IdentifierRefused if it breaks the rules of the module."""
    text = value.strip()
    if len(text) > 4 * LONGEST:
        raise _too_long(kind)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text:
        raise refused("it is empty", kind, "leave the line out")
    if not (text.isascii() and text.isprintable()):
        for character in text:
            if (why := _UNFIT.get(unicodedata.category(character))) is not None:
                raise refused(f"there is {why} in it (U+{ord(character):04X})", kind, "give the identifier without it")
    if len(text) * 4 > LONGEST and len(text.encode()) > LONGEST:
        raise _too_long(kind)
    return text


def _too_long(kind: str) -> IdentifierRefused:
    return refused(f"it is longer than {LONGEST:,} bytes", kind, "check the column: this is no identifier")


def opaque(value: str, kind: str) -> str:
    """A value that only its maker can read: visible ASCII, its case kept. Raises IdentifierRefused for anything else."""
    text = plain(value, kind)
    if any(character.isspace() for character in text):
        raise refused("there is a blank in it", kind, "give the identifier alone")
    if not text.isascii():
        raise refused("there is a character in it that is not ASCII", kind, "give the identifier as its maker wrote it")
    return text


def folded(text: str) -> str:
    """The text without differences of case and of compatible characters (NFKC and case folding until nothing changes)."""
    if text.isascii():
        return text.lower()
    before = ""
    while before != text:
        before, text = text, unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return text
