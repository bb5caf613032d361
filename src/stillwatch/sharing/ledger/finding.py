"""What a check of a ledger or of an export can find: each finding alone says that it is not what it was.

>>> print(Finding(Fault.ALTERED_ENTRY, "entry 3 is not what was recorded"))
altered-entry: entry 3 is not what was recorded
"""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Kinds of findings."""

    DAMAGED_FILE = "damaged-file"
    MISSING_ENTRY = "missing-entry"
    FOREIGN_ENTRY = "foreign-entry"
    ALTERED_ENTRY = "altered-entry"
    ALTERED_HASH = "altered-hash"
    CUT_OFF = "cut-off"
    OTHER_HISTORY = "other-history"
    NOT_PROVEN = "not-proven"
    UNSIGNED = "unsigned"


@dataclass(frozen=True)
class Finding:
    """One thing that does not fit; ``statement`` is a sentence for a person."""

    fault: Fault
    statement: str

    def __str__(self) -> str:
        return f"{self.fault}: {self.statement}"
