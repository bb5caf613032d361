"""What the policies write down while an object passes them: a reason per field, the texts that pass, and whether it is "
"refused."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from stillwatch.sharing.guard.rule import rule
from stillwatch.sharing.guard.ruling import Action, FieldReason


class _Dropped:
    """What a policy returns for a value that does not leave."""


DROPPED: Any = _Dropped()

Judge = Callable[[str], list[str]]
"""Which rules a free text breaks today; the gravest first."""


@lru_cache(4096)
def kept(path: str, why: str) -> FieldReason:
    """The reason for a value that passes as it is."""
    return FieldReason(path, "kept", "policy/allowed", why)


class Report:
    """The reasons so far. ``texts`` are the free texts that pass, in order; ``judge`` examines one."""

    __slots__ = ("changed", "judge", "reasons", "refused", "texts")

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.reasons: list[FieldReason] = []
        self.texts: list[str] = []
        self.changed = False
        self.refused = False

    def keep(self, path: str, value: Any, why: str) -> Any:
        """Let a value pass as it is."""
        self.reasons.append(kept(path, why))
        return value

    def coarsen(self, path: str, value: Any, coarse: Any, why: str) -> Any:
        """Let ``coarse`` pass in place of ``value``; the same value passes as kept."""
        if coarse == value and type(coarse) is type(value):
            return self.keep(path, value, why)
        self.changed = True
        self.reasons.append(FieldReason(path, "generalised", "policy/generalised", why))
        return coarse

    def drop(self, path: str, broken: str, why: str = "") -> Any:
        """Keep a value back, or the whole object if the rule says so."""
        action: Action = "refused" if rule(broken).action == "refuse" else "dropped"
        self.changed = True
        self.refused |= action == "refused"
        self.reasons.append(FieldReason(path, action, broken, why or rule(broken).title))
        return DROPPED
