"""Roles, and what each may do.

Rules: whoever is signed in may look, and take in a customer's appeal. Text of requests is read by those who work on cases; a share
is proposed by an analyst and approved by an analyst or counsel; a litigation hold is counsel's; users are kept by administrators.
A right that is not listed is not given.

>>> Right.APPROVE in RIGHTS[Role.COUNSEL], Right.APPROVE in RIGHTS[Role.VIEWER]
(True, False)
"""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a user is to the console."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    COUNSEL = "counsel"
    ADMIN = "admin"


class Right(StrEnum):
    """What a page or an action asks for; the words stand after *may*."""

    LOOK = "look"
    TAKE_IN = "take in an appeal"
    READ_TEXT = "read text of requests"
    PROPOSE = "propose a share"
    APPROVE = "approve a share"
    JUDGE = "judge evidence and keep cases"
    PARDON = "decide an appeal"
    FETCH = "exchange with a hub"
    TRY = "try a policy on past traffic"
    HOLD = "set and lift a litigation hold"
    ADMINISTER = "keep users"


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.LOOK, Right.TAKE_IN}),
    Role.ANALYST: frozenset(Right) - {Right.ADMINISTER, Right.HOLD},
    Role.COUNSEL: frozenset(Right) - {Right.ADMINISTER, Right.PROPOSE},
    Role.ADMIN: frozenset(Right),
}
"""The rights of each role."""
