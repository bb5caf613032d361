"""Members, what their role lets them hear, and the keys by which the hub knows them.

Rules: a member is an organisation. Its role is the circle it belongs to; each circle hears one level of TLP 2.0 more than the one
outside it. Operators run the hub: they see everything and contribute nothing.

>>> Role.PARTNER.hears(TLP.AMBER), Role.PARTNER.hears(TLP.AMBER_STRICT)
(True, False)
"""

from dataclasses import dataclass
from enum import StrEnum

from stillwatch.sharing.stix.tlp import TLP


class Role(StrEnum):
    """The circles, from the outside in."""

    GUEST = "guest"
    EVALUATOR = "evaluator"
    PARTNER = "partner"
    MEMBER = "member"
    OPERATOR = "operator"

    @property
    def meaning(self) -> str:
        """Who that is, and the furthest that it hears."""
        return _MEANINGS[self]

    def hears(self, level: TLP) -> bool:
        """Whether the circle hears what is marked with this level; TLP:RED is for those who are named, whatever their role."""
        return self is Role.OPERATOR or (level is not TLP.RED and level.width <= list(Role).index(self))


_MEANINGS = {
    Role.GUEST: "anybody who was given a key: TLP:CLEAR",
    Role.EVALUATOR: "an independent evaluator: up to TLP:GREEN",
    Role.PARTNER: "who serves members, as their client or contractor: up to TLP:AMBER",
    Role.MEMBER: "a provider that shares and receives: up to TLP:AMBER+STRICT, and TLP:RED where it is named",
    Role.OPERATOR: "who runs the hub: everything",
}


@dataclass(frozen=True)
class Member:
    """An organisation; ``identity`` is the id of its STIX identity, by which it signs, if it has one."""

    id: int
    name: str
    role: Role
    identity: str | None
    groups: frozenset[int]
    suspended: bool


@dataclass(frozen=True)
class ApiKey:
    """A key of a member, without its secret; times in microseconds."""

    id: str
    member: int
    digest: bytes
    may_write: bool
    label: str | None
    expires: int | None
    revoked: bool

    def holds(self, now: int) -> bool:
        """Whether it may still be used."""
        return not self.revoked and (self.expires is None or now < self.expires)


@dataclass(frozen=True)
class Viewer:
    """Who asks, in one request: the member, whether it may write, and whether nobody can listen on the way."""

    member: Member
    may_write: bool
    encrypted: bool

    @property
    def is_operator(self) -> bool:
        """Whether everything is shown."""
        return self.member.role is Role.OPERATOR
