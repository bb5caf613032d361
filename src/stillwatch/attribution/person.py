"""A person by name, and whether two names are one person's.

Rules: names are compared as people read them: without regard to case, blanks, accents' encoding and look-alike letters of other
scripts. That keeps one person from being two by spelling; that the two are who they say is the sign-in's matter.

>>> same_person("Ann  Analyst", "ann analyst"), same_person("Ann Analyst", "Bo Reviewer")
(True, False)
"""

import unicodedata

from confusable_homoglyphs import confusables

from stillwatch.errors import UsageError

LONGEST = 200


def person(name: str, role: str) -> str:
    """The name, its blanks made single. Raises UsageError if nobody is named."""
    text = " ".join(name.split())
    if not text or len(text) > LONGEST or not any(letter.isalnum() for letter in text):
        raise UsageError(
            "nobody is named, or nobody with such a name", place=role, cure=f"name the {role}, in at most {LONGEST} letters"
        )
    return text


def same_person(one: str, other: str) -> bool:
    """Whether the two names read as one."""
    return _read(one) == _read(other)


def _read(name: str) -> str:
    plain = "".join(letter for letter in unicodedata.normalize("NFKC", name).casefold() if letter.isalnum())
    return "".join(_latin(letter) for letter in plain)


def _latin(letter: str) -> str:
    """The Latin letter that this one is mistaken for, itself if there is none."""
    if letter.isascii():
        return letter
    found = confusables.is_confusable(letter, greedy=True, preferred_aliases=[])
    alike = [each["c"] for entry in found or () for each in entry["homoglyphs"] if each["c"].isascii() and each["c"].isalpha()]
    return min(alike).casefold() if alike else letter
