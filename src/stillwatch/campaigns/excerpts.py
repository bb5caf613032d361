"""Excerpts: the fixed text of a scaffold, masked, for a provider who asks to see it.

What the requests with a scaffold have in common at their beginning and end is shown; what differs between them (the fillings,
and so whatever people wrote) is not. Digits and e-mail addresses are masked in what is shown.

>>> excerpt(["Sort this: 12 pears", "Sort this: some plums"])
'Sort this: ⟨…⟩'
"""

import re
from collections.abc import Sequence
from os.path import commonprefix

_LONGEST = 400
_MASKED = re.compile(r"[\w.+-]+@[\w-]+\.\w+|\d")


def excerpt(texts: Sequence[str]) -> str | None:
    """The masked common beginning and end of two or more texts; None if they have none, or are fewer."""
    if len(set(texts)) < 2:
        return None
    before = commonprefix(list(texts))
    after = commonprefix([text[len(before) :][::-1] for text in texts])[::-1]
    shown = f"{masked(before)}⟨…⟩{masked(after)}"
    return shown if len(before.strip()) + len(after.strip()) >= 10 else None


def masked(text: str) -> str:
    """The text cut, with digits and e-mail addresses masked."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
    return _MASKED.sub(lambda found: "#" if len(found[0]) == 1 else "⟨e-mail⟩", cut)
