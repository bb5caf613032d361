"""The end points of the token service: ``/tokens/`` tells epochs and quota, ``/tokens/evaluations/`` evaluates a batch.

Rules: a batch comes over TLS, from a key that may write, and has at most MOST_ELEMENTS elements. A refusal says which: the epoch is
not open (409), nothing is left for today (429, and when there is more), no quota at all (403), an element is none (422).
"""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from starlette.responses import Response

from stillwatch.errors import StillwatchError
from stillwatch.hub.access.member import Viewer
from stillwatch.hub.taxii.problem import Problem, not_found
from stillwatch.hub.timestamps import moment
from stillwatch.hub.tokens.service import TokenService
from stillwatch.sharing.tokens.evaluator import EpochClosed
from stillwatch.sharing.tokens.group import SIZE, InvalidElement
from stillwatch.sharing.tokens.quota import QuotaSpent
from stillwatch.sharing.tokens.suite import InputRefused

MOST_ELEMENTS = 4096
MOST_BYTES = 512 * 1024


class OpenEpoch(msgspec.Struct, omit_defaults=True):
    """An epoch that is open, its public key in hex, and until when."""

    epoch: str
    public: str
    opens: datetime
    closes: datetime | None = None


class Service(msgspec.Struct):
    """What the service offers to this member."""

    epochs: list[OpenEpoch]
    per_day: int
    most_elements: int = MOST_ELEMENTS


class Asked(msgspec.Struct):
    """A batch: blinded elements under an epoch; bytes are base64."""

    epoch: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    elements: Annotated[list[bytes], msgspec.Meta(min_length=1, max_length=MOST_ELEMENTS)]


class Evaluated(msgspec.Struct):
    """The answer: evaluated elements in the same order, and the proof for all of them."""

    epoch: str
    elements: list[bytes]
    proof: bytes


def offered(service: TokenService, viewer: Viewer, now: int) -> Response:
    """What is open to this member. Raises Problem 404 if there is no token service."""
    register = service.register()
    if register is None:
        raise not_found("token service")
    open_now = [
        OpenEpoch(epoch.name, service.public(epoch).hex(), epoch.opens, epoch.closes) for epoch in register.open_at(moment(now))
    ]
    return _json(Service(open_now, register.per_day.get(viewer.member.name, 0)))


def evaluated(service: TokenService, viewer: Viewer, body: bytes, now: int) -> Response:
    """A batch, evaluated. Raises Problem 403, 404, 409, 422, 429."""
    register = service.register()
    if register is None:
        raise not_found("token service")
    if not viewer.may_write or not viewer.encrypted:
        raise Problem(403, "ask over TLS, with a key that may write")
    asked, member = _read(body), viewer.member.name
    if not register.per_day.get(member, 0):
        raise Problem(403, "you have no evaluations here; ask the operator for a quota")
    try:
        answer = service.evaluate(register, asked.elements, asked.epoch, member, moment(now))
    except StillwatchError as error:
        raise _problem(error, moment(now)) from error
    return _json(Evaluated(asked.epoch, list(answer.elements), answer.proof))


def _read(body: bytes) -> Asked:
    try:
        asked = msgspec.json.decode(body, type=Asked)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = f'send {{"epoch": "…", "elements": ["…"]}}, 1 to {MOST_ELEMENTS} elements in base64'
        raise Problem(422, what) from error
    wrong = next((number for number, element in enumerate(asked.elements) if len(element) != SIZE), None)
    if wrong is not None:
        raise Problem(422, f"element {wrong} has not {SIZE} bytes")
    return asked


def _problem(error: StillwatchError, now: datetime) -> StillwatchError | Problem:
    """The answer that an error of the evaluation is; an error of the hub's own stays what it is."""
    match error:
        case QuotaSpent():
            midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            return Problem(429, error.what, {"Retry-After": str(int((midnight - now).total_seconds()) + 1)})
        case EpochClosed():
            return Problem(409, f"{error.what}; {error.cure}")
        case InvalidElement() | InputRefused():
            return Problem(422, f"{error.place}: {error.what}" if error.place else error.what)
    return error


def _json(content: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json", headers={"Cache-Control": "no-store"})
