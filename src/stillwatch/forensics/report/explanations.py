"""Explanations: the innocent ones that each mechanism leaves open, and what it does not show, in words for everybody.

>>> "second generation" in innocent("twins-text")[0].name
True
"""

from collections.abc import Sequence
from typing import NamedTuple


class Explanation(NamedTuple):
    """An innocent explanation and how much of the result it could explain."""

    name: str
    text: str


_SECOND_GENERATION = Explanation(
    "A second generation",
    "The suspect learned from another model that had learned from these answers. The test fires for a student of a student just as "
    "it does for a student; it does not say who asked us.",
)
_WEB = Explanation(
    "The answers were on the open web",
    "Customers publish answers. If those served to the examined accounts were published and gathered in good faith, the suspect "
    "learned from them without asking us. Only served answers can be published, so the test does not rule this out.",
)
_SHARED_DATA = Explanation(
    "A shared data set",
    "The accounts' owner sold or gave the answers to others. The test finds the answers, not the hands that they went through.",
)
_AUTHORISED = Explanation(
    "Authorised use",
    "A contract may have allowed training. Whether there was one is for the provider's records to say, not for a test.",
)
_PROVIDER = Explanation(
    "A mistake of the provider",
    "If withheld answers were drawn from another snapshot, with other settings, or were served after all, the pairs are not twins. "
    "Signed records, commitments and the check of length speak against it; only the provider can exclude it.",
)
_SPOOFED = Explanation(
    "A planted mark",
    "Whoever knows the key, or learnt enough of the mark from answers, can write marked text and have it trained on.",
)
_ALIKE = Explanation(
    "Models are alike",
    "Models of one time, built on one web and for one purpose, sound alike. Being unusual among the controls has many causes.",
)
_QUOTES = Explanation(
    "Quotations",
    "The open web is full of text in which famous models introduce themselves, and models repeat what they read.",
)

_EXACT = (_SECOND_GENERATION, _WEB, _SHARED_DATA, _AUTHORISED)


def innocent(mechanism: str) -> tuple[Explanation, ...]:
    """The explanations that stay open if the mechanism shows something."""
    family = mechanism.partition("-")[0]
    if family == "twins":
        return (*_EXACT, _PROVIDER)
    if family == "watermark":
        return (*_EXACT, _SPOOFED)
    if family == "identity":
        return (_QUOTES, _ALIKE)
    return (_ALIKE, _SECOND_GENERATION, _WEB)


def not_shown_at_all(shown: Sequence[str], looked: Sequence[str]) -> tuple[str, ...]:
    """What the page as a whole does not show, from the mechanisms that ``looked`` and those of them that have ``shown`` something.

    Where an exact one did, it alone speaks, so that no weaker look seems to take back what it shows.

    >>> not_shown_at_all(["twins-text"], ["twins-text", "identity"]) == not_shown("twins-text", shown=True)
    True
    """
    exact = [name for name in looked if _is_exact(name)]
    if any(_is_exact(name) for name in shown):
        return not_shown(exact[0], shown=True)
    return (*(not_shown(exact[0], shown=False) if exact else ()), *(not_shown(shown[0], shown=True) if shown else ()))


def _is_exact(mechanism: str) -> bool:
    return mechanism.partition("-")[0] in ("twins", "watermark")


def not_shown(mechanism: str, *, shown: bool) -> tuple[str, ...]:
    """What the result does not show, whichever way it came out."""
    if not _is_exact(mechanism):
        return ("That the suspect learned from us: a lead says where to look.",)
    if not shown:
        return (
            "That the suspect did not learn from us. A small share of training data, one pass over much data, rewriting or further "
            "training can hide it from this test.",
        )
    return (
        "Who asked us, who trained the suspect, or that either knew of the other.",
        "That anybody broke a contract or a law.",
        "How good the suspect became through it, or how much it is worth.",
        "That other accounts or other models did the same.",
    )
