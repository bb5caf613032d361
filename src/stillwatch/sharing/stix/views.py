"""What a member thinks of an object: four views on STIX's scale of opinions, and notes in words.

Rules: a view is an opinion object of its own and never changes what it is about. Its id follows from who says it of what, so that
changing one's mind is a later version. *Disputed* means that the evidence does not convince; *false positive* that it is wrong.

>>> View.of("strongly-disagree")
<View.FALSE_POSITIVE: 'false positive'>
>>> View.of("neutral")
<View.INVESTIGATING: 'investigating'>
"""

from collections.abc import Sequence
from enum import StrEnum

from stillwatch.sharing.stix.ids import statement_id
from stillwatch.sharing.stix.objects import Note, Opinion, OpinionWord
from stillwatch.sharing.stix.terms import Terms


class View(StrEnum):
    """A member's view."""

    AGREE = "agree"
    INVESTIGATING = "investigating"
    DISPUTED = "disputed"
    FALSE_POSITIVE = "false positive"

    @classmethod
    def of(cls, opinion: str) -> "View | None":
        """The view that an opinion on STIX's scale amounts to; None for a word that is not on it."""
        return _VIEWS.get(opinion)


_WORDS: dict[View, OpinionWord] = {
    View.AGREE: "agree",
    View.INVESTIGATING: "neutral",
    View.DISPUTED: "disagree",
    View.FALSE_POSITIVE: "strongly-disagree",
}
_VIEWS: dict[str, View] = {**{word: view for view, word in _WORDS.items()}, "strongly-agree": View.AGREE}


def opinion(view: View, target: str, terms: Terms, explanation: str | None = None) -> Opinion:
    """A member's view of the object with this id."""
    seer = terms.producer.id if terms.producer else ""
    return Opinion(
        **terms.said(statement_id("opinion", seer, target)),
        opinion=_WORDS[view],
        object_refs=(target,),
        explanation=explanation,
    )


def note(content: str, targets: Sequence[str], terms: Terms) -> Note:
    """What a member adds to objects in words."""
    seer = terms.producer.id if terms.producer else ""
    return Note(**terms.said(statement_id("note", seer, content, *targets)), content=content, object_refs=tuple(targets))
