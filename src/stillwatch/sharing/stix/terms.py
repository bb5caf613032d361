"""The terms under which something is said across the border: by whom, how far it may travel, when, and for how long."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypedDict

from stillwatch.sharing.stix.objects import SPEC_VERSION, Identity
from stillwatch.sharing.stix.policies import policy_marking
from stillwatch.sharing.stix.tlp import TLP


class Said(TypedDict):
    """What every statement has in common, as arguments for its type."""

    id: str
    spec_version: Literal["2.1"]
    created: datetime
    modified: datetime
    created_by_ref: str | None
    object_marking_refs: tuple[str, ...]


@dataclass(frozen=True)
class Terms:
    """``producer`` is None for what is said without attribution; ``valid`` counts from when the campaign was last seen.

    ``created`` holds the creation times of earlier versions by id.
    """

    producer: Identity | None
    tlp: TLP
    now: datetime
    valid: timedelta = timedelta(days=90)
    created: Mapping[str, datetime] = field(default_factory=dict)

    def markings(self) -> tuple[str, ...]:
        """The ids of the markings that everything said under these terms bears."""
        return self.tlp.marking_id, policy_marking(self.tlp).id

    def said(self, name: str) -> Said:
        """What every statement under these terms has in common, for the one with this id."""
        return {
            "id": name,
            "spec_version": SPEC_VERSION,
            "created": self.created.get(name, self.now),
            "modified": self.now,
            "created_by_ref": self.producer.id if self.producer else None,
            "object_marking_refs": self.markings(),
        }
