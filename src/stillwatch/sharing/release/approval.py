"""Approval: people say yes to the exact bytes that would leave; under dual control two different ones.

>>> approvers(["Ada Example", " ada  EXAMPLE"], dual_control=True)
Traceback (most recent call last):
stillwatch.errors.RefusedByPolicy: approval: two different people must approve
  to mend it: name the second with --second
"""

import unicodedata
from collections.abc import Iterable

from stillwatch.errors import RefusedByPolicy


def approvers(names: Iterable[str], *, dual_control: bool) -> tuple[str, ...]:
    """The different people among the names, in order. Raises RefusedByPolicy if they are too few."""
    people: dict[str, str] = {}
    for name in names:
        said = " ".join(unicodedata.normalize("NFKC", name).split())
        if said:
            people.setdefault(said.casefold(), said)
    if not people:
        raise RefusedByPolicy("nobody approved, so nothing leaves", place="approval", cure="name who approves with --approve")
    if dual_control and len(people) < 2:
        raise RefusedByPolicy("two different people must approve", place="approval", cure="name the second with --second")
    return tuple(people.values())
