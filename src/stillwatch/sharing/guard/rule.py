"""The rules that rulings cite, read from their data file: id, title, what they do, and the basis in law or in design.

The bases are reasons, not legal advice. An id stays; a change of meaning is a new id.

>>> rule("antitrust/price").action
'refuse'
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal


@dataclass(frozen=True)
class Rule:
    """A rule: ``action`` is what becomes of a free text it finds something in (the object refused, the field dropped).

    ``relaxed_by`` names the legal regimes under which it does not apply, on the days on which they are in force.
    """

    id: str
    title: str
    action: Literal["keep", "drop", "refuse"]
    basis: str
    relaxed_by: tuple[str, ...] = ()


@cache
def rules() -> dict[str, Rule]:
    """All rules by id."""
    data = tomllib.loads(resources.files("stillwatch.sharing.guard").joinpath("rules.toml").read_text("utf-8"))
    made = [Rule(**{**entry, "relaxed_by": tuple(entry.get("relaxed_by", ()))}) for entry in data["rule"]]
    return {each.id: each for each in made}


def rule(name: str) -> Rule:
    """The rule with this id. Raises KeyError if there is none."""
    return rules()[name]
