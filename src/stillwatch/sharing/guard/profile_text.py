"""A profile as it is written: TOML with tables that must mean something, alone or added to those of the profile that it extends.

>>> written('name = "x"\\n[object.campaign.fields]\\nname = "flag"', "x.toml")["object"]["campaign"]["fields"]
{'name': 'flag'}
"""

import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from stillwatch.errors import UsageError

SHIPPED = ("strict", "member-standard", "operator-only")

_TOP: Mapping[str, type] = {
    "name": str, "purpose": str, "extends": str, "permits": list, "extension": dict, "shape": dict, "group": dict, "object": dict,
}  # fmt: skip
_GROUP: Mapping[str, type] = {"required": list, "fields": dict}
_OBJECT: Mapping[str, type] = {"group": str, "identified-by": list, **_GROUP}
_WORDS: Mapping[type, str] = {str: "a text", list: "a list of texts", dict: "a table"}


class ProfileError(UsageError):
    """A profile that cannot be used: there is none of that name, or something in it means nothing."""


def shipped_text(name: str) -> str:
    """The text of a shipped profile."""
    return resources.files("stillwatch.sharing.guard").joinpath("profiles", f"{name}.toml").read_text("utf-8")


def written(text: str, place: str) -> dict[str, Any]:
    """The tables of a profile with those of the one that it extends; ``place`` names it in errors. Raises ProfileError."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"not TOML: {error}", place=place, cure="see docs/guard.md for the format") from error
    for where, what in _misfits(tables):
        raise ProfileError(what, place=f"{place}: {where}" if where else place, cure="see docs/guard.md for the format")
    if "name" not in tables:
        raise ProfileError("no name", place=place, cure='begin with name = "..."')
    if (base := tables.pop("extends", None)) is not None:
        if base not in SHIPPED:
            raise ProfileError(f"extends {base!r}", place=f"{place}: extends", cure=f"extend one of {', '.join(SHIPPED)}")
        tables = _added(written(shipped_text(base), f"{base}.toml"), tables)
    if not tables.get("object"):
        raise ProfileError("it allows nothing", place=place, cure="name a type of object: [object.campaign]")
    return tables


def _misfits(tables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What means nothing in a profile: where, and what is wrong."""
    yield from _misfits_of(tables, _TOP, "")
    for table, known in (("group", _GROUP), ("object", _OBJECT)):
        for name, entry in tables.get(table, {}).items():
            if isinstance(entry, dict):
                yield from _misfits_of(entry, known, f"{table}.{name}")
            else:
                yield table, f"{name!r} is no table"
    for table in ("extension", "shape"):
        yield from (
            (f"{table}.{name}", "not a text") for name, value in tables.get(table, {}).items() if not isinstance(value, str)
        )


def _misfits_of(entry: Mapping[str, Any], known: Mapping[str, type], where: str) -> Iterator[tuple[str, str]]:
    for key, value in entry.items():
        place = f"{where}.{key}" if where else key
        if key not in known:
            yield where, f"unknown key {key!r}"
        elif not isinstance(value, known[key]) or (isinstance(value, list) and not all(isinstance(item, str) for item in value)):
            yield place, f"not {_WORDS[known[key]]}"


def _added(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of ``base`` and ``over``: types and groups field by field, all else key by key, ``over`` where both speak."""
    both = {**base, **over}
    for table in ("extension", "shape"):
        both[table] = {**base.get(table, {}), **over.get(table, {})}
    for table in ("group", "object"):
        olds, news = base.get(table, {}), over.get(table, {})
        both[table] = {name: _entry(olds.get(name, {}), news.get(name, {})) for name in dict.fromkeys([*olds, *news])}
    return both


def _entry(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {**old, **new, "fields": {**old.get("fields", {}), **new.get("fields", {})}}
