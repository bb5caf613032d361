"""The feed on a terminal and as JSON: what arrived, what is held, what members think of it.

Rules: text from members is shown, never obeyed. A terminal gets a table; a file or a pipe gets plain lines.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stillwatch.sharing.feed.arrival import Arrival
from stillwatch.sharing.feed.effect import Standing
from stillwatch.sharing.stix.views import View
from stillwatch.vocabulary.printable import one_line, visible

_HEADINGS = ("id", "what", "from", "version", "weight", "opinions")
_REFUSALS_SHOWN = 20


def print_arrival(arrival: Arrival, console: Console) -> None:
    """Print what became of a bundle, with a reason for each refused object."""
    _say(console, f"{arrival.source}: {_counts(arrival)}")
    for refusal in arrival.refused[:_REFUSALS_SHOWN]:
        place = "the bundle" if refusal.position is None else f"object {refusal.position}"
        _say(console, f"  refused: {place}, {refusal.id or 'without an id'}: {refusal.reason}")
    if len(arrival.refused) > _REFUSALS_SHOWN:
        _say(console, f"  … and {len(arrival.refused) - _REFUSALS_SHOWN} more; all are in the ledger (and in --json)")
    for name, reasons in arrival.redacted.items():
        _say(console, f"  made coarser: {name}: {', '.join(sorted({reason.path for reason in reasons}))}")


def arrival_as_json(arrival: Arrival) -> dict[str, Any]:
    """The same as a JSON value."""
    return {
        "source": arrival.source,
        "sha256": arrival.digest,
        "put": {answer.name.lower(): count for answer, count in arrival.put.items()},
        "published": arrival.published,
        "refused": [msgspec.to_builtins(refusal) for refusal in arrival.refused],
        "redacted": {name: [msgspec.to_builtins(reason) for reason in reasons] for name, reasons in arrival.redacted.items()},
    }


def print_standings(found: Sequence[Standing], console: Console) -> None:
    """Print objects, one a row."""
    if not found:
        _say(console, "The feed holds nothing of this kind.")
    elif console.is_terminal:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in _HEADINGS:
            table.add_column(heading, overflow="fold")
        for standing in found:
            table.add_row(*map(Text, _cells(standing)))
        console.print(table)
    else:
        for standing in found:
            _say(console, "\t".join(_cells(standing)))


def print_object(versions: Sequence[Standing], console: Console) -> None:
    """Print one object as each author says it, then the opinions on it, one a line."""
    for standing in versions:
        name, what, author, version, weight, _ = _cells(standing)
        _say(console, f"{name}: {what}")
        _say(console, f"  from {author}, version {version}, received {standing.held.received:%Y-%m-%d} in {standing.held.source}")
        _say(console, f"  weight {weight}")
        text = msgspec.json.format(standing.held.text.encode(), indent=1).decode()
        console.print(Text(visible(text)), soft_wrap=True)
    opinions = versions[0].opinions
    for member, opinion in sorted(opinions.items()):
        _say(console, f"  opinion of {member or 'an unsigned source'}: {View.of(opinion) or opinion}")
    if not opinions:
        _say(console, "  no member has given an opinion")


def standing_as_json(standing: Standing, *, whole: bool = False) -> dict[str, Any]:
    """An object with its standing as a JSON value; ``whole`` adds the object itself."""
    held = standing.held
    value: dict[str, Any] = {
        "id": held.id,
        "type": held.type,
        "what": _what(standing),
        "author": held.author,
        "modified": held.modified,
        "received": held.received,
        "source": held.source,
        "weight": round(standing.weight, 4),
        "without_effect": standing.without_effect,
        "opinions": dict(standing.opinions),
    }
    return value | {"object": msgspec.Raw(held.text.encode())} if whole else value


def _cells(standing: Standing) -> Iterator[str]:
    held = standing.held
    counts = Counter(View.of(opinion) or opinion for opinion in standing.opinions.values())
    yield held.id
    yield one_line(_what(standing))
    yield held.author or "unsigned"
    yield f"{held.modified:%Y-%m-%d %H:%M}" if held.modified else "—"
    yield f"0, {standing.without_effect}" if standing.without_effect else f"{standing.weight:.2f}"
    yield ", ".join(f"{count} {opinion}" for opinion, count in sorted(counts.items())) or "—"


def _what(standing: Standing) -> str:
    """A few words of what the object says of itself."""
    thing = standing.thing
    words = (getattr(thing, name, None) for name in ("description", "name", "relationship_type", "user_id", "value", "content"))
    return next((str(word)[:160] for word in words if word), "")


def _counts(arrival: Arrival) -> str:
    parts = [f"{count} {answer.name.lower()}" for answer, count in sorted(arrival.put.items())]
    parts += [f"{arrival.published} published for everybody"] if arrival.published else []
    return ", ".join([*parts, f"{len(arrival.refused)} refused"])


def _say(console: Console, text: str) -> None:
    console.print(Text(one_line(text) if "\t" not in text else text), soft_wrap=True)
