"""The end points for operators, beside TAXII: overview, traces, appeals. For everybody else they are not there."""

from dataclasses import asdict
from typing import Any

import msgspec
from starlette.responses import Response

from stillwatch.errors import UsageError
from stillwatch.hub.exchange.appeal import course
from stillwatch.hub.exchange.overview import overview
from stillwatch.hub.exchange.trace import trace
from stillwatch.hub.hub import Hub
from stillwatch.hub.store import appeals as cases
from stillwatch.hub.store.appeals import Appeal
from stillwatch.hub.taxii.call import Call
from stillwatch.hub.taxii.problem import not_found
from stillwatch.hub.timestamps import written


def status(hub: Hub, call: Call) -> Response:
    """How much is in the hub."""
    _require_operator(call)
    return _json(overview(hub))


def traced(hub: Hub, call: Call) -> Response:
    """Whom an object reached, version by version and member by member, or why not."""
    _require_operator(call)
    found = trace(hub, call.names["object"], call.now)
    if not found:
        raise not_found("object")
    return _json({"id": call.names["object"], "reached": found})


def appeals(hub: Hub, call: Call) -> Response:
    """Every case."""
    _require_operator(call)
    with hub.database.reading() as connection:
        found = cases.all_cases(connection)
    return _json({"appeals": [_case(case) for case in found]})


def appeal(hub: Hub, call: Call) -> Response:
    """A case and its course at every member, with the time each took."""
    _require_operator(call)
    try:
        case, courses = course(hub, call.names["appeal"])
    except UsageError as error:
        raise not_found("appeal") from error
    return _json({**_case(case), "members": [asdict(one) for one in courses]})


def _require_operator(call: Call) -> None:
    if not call.viewer.is_operator:
        raise not_found("address")


def _case(case: Appeal) -> dict[str, Any]:
    decided = written(case.decided) if case.decided is not None else None
    return {
        "id": case.id,
        "opened": written(case.opened),
        "because": case.because,
        "objects": case.objects,
        "outcome": case.outcome,
        "decided": decided,
    }


def _json(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")
