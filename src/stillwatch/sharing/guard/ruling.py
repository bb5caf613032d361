"""What the guard says about an object, and about each of its fields.

>>> FieldReason("name", "kept", "policy/allowed", "free text, examined").action
'kept'
"""

from typing import Any, Literal

import msgspec

Verdict = Literal["released", "redacted", "refused"]
Action = Literal["kept", "generalised", "dropped", "refused"]


class FieldReason(msgspec.Struct, frozen=True, gc=False):
    """What happened to one field and which rule (an id of ``rules.toml``) says so.

    ``path`` is written as in the profiles (``external_references[0].url``), empty for the object as a whole. ``why`` is one
    sentence; it never quotes what was kept back.
    """

    path: str
    action: Action
    rule: str
    why: str


class Ruling(msgspec.Struct, frozen=True):
    """The verdict on one object and what of it may leave.

    *released*: ``object`` equals what was examined. *redacted*: ``object`` has lost fields, or has coarser ones.
    *refused*: ``object`` is None. ``reasons`` has an entry for every field that was seen; items of a list that are kept as they
    are share one entry (``labels[]``).
    """

    verdict: Verdict
    object: dict[str, Any] | None
    reasons: tuple[FieldReason, ...]

    @property
    def against(self) -> tuple[FieldReason, ...]:
        """The reasons that changed something."""
        return tuple(reason for reason in self.reasons if reason.action != "kept")
