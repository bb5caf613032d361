"""Two policies over the same past traffic: whom each would have hit, and for whom they differ; a pure function.

Rules: an account counts with the strictest grade that it would have met. Lists are cut, counts are not.

>>> hit = {"account_id": "a", "grade": "hide", "rule": "r", "reason": "why", "plan": "free", "requests": 3, "refused": 0,
...        "after": 2, "first": "2026-11-01T00:00:00Z"}
>>> known = {"requests": 9, "accounts": 2, "untouched": 2, "refused": 0, "by_grade": {}, "hits": []}
>>> [(each.account, each.before, each.after) for each in compared(known, {**known, "hits": [hit]}).differing]
[('a', 'allow', 'hide')]
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

Row = Mapping[str, Any]

GRADES = ("allow", "watch", "throttle", "hide", "verify", "review", "block")
"""From the mildest to the strictest."""
MOST_ROWS = 500
_ALLOW = {"grade": GRADES[0], "reason": "", "rule": "", "plan": ""}


class Outcome(msgspec.Struct, frozen=True):
    """What one policy would have done: requests in all, refused and by grade; accounts in all, untouched, and by plan or rule and
    grade; the strictest ``hits``, MOST_ROWS of ``hit``."""

    requests: int
    accounts: int
    untouched: int
    refused: int
    by_grade: dict[str, int]
    by_plan: dict[str, dict[str, int]]
    by_rule: dict[str, dict[str, int]]
    hit: int
    hits: list[dict[str, Any]]


class Differing(msgspec.Struct, frozen=True):
    """An account that the two policies would have treated differently, and the reason of each."""

    account: str
    plan: str
    before: str
    after: str
    because_before: str
    because_after: str


class Compared(msgspec.Struct, frozen=True):
    """The policy in force and the one that is tried. ``stricter`` and ``milder`` count accounts; ``differing`` lists MOST_ROWS."""

    active: Outcome
    tried: Outcome
    stricter: int
    milder: int
    differing: list[Differing]


def compared(active: Row, tried: Row) -> Compared:
    """Compare what two policies would have done."""
    before, after = _strictest(active["hits"]), _strictest(tried["hits"])
    differing = [_differing(name, before, after) for name in sorted(before.keys() | after.keys())]
    differing = [each for each in differing if each.before != each.after]
    differing.sort(key=lambda each: -abs(GRADES.index(each.after) - GRADES.index(each.before)))
    stricter = sum(GRADES.index(each.after) > GRADES.index(each.before) for each in differing)
    outcomes = (_outcome(active, before), _outcome(tried, after))
    return Compared(*outcomes, stricter, len(differing) - stricter, differing[:MOST_ROWS])


def _strictest(hits: Iterable[Row]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for hit in hits:
        known = found.get(hit["account_id"])
        if known is None or GRADES.index(hit["grade"]) > GRADES.index(known["grade"]):
            found[hit["account_id"]] = hit
    return found


def _differing(account: str, before: Mapping[str, Row], after: Mapping[str, Row]) -> Differing:
    one, other = before.get(account, _ALLOW), after.get(account, _ALLOW)
    plan = str(one.get("plan") or other.get("plan") or "")
    return Differing(account, plan, one["grade"], other["grade"], one["reason"], other["reason"])


def _outcome(replayed: Row, strictest: Mapping[str, Row]) -> Outcome:
    hits = sorted(strictest.values(), key=lambda hit: (-GRADES.index(hit["grade"]), -hit["requests"], hit["account_id"]))
    return Outcome(
        replayed["requests"],
        replayed["accounts"],
        replayed["untouched"],
        replayed["refused"],
        dict(replayed["by_grade"]),
        _counted(hits, "plan", "no plan known"),
        _counted(hits, "rule", "no rule"),
        len(hits),
        [dict(hit) for hit in hits[:MOST_ROWS]],
    )


def _counted(hits: Iterable[Row], name: str, otherwise: str) -> dict[str, dict[str, int]]:
    """Accounts by a field of their hits and by grade, the largest first."""
    found: dict[str, Counter[str]] = {}
    for hit in hits:
        found.setdefault(str(hit.get(name) or otherwise), Counter())[hit["grade"]] += 1
    ordered = sorted(found.items(), key=lambda entry: (-entry[1].total(), entry[0]))
    return {key: {grade: count[grade] for grade in GRADES if count[grade]} for key, count in ordered}
