"""The account graph of a campaign for the interactive drawing: accounts and shared things as nodes, *shares* as edges.

Rules: at most MOST_NODES nodes. Things come first, the heaviest first; then accounts that hold the most of them. What is left out
is counted. Positions are computed here, so that the browser only draws.

>>> graph = account_graph(["a", "b"], [Shared("payment", "synthetic card", [0, 1], 7.5)])
>>> [node["id"] for node in graph["nodes"]], graph["edges"]
(['t0', 'a0', 'a1'], [['a0', 't0'], ['a1', 't0']])
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from stillwatch.campaigns.detail import Shared
from stillwatch.campaigns.report.graph import by_weight

MOST_NODES, MOST_THINGS = 5000, 200
_REACH, _GAP, _TURN = 70.0, 9.0, 2.399963
"""Distance of things from one another, of accounts in a bundle, and the golden angle by which a spiral turns."""


def account_graph(accounts: Sequence[str], shared: Sequence[Shared]) -> dict[str, Any]:
    """Nodes (id, kind, label, bits or number of things, x, y), edges as pairs of node ids, and how many accounts are left out."""
    things = by_weight(shared)[:MOST_THINGS]
    held: dict[int, list[int]] = defaultdict(list)
    for place, thing in enumerate(things):
        for member in thing.members:
            held[member].append(place)
    order = sorted(range(len(accounts)), key=lambda member: (-len(held[member]), member))
    drawn = order[: MOST_NODES - len(things)]
    nodes = [_thing(place, thing, len(things)) for place, thing in enumerate(things)]
    nodes += _accounts(accounts, drawn, held, nodes)
    edges = [[f"a{member}", f"t{place}"] for member in drawn for place in held[member]]
    return {"nodes": nodes, "edges": edges, "accounts_left_out": len(accounts) - len(drawn)}


def _thing(place: int, thing: Shared, count: int) -> dict[str, Any]:
    reach = _REACH * math.sqrt(place + 0.3) * (1 + math.log10(1 + max(0, len(thing.members) - 10) / 10))
    x, y = _round(reach * math.cos(_TURN * place)), _round(reach * math.sin(_TURN * place))
    kind, label = thing.kind, thing.label
    return {"id": f"t{place}", "kind": kind, "label": label, "bits": thing.bits, "accounts": len(thing.members), "x": x, "y": y}


def _accounts(
    accounts: Sequence[str], drawn: Sequence[int], held: dict[int, list[int]], things: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Accounts that hold the same things stand in one bundle near the middle of them; those that hold nothing, outside."""
    bundles: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for member in drawn:
        bundles[tuple(held[member])].append(member)
    made = []
    for number, (holding, members) in enumerate(bundles.items()):
        middle_x, middle_y = _middle(holding, number, things)
        for step, member in enumerate(members, start=1):
            reach = _GAP * math.sqrt(step + 4)
            x, y = _round(middle_x + reach * math.cos(_TURN * step)), _round(middle_y + reach * math.sin(_TURN * step))
            made.append({"id": f"a{member}", "kind": "account", "label": accounts[member], "things": len(holding), "x": x, "y": y})
    return made


def _middle(holding: tuple[int, ...], number: int, things: Sequence[dict[str, Any]]) -> tuple[float, float]:
    if not holding:
        return 0.0, 2.5 * _REACH * math.sqrt(len(things) + 1)
    turned, apart = _TURN * number, _REACH * 0.35 * math.sqrt(number)
    x = sum(things[place]["x"] for place in holding) / len(holding)
    y = sum(things[place]["y"] for place in holding) / len(holding)
    return x + apart * math.cos(turned), y + apart * math.sin(turned)


def _round(value: float) -> float:
    return round(value, 1)
