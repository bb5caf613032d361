"""Roles, and what each may do.

Rules: whoever is signed in may look. Text of requests is read by those who work on cases; a share is proposed by an analyst and
approved by an analyst or counsel; users are kept by administrators. A right that is not listed is not given.

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
    READ_TEXT = "read text of requests"
    PROPOSE = "propose a share"
    APPROVE = "approve a share"
    JUDGE = "judge evidence and keep cases"
    PARDON = "pardon an account"
    ADMINISTER = "keep users"


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.LOOK}),
    Role.ANALYST: frozenset(Right) - {Right.ADMINISTER},
    Role.COUNSEL: frozenset({Right.LOOK, Right.READ_TEXT, Right.APPROVE, Right.JUDGE, Right.PARDON}),
    Role.ADMIN: frozenset(Right),
}
"""The rights of each role."""
