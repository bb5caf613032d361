"""The border as a table for people: per profile every field that can leave, and in what form; and the rules that are cited.

``docs/reference/border.md`` is this text, which ``make docs`` writes and ``make check`` compares.

>>> border_table().startswith("# What can leave")
True
"""

from collections.abc import Iterator, Sequence

from stillwatch.sharing.guard.compound import Dropped
from stillwatch.sharing.guard.profile import Profile, profile
from stillwatch.sharing.guard.profile_text import SHIPPED
from stillwatch.sharing.guard.rule import rules

_HEAD = """# What can leave

Written by `make docs` from the profiles and the rules; do not edit. What a table does not name
does not leave under that profile. *Free text, examined* leaves only if no rule below finds anything in it. A form without a verb of
change leaves the value as it is, if it has that form. [guard.md](../guard.md) says how the guard works."""


def border_table() -> str:
    """The whole page, in Markdown."""
    profiles = [profile(name) for name in SHIPPED]
    types = dict.fromkeys(kind for each in profiles for kind in each.paths)
    parts = [_HEAD, _purposes(profiles), *(_fields(kind, profiles) for kind in types), _rules()]
    return "\n\n".join(parts) + "\n"


def _purposes(profiles: Sequence[Profile]) -> str:
    rows = [f"| `{each.name}` | {each.purpose} | {', '.join(sorted(each.permits)) or '–'} |" for each in profiles]
    return "\n".join(["## Profiles", "", "| profile | purpose | rules that do not hold |", "|---|---|---|", *rows])


def _fields(kind: str, profiles: Sequence[Profile]) -> str:
    """One type: a row for each field, a column for each profile."""
    paths = dict.fromkeys(path for each in profiles for path in each.paths.get(kind, ()))
    head = ["| field | " + " | ".join(f"`{each.name}`" for each in profiles) + " |", "|---" * (len(profiles) + 1) + "|"]
    rows = [f"| `{path}` | " + " | ".join(_forms(path, kind, profiles)) + " |" for path in paths]
    return "\n".join([f"## `{kind}`", "", *head, *rows])


def _forms(path: str, kind: str, profiles: Sequence[Profile]) -> Iterator[str]:
    """In which form a field leaves, per profile; *the same* where it is that of the profile before."""
    before = ""
    for each in profiles:
        policy = each.paths.get(kind, {}).get(path)
        form = "**stays**" if policy is None or isinstance(policy, Dropped) else policy.form.replace("|", "/")
        yield "the same" if form == before else form
        before = form


def _rules() -> str:
    rows = [
        f"| `{each.id}` | {each.title} | {each.action} | {', '.join(each.relaxed_by) or '–'} | {each.basis} |"
        for each in rules().values()
    ]
    head = "## Rules\n\nThe basis of each is a reason, not legal advice. `refuse`: the object stays; `drop`: the field stays."
    return "\n".join([f"{head}\n", "| rule | finds | does | relaxed by | basis |", "|---|---|---|---|---|", *rows])
