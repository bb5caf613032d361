"""What can be told of a text at a glance, so that costly looks are spared where they cannot find anything.

>>> Traits.of("see b3VyIHByaWNl!").longest, Traits.of("4111 1111").digits
(13, 8)
"""

from dataclasses import dataclass

_DIGITS = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class Traits:
    """The characters of a text, how many ASCII digits it has, and how long its longest stretch without white space is."""

    characters: frozenset[str]
    digits: int
    longest: int

    @classmethod
    def of(cls, text: str) -> "Traits":
        """The traits of a text."""
        characters = frozenset(text)
        digits = sum(map(text.count, characters & _DIGITS))
        return cls(characters, digits, max(map(len, text.split()), default=0))

    def any_of(self, wanted: frozenset[str]) -> bool:
        """Whether one of these characters is in the text."""
        return not wanted.isdisjoint(self.characters)
