"""A profile: which types of objects may leave, with which fields, in which form. Read from TOML; whatever is not named stays.

A profile may extend another by name: its tables add to that one's, field by field, and where both name a field its own word counts.
``docs/guard.md`` describes the format. A key that means nothing is an error: a profile that counsel has read must not say less than
it seems to.

>>> profile("strict").objects["campaign"].fields.policies["first_seen"].form
'cut to the day'
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from stillwatch.sharing.guard.compound import Each, Fields, WholeObject
from stillwatch.sharing.guard.policy import Policy
from stillwatch.sharing.guard.profile_text import SHIPPED, ProfileError, shipped_text, written
from stillwatch.sharing.guard.rule import rules
from stillwatch.sharing.guard.treatment import Names, NotATreatment, treatment


@dataclass(frozen=True)
class Profile:
    """What may leave: ``objects`` by type, ``paths`` their fields by type and path as written (for people).

    ``permits`` are the rules for free text that do not hold under this profile.
    """

    name: str
    purpose: str
    permits: frozenset[str]
    objects: Mapping[str, WholeObject]
    paths: Mapping[str, Mapping[str, Policy]]


def profile(name: str | Path) -> Profile:
    """A shipped profile by name, or one in a file by its path. Raises ProfileError."""
    if isinstance(name, str) and name in SHIPPED:
        return _shipped(name)
    path = Path(name)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        cure = f"name one of {', '.join(SHIPPED)}, or a file"
        raise ProfileError(f"no profile can be read here ({error})", place=str(name), cure=cure) from error
    return read_profile(text, str(path))


@cache
def _shipped(name: str) -> Profile:
    return read_profile(shipped_text(name), f"{name}.toml")


def read_profile(text: str, place: str) -> Profile:
    """The profile that a text in TOML is; ``place`` names it in errors. Raises ProfileError."""
    tables = written(text, place)
    extensions = tables.get("extension", {})
    names = Names(
        {name: _pattern(name, shape, place) for name, shape in tables.get("shape", {}).items()}, frozenset(tables["object"])
    )
    paths, objects = {}, {}
    for kind, entry in tables["object"].items():
        at = f"{place}: object.{kind}"
        group = tables.get("group", {}).get(entry.get("group"), {})
        if "group" in entry and not group:
            raise ProfileError(f"no group {entry['group']!r}", place=f"{at}.group", cure="name a group of the profile")
        fields = {**group.get("fields", {}), **entry.get("fields", {})}
        paths[kind] = {_resolved(path, extensions, at): _policy(way, names, f"{at}.fields.{path}") for path, way in fields.items()}
        required = frozenset([*group.get("required", []), *entry.get("required", [])])
        objects[kind] = WholeObject(kind, _tree(paths[kind], required, at, ""), frozenset(entry.get("identified-by", [])))
    return Profile(tables["name"], tables.get("purpose", ""), _permits(tables.get("permits", []), place), objects, paths)


def _permits(named: list[str], place: str) -> frozenset[str]:
    if not rules().keys() >= set(named):
        raise ProfileError("permits what is no rule", place=f"{place}: permits", cure="name rules of rules.toml")
    return frozenset(named)


def _pattern(name: str, shape: Any, place: str) -> re.Pattern[str]:
    try:
        return re.compile(shape, re.ASCII)
    except re.error as error:
        raise ProfileError(
            f"not a regular expression ({error})", place=f"{place}: shape.{name}", cure="mend the expression"
        ) from error


def _policy(way: Any, names: Names, place: str) -> Policy:
    try:
        return treatment(way, names)
    except NotATreatment as error:
        raise ProfileError(str(error), place=place, cure="see docs/guard.md for the treatments") from error


def _resolved(path: str, extensions: Mapping[str, str], place: str) -> str:
    """The path with ``@name`` replaced by the id of the extension of that name."""
    for name in re.findall(r"@([\w-]+)", path):
        if name not in extensions:
            raise ProfileError(f"no extension {name!r}", place=f"{place}.fields.{path}", cure="name it under [extension]")
        path = path.replace(f"@{name}", extensions[name])
    return path


def _tree(paths: Mapping[str, Policy], required: frozenset[str], place: str, at: str | None) -> Fields:
    """The policies of all paths as one policy of nested fields and lists; ``at`` is the path so far, None within a list."""
    heads: dict[str, dict[str, Policy]] = {}
    for path, policy in paths.items():
        head, _, rest = path.partition(".")
        if not head.strip("[]"):
            raise ProfileError("an empty name in a path", place=f"{place}.fields.{path}", cure="write names joined by dots")
        heads.setdefault(head, {})[rest] = policy
    policies: dict[str, Policy] = {}
    for head, parts in heads.items():
        if "" in parts and len(parts) > 1:
            raise ProfileError("treated as a whole and by its fields", place=f"{place}.fields.{head}", cure="choose one")
        inner: Policy = parts[""] if "" in parts else _tree(parts, frozenset(), f"{place}.{head}", _below(at, head))
        while head.endswith("[]"):
            head, inner = head.removesuffix("[]"), Each(inner)
        policies[head] = inner
    return Fields(policies, required, at)


def _below(at: str | None, head: str) -> str | None:
    if at is None or head.endswith("[]"):
        return None
    return f"{at}.{head}" if at else head
