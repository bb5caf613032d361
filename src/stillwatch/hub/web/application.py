"""The application: routes, authentication, negotiation, and what every answer has in common.

Rules: who is not known gets 401, whatever the address; then comes what the client accepts (406), then the end point. Queries run in
worker threads, at most THREADS at once, so that a slow disk stops nobody from being heard; at most WRITERS of them take in objects. No answer is 500 unless the hub itself is at fault, and then it has an ``error_id`` that the log has, too.
"""

import functools
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, TypeVarTuple

import anyio
from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stillwatch.errors import StillwatchError
from stillwatch.hub.access.credentials import authenticate
from stillwatch.hub.access.member import Viewer
from stillwatch.hub.hub import Hub
from stillwatch.hub.store.database import StoreUnavailable
from stillwatch.hub.taxii import changes, endpoints
from stillwatch.hub.taxii.call import Call
from stillwatch.hub.taxii.endpoints import Endpoint
from stillwatch.hub.taxii.media_types import accepts_taxii, is_taxii
from stillwatch.hub.taxii.problem import Problem, not_authenticated, not_found
from stillwatch.hub.web.request import BodyReader, is_encrypted

THREADS, WRITERS = 12, 4
_RETRY_SECONDS = "2"
_COMMON = (b"cache-control", b"no-store"), (b"vary", b"Accept, Authorization"), (b"x-content-type-options", b"nosniff")

log = logging.getLogger("stillwatch.hub")
Clock = Callable[[], int]
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Application:
    """The ASGI application of one hub. ``clock`` gives microseconds since 1970."""

    def __init__(self, hub: Hub, public_url: str | None = None, clock: Clock | None = None) -> None:
        self.hub = hub
        self._public_url = public_url.rstrip("/") if public_url else None
        self._clock = clock or (lambda: time.time_ns() // 1000)
        self._threads = anyio.CapacityLimiter(THREADS)
        self._bodies = BodyReader()
        self._writers = anyio.CapacityLimiter(WRITERS)
        self.asgi: ASGIApp = _in_common(Starlette(routes=self._routes(), exception_handlers=_HANDLERS))

    def _routes(self) -> list[Route]:
        one = "/{root}/collections/{collection}/"
        taxii = {
            "/taxii2/": endpoints.discovery,
            "/{root}/": endpoints.api_root,
            "/{root}/status/{status}/": endpoints.status,
            "/{root}/collections/": endpoints.collections,
            one: endpoints.collection,
            f"{one}manifest/": endpoints.manifest,
            f"{one}objects/{{object}}/versions/": endpoints.versions,
        }
        return [
            *(Route(path, self._get(endpoint), methods=["GET"]) for path, endpoint in taxii.items()),
            Route(f"{one}objects/", self._get_or(endpoints.get_objects, "POST", self._add), methods=["GET", "POST"]),
            Route(f"{one}objects/{{object}}/", self._get_or(endpoints.get_object, "DELETE", self._delete), methods=["GET", "DELETE"]),
        ]

    def _get(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return await self._run(self._answer, endpoint, request)

        return answer

    def _get_or(self, endpoint: Endpoint, method: str, other: Any) -> Callable[[Request], Awaitable[Response]]:
        read = self._get(endpoint)

        async def answer(request: Request) -> Response:
            found: Response = await (other(request) if request.method == method else read(request))
            return found

        return answer

    async def _add(self, request: Request) -> Response:
        call: Call = await self._run(self._call, request)
        root, _ = call.root, call.writable
        if not is_taxii(request.headers.get("content-type")):
            raise Problem(415, "send application/taxii+json;version=2.1")
        audience = request.headers.get(changes.AUDIENCE_HEADER)
        async with self._bodies.body(request, root.max_content_length) as body, self._writers:
            return await self._run(changes.add_objects, self.hub, call, body, audience)

    async def _delete(self, request: Request) -> Response:
        return await self._run(self._answer, changes.delete_object, request)

    def _answer(self, endpoint: Endpoint, request: Request) -> Response:
        return endpoint(self.hub, self._call(request))

    def _call(self, request: Request) -> Call:
        """Who asks for what. Raises Problem 401, 406."""
        now, directory = self._clock(), self.hub.directory()
        key = authenticate(request.headers.get("authorization"), directory, now)
        if key is None:
            raise not_authenticated()
        if not accepts_taxii(_joined(request, "accept")):
            raise Problem(406, "what is spoken here is application/taxii+json;version=2.1")
        viewer = Viewer(directory.members[key.member], key.may_write, is_encrypted(request))
        names = {name: value for name, value in request.path_params.items() if isinstance(value, str)}
        if any("\0" in name for name in names.values()):
            raise not_found("address")
        return Call(viewer, directory, now, self._public_url or str(request.base_url).rstrip("/"), names, request.url.query)

    async def _run(self, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        return await to_thread.run_sync(functools.partial(work, *arguments), limiter=self._threads)


def _joined(request: Request, name: str) -> str | None:
    """A header that may stand several times, as one (RFC 9110, 5.3)."""
    found = request.headers.getlist(name)
    return ", ".join(found) if found else None


async def _say(request: Request, error: Exception) -> Response:
    problem = error if isinstance(error, Problem) else _problem(error)
    return problem.response()


def _problem(error: Exception) -> Problem:
    if isinstance(error, HTTPException):
        return Problem(error.status_code, error.detail, error.headers)
    if isinstance(error, StoreUnavailable | StillwatchError):
        log.error("not available: %s", error)
        return Problem(503, "the store cannot be reached or written now; nothing was changed; try again", {"Retry-After": _RETRY_SECONDS})
    name = uuid.uuid4().hex
    log.error("internal error %s", name, exc_info=error)
    return Problem(500, "the hub is at fault; its operator finds the reason under the error_id", error_id=name)


_HANDLERS: Any = {Problem: _say, HTTPException: _say, StillwatchError: _say, Exception: _say}


def _in_common(inner: ASGIApp) -> ASGIApp:
    """Addresses are the same with and without the slash at their end; every answer has the headers that all have."""

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_COMMON]}
            await send(message)

        if scope["type"] == "http" and not scope["path"].endswith("/"):
            scope = {**scope, "path": scope["path"] + "/"}
        await inner(scope, receive, send_with_headers)

    return outer
