"""What a policy is: one way to treat a value, as it is, coarser, or not at all.

Nothing passes that a policy does not let pass by what it is: every policy demands a form, and a value of another form is kept
back. ``gates.py`` has those that let a value pass as it is, ``coarse.py`` those that make it coarser, ``free_text.py`` those for
texts, and ``compound.py`` composes them. What has passed a policy passes it again unchanged.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol

from stillwatch.sharing.guard.report import Report


class Policy(Protocol):
    """One way to treat a value."""

    @property
    def form(self) -> str:
        """In which form the value leaves, in words for people."""

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """What leaves in place of ``value``, or DROPPED; the reason goes into the report."""


class Gate(ABC):
    """A policy that lets a value pass as it is, or not; ``broken`` is the rule by which it does not.

    A gate for strings has a ``test`` that says of a string whether it passes (true or a match); others have none.
    """

    broken = "policy/malformed"
    test: Callable[[str], object] | None = None

    @property
    @abstractmethod
    def form(self) -> str:
        """In which form the value leaves, in words for people."""

    def passes(self, value: Any) -> bool:
        """Whether the value passes."""
        return isinstance(value, str) and self.test is not None and bool(self.test(value))

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The value, if it passes."""
        return report.keep(path, value, self.form) if self.passes(value) else report.drop(path, self.broken, f"not {self.form}")
