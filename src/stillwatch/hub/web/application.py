"""The application: routes, authentication, negotiation.

Rules: who is not known gets 401; then comes what the client accepts (406), then the end point. Queries run in worker threads, at
most THREADS at once, so that a slow disk stops nobody from being heard; at most WRITERS of them take in objects, and EVALUATORS
more threads do the arithmetic of tokens. No answer is 500
unless the hub itself is at fault, and then it has an ``error_id`` that the log has, too.
"""

import functools
import os
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar, TypeVarTuple

import anyio
import msgspec
from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from stillwatch.errors import StillwatchError
from stillwatch.hub import metrics
from stillwatch.hub.access.credentials import authenticate
from stillwatch.hub.access.member import Viewer
from stillwatch.hub.exchange.appeal import answer_appeal
from stillwatch.hub.exchange.feed import Heard, confirm, cursors_of, latest_change, next_events
from stillwatch.hub.hub import Hub
from stillwatch.hub.taxii import changes, endpoints, operation
from stillwatch.hub.taxii.call import Call
from stillwatch.hub.taxii.endpoints import Endpoint
from stillwatch.hub.taxii.media_types import accepts, accepts_taxii, is_taxii
from stillwatch.hub.taxii.problem import Problem, not_authenticated, not_found
from stillwatch.hub.tokens.service import TokenFiles, TokenService
from stillwatch.hub.web import evaluation, openapi, stream, token
from stillwatch.hub.web.conduct import Conduct
from stillwatch.hub.web.logs import log
from stillwatch.hub.web.outgoing import Outgoing
from stillwatch.hub.web.request import BodyReader, is_encrypted

THREADS, WRITERS, EVALUATORS = 12, 4, 2
_RETRY_SECONDS = "2"

Clock = Callable[[], int]
Answerer = Callable[[Request], Awaitable[Response]]
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Application:
    """The ASGI application of one hub, or of a token holder only. ``clock`` gives microseconds since 1970."""

    def __init__(self, hub: Hub, public_url: str | None = None, clock: Clock | None = None, *, tokens_only: bool = False) -> None:
        self.hub = hub
        self._public_url = public_url.rstrip("/") if public_url else None
        self._clock = clock or (lambda: time.time_ns() // 1000)
        self._threads = anyio.CapacityLimiter(THREADS)
        self._writers = anyio.CapacityLimiter(WRITERS)
        self._evaluators = anyio.CapacityLimiter(EVALUATORS)
        self._tokens = TokenService(TokenFiles(hub.state), hub.ledger)
        self._bodies = BodyReader()
        self._watch = stream.Watch(lambda: self._run(latest_change, hub))
        self._listeners = stream.Listeners()
        routes = self._holder() if tokens_only else [*self._holder(), *self._own(), *self._taxii()]
        self.asgi: ASGIApp = Conduct(Outgoing(Starlette(routes=routes, exception_handlers=_HANDLERS, lifespan=self._lifespan)))

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Deliveries that wait are written when the server stops."""
        yield
        await to_thread.run_sync(self.hub.deliveries.flush)

    def _holder(self) -> list[Route]:
        """What a holder of token keys has, be it a hub or not."""
        return [
            Route("/health/", self._health, methods=["GET"]),
            Route("/ready/", self._ready, methods=["GET"]),
            Route("/metrics/", self._metrics, methods=["GET"]),
            Route("/oauth2/token/", self._token, methods=["POST"]),
            Route("/tokens/", self._offered, methods=["GET"]),
            Route("/tokens/evaluations/", self._evaluated, methods=["POST"]),
        ]

    def _own(self) -> list[Route]:
        """What else is not TAXII."""
        return [
            Route("/openapi.json/", self._description, methods=["GET"]),
            Route("/changes/", self._changes, methods=["GET"]),
            Route("/registers/", self._get(endpoints.registers), methods=["GET"]),
            Route("/changes/receipts/", self._receipt, methods=["POST"]),
            Route("/appeals/{appeal}/answers/", self._answer, methods=["POST"]),
            *(Route(path, self._get(endpoint), methods=["GET"]) for path, endpoint in _FOR_OPERATORS.items()),
        ]

    def _taxii(self) -> list[Route]:
        one = "/{root}/collections/{collection}/"
        read = {
            "/taxii2/": endpoints.discovery,
            "/{root}/": endpoints.api_root,
            "/{root}/status/{status}/": endpoints.status,
            "/{root}/collections/": endpoints.collections,
            one: endpoints.collection,
            f"{one}manifest/": endpoints.manifest,
            f"{one}objects/{{object}}/versions/": endpoints.versions,
            f"{one}objects/{{object}}/standing/": endpoints.standing,
        }
        objects, delete = self._get(endpoints.get_objects), self._get(changes.delete_object)
        return [
            *(Route(path, self._get(endpoint), methods=["GET"]) for path, endpoint in read.items()),
            Route(f"{one}objects/", _either(objects, "POST", self._add), methods=["GET", "POST"]),
            Route(
                f"{one}objects/{{object}}/",
                _either(self._get(endpoints.get_object), "DELETE", delete),
                methods=["GET", "DELETE"],
            ),
        ]

    def _get(self, endpoint: Endpoint) -> Answerer:
        def work(request: Request) -> Response:
            return endpoint(self.hub, self._call(request))

        async def answer(request: Request) -> Response:
            return await self._run(work, request)

        return answer

    async def _add(self, request: Request) -> Response:
        call = await self._run(self._call, request)
        root, _ = call.root, call.writable
        if not is_taxii(request.headers.get("content-type")):
            raise Problem(415, "send application/taxii+json;version=2.1")
        audience = request.headers.get(changes.AUDIENCE_HEADER)
        async with self._bodies.body(request, root.max_content_length) as body, self._writers:
            return await self._run(changes.add_objects, self.hub, call, body, audience)

    async def _health(self, request: Request) -> Response:
        return Response(b'{"status":"up"}', media_type="application/json")

    async def _ready(self, request: Request) -> Response:
        await self._run(self.hub.directory)
        return Response(b'{"status":"ready"}', media_type="application/json")

    async def _description(self, request: Request) -> Response:
        return Response(msgspec.json.encode(openapi.described()), media_type="application/json")

    async def _metrics(self, request: Request) -> Response:
        viewer, _ = await self._run(self._viewer, request)
        if not viewer.is_operator:
            raise not_found("address")
        text = await self._run(metrics.written, os.environ.get("PROMETHEUS_MULTIPROC_DIR"))
        return Response(text, media_type=metrics.CONTENT_TYPE)

    async def _token(self, request: Request) -> Response:
        async with self._bodies.body(request, token.MOST_BYTES) as body:
            directory = await self._run(self.hub.directory)
            return token.token(body, request.headers.get("authorization"), directory, self._clock())

    async def _offered(self, request: Request) -> Response:
        viewer, _ = await self._run(self._viewer, request)
        return await self._run(evaluation.offered, self._tokens, viewer, self._clock())

    async def _evaluated(self, request: Request) -> Response:
        viewer, _ = await self._run(self._viewer, request)
        async with self._bodies.body(request, evaluation.MOST_BYTES) as body:
            work = functools.partial(evaluation.evaluated, self._tokens, viewer, body, self._clock())
            return await to_thread.run_sync(work, limiter=self._evaluators)

    async def _changes(self, request: Request) -> Response:
        """Changes by polling, or as a stream for who accepts server-sent events before anything else."""
        viewer, directory = await self._run(self._viewer, request)
        cursors = cursors_of(viewer, directory)
        after = request.headers.get("last-event-id") or request.query_params.get("after")
        place = stream.asked(cursors, after, request.query_params.get("limit"))

        async def look(after: int, limit: int) -> Heard:
            return await self._run(self._next_events, request, after, limit)

        if "text/event-stream" in request.headers.get("accept", "").lower():
            return stream.streamed(look, self._watch, place, self._listeners, viewer.member.id)
        return stream.listed(await look(place.after, place.limit), cursors)

    def _next_events(self, request: Request, after: int, limit: int) -> Heard:
        viewer, directory = self._viewer(request)
        return next_events(self.hub, viewer, directory, self._clock(), after, limit)

    async def _receipt(self, request: Request) -> Response:
        viewer, directory = await self._run(self._viewer, request)
        async with self._bodies.body(request, token.MOST_BYTES) as body:
            place = stream.confirmed(cursors_of(viewer, directory), body)
        if not await self._run(confirm, self.hub, viewer.member.id, place, self._clock()):
            raise Problem(422, "there is no such place in the feed")
        return Response(b"", 204)

    async def _answer(self, request: Request) -> Response:
        """What a member did about an appeal that it was told of."""
        viewer, _ = await self._run(self._viewer, request)
        async with self._bodies.body(request, token.MOST_BYTES) as body:
            what = stream.answered(body)
        name = str(request.path_params["appeal"])
        if "\0" in name or not await self._run(answer_appeal, self.hub, name, viewer.member.id, what, self._clock()):
            raise not_found("appeal")
        return Response(b"", 204)

    def _viewer(self, request: Request) -> tuple[Viewer, Any]:
        """Who asks, and the directory that knows. Raises Problem 401."""
        directory = self.hub.directory()
        key = authenticate(request.headers.get("authorization"), directory, self._clock())
        if key is None:
            raise not_authenticated()
        return Viewer(directory.members[key.member], key.may_write, is_encrypted(request)), directory

    def _call(self, request: Request) -> Call:
        """Who asks for what. Raises Problem 401, 406."""
        viewer, directory = self._viewer(request)
        accepted = _joined(request, "accept")
        beside = _is_beside(request.url.path) and accepts(accepted, "application", "json")
        if not beside and not accepts_taxii(accepted):
            raise Problem(406, "what is spoken here is application/taxii+json;version=2.1")
        names = {name: value for name, value in request.path_params.items() if isinstance(value, str)}
        if any("\0" in name for name in names.values()):
            raise not_found("address")
        base = self._public_url or str(request.base_url).rstrip("/")
        return Call(viewer, directory, self._clock(), base, names, request.url.query)

    async def _run(self, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        return await to_thread.run_sync(functools.partial(work, *arguments), limiter=self._threads)


def _is_beside(path: str) -> bool:
    """Whether what is at this path is not TAXII's."""
    return path.endswith(("/standing/", "/registers/")) or path.startswith("/operator/")


def _either(read: Answerer, method: str, other: Answerer) -> Answerer:
    """The end points of two methods at one address."""

    async def answer(request: Request) -> Response:
        return await (other(request) if request.method == method else read(request))

    return answer


def _joined(request: Request, name: str) -> str | None:
    """A header that may stand several times, as one (RFC 9110, 5.3)."""
    found = request.headers.getlist(name)
    return ", ".join(found) if found else None


async def _say(request: Request, error: Exception) -> Response:
    return (error if isinstance(error, Problem) else _problem(error)).response()


def _problem(error: Exception) -> Problem:
    if isinstance(error, HTTPException):
        return Problem(error.status_code, error.detail, error.headers)
    if isinstance(error, StillwatchError):
        metrics.faults.labels(type(error).__name__).inc()
        log.error("not available", extra={"facts": {"fault": type(error).__name__, "reason": error.what}})
        return Problem(503, "the store cannot be used now; nothing was changed; try again", {"Retry-After": _RETRY_SECONDS})
    name = uuid.uuid4().hex
    metrics.faults.labels("internal").inc()
    log.error("internal error", extra={"facts": {"error_id": name}}, exc_info=error)
    return Problem(500, "the hub is at fault; its operator finds the reason under the error_id", error_id=name)


_FOR_OPERATORS: dict[str, Endpoint] = {
    "/operator/status/": operation.status,
    "/operator/traces/{object}/": operation.traced,
    "/operator/appeals/": operation.appeals,
    "/operator/appeals/{appeal}/": operation.appeal,
}
_HANDLERS: Any = {Problem: _say, HTTPException: _say, StillwatchError: _say, Exception: _say}
