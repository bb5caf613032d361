"""What the gateway's commands print for people. Text from requests is shown, never obeyed: see ``printable``.

>>> from rich.console import Console
>>> print_built({"snapshot": 3, "file": "a.snapshot", "mode": "observe", "accounts": 2}, Console(force_terminal=False))
snapshot 3 is in force; its policy observes (nothing is refused or changed)
made of: accounts 2
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stillwatch.gateway.explain import Explanation
from stillwatch.gateway.grade import GRADES
from stillwatch.gateway.replay import Hit, Replayed
from stillwatch.vocabulary.printable import one_line

_SHOWN = 50
_MODES = {"observe": "observes (nothing is refused or changed)", "enforce": "is enforced"}


def print_built(built: Mapping[str, Any], console: Console) -> None:
    """Say what was built."""
    made_of = ", ".join(
        f"{name.replace('_', ' ')} {count}" for name, count in built.items() if name not in ("snapshot", "file", "mode")
    )
    _print(console, f"snapshot {built['snapshot']} is in force; its policy {_MODES[str(built['mode'])]}")
    _print(console, f"made of: {made_of}")


def print_replayed(replayed: Replayed, console: Console) -> None:
    """Show whom a policy would have hit, the strictest grades first."""
    by_grade = ", ".join(f"{word} {count}" for word, count in replayed.by_grade.items()) or "none"
    _print(console, f"{replayed.requests} requests of {replayed.accounts} accounts under snapshot {replayed.snapshot}: {by_grade}")
    _print(console, f"untouched (allowed or watched): {replayed.untouched} accounts; requests refused: {replayed.refused}")
    hits = sorted(replayed.hits, key=lambda hit: (-GRADES[hit.grade], -hit.requests))
    if console.is_terminal and hits:
        table = Table(
            "account", "grade", "from", "after requests", "requests", "refused", "reason", box=box.SIMPLE_HEAD, pad_edge=False
        )
        for hit in hits[:_SHOWN]:
            table.add_row(*map(Text, _cells(hit)))
        console.print(table)
    for hit in hits if not console.is_terminal else ():
        _print(console, "  ".join(_cells(hit)))
    if console.is_terminal and len(hits) > _SHOWN:
        _print(console, f"and {len(hits) - _SHOWN} more: --json shows all")


def _cells(hit: Hit) -> list[str]:
    cells = (hit.account_id, hit.grade, hit.first, str(hit.after), str(hit.requests), str(hit.refused), hit.reason)
    return [one_line(cell) for cell in cells]


def print_explanation(found: Explanation, console: Console) -> None:
    """Say what is known of an account and what follows from it."""
    _print(console, f"{found.account_id}: {found.decision.action.word}: {found.decision.reason}")
    _print(console, f"snapshot {found.snapshot}, whose policy {_MODES[found.mode]}; plan {found.plan or 'not known'}")
    for item in (*found.evidence, *found.cited):
        whose = f"received from {item.member}" if item.origin == "received" else "own"
        disputed = ", disputed" if item.disputed else ""
        _print(console, f"evidence: {item.kind} {item.id} ({whose}, confidence {item.confidence}{disputed}) {item.statement}")
    for standing in found.standing:
        what = "registered evaluator" if standing.evaluator else "authorised under"
        _print(console, f"register: {what} {standing.name}{f', until {_day(standing.until)}' if standing.until else ''}")
    if found.pardon:
        _print(console, f"pardon: {found.pardon.reason_given}, until {_day(found.pardon.until)}")
    _print(console, "counters: " + ", ".join(f"{name} {value:g}" for name, value in found.counters.items() if value))
    for row in found.recent:
        _print(
            console, f"recorded: {row.get('ts')} {row.get('request_id')} {row.get('gateway_action')}: {row.get('gateway_reason')}"
        )


def print_row(row: Mapping[str, Any], console: Console) -> None:
    """Say what was done with a request."""
    done = "enforced" if row.get("gateway_enforced") else "observed only"
    _print(console, f"{row.get('request_id')} of {row.get('account_id')} at {row.get('ts')}: {row.get('gateway_action')} ({done})")
    _print(console, str(row.get("gateway_reason")))
    for name in row.get("gateway_evidence") or ():
        _print(console, f"evidence: {name}")


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _print(console: Console, text: str) -> None:
    console.print(one_line(text), markup=False, highlight=False, emoji=False, soft_wrap=True)
