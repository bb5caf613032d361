"""The application: from a request to a page, in numbered steps.

1. The cookie names a login record, or nobody.
2. Who is not signed in is sent to the sign-in page (401 for JSON), unless the page is for strangers.
3. A form must bring its token and come from this origin.
4. The role must have the right that the route asks for.
5. The page is made in a worker thread; an error of ours becomes a page of its own.
6. The answer is HTML, or JSON for an address that ends with ``.json`` or a client that accepts JSON and not HTML.
"""

import functools
import gzip
import secrets
import time
from collections.abc import Callable
from urllib.parse import quote

import anyio
import msgspec
from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from stillwatch.console.access.form_token import fits, form_token, forms_key
from stillwatch.console.access.login import LONGEST_SECONDS
from stillwatch.console.access.people import Person
from stillwatch.console.desk import Desk
from stillwatch.console.web.answer import Answer, Download, Json, Page, Redirect, SignedIn, SignedOut
from stillwatch.console.web.conduct import Conduct
from stillwatch.console.web.failures import page_of
from stillwatch.console.web.form import MOST_BYTES, Form, read_form
from stillwatch.console.web.rendering import Rendering
from stillwatch.console.web.routes import ROUTES, Stop
from stillwatch.console.web.static import Static
from stillwatch.console.web.visit import STRANGER, Visit
from stillwatch.errors import RefusedByPolicy, StillwatchError

THREADS = 8
_WORTH_PACKING = 4096


class Application:
    """The ASGI application over a desk; ``clock`` gives seconds since 1970."""

    def __init__(self, desk: Desk, clock: Callable[[], float] = time.time) -> None:
        self._desk = desk
        self._clock = clock
        self._static = Static()
        self._rendering = Rendering(self._static)
        self._threads = anyio.CapacityLimiter(THREADS)
        self._cookie = desk.settings.cookie
        routes = [Route("/", self._home), Route("/static/{name:path}", self._static.answer), *map(self._route, ROUTES)]
        app = Starlette(routes=routes, exception_handlers={HTTPException: self._failed})
        self.asgi: ASGIApp = Conduct(app, desk.settings.hosts, encrypted=desk.settings.encrypted)

    def _route(self, stop: Stop) -> Route:
        async def answer(request: Request) -> Response:
            form = Form()
            if request.method == "POST":
                most = stop.most_bytes if await to_thread.run_sync(self._known, request, limiter=self._threads) else MOST_BYTES
                form = await read_form(request, most)
            work = functools.partial(self._answered, stop, request, form)
            return await to_thread.run_sync(work, limiter=self._threads)

        return Route(stop.path, answer, methods=[stop.method])

    async def _home(self, request: Request) -> Response:
        """The overview; for a hub's operator, the hub."""
        return RedirectResponse("/hub" if self._desk.only_hub else "/overview", 303)

    def _known(self, request: Request) -> bool:
        """Whether somebody is signed in; strangers upload nothing."""
        cookie = request.cookies.get(self._cookie, "")
        try:
            return bool(cookie) and self._desk.logins.who(cookie, int(self._clock())) is not None
        except StillwatchError:
            return False

    async def _failed(self, request: Request, error: Exception) -> Response:
        """What no page answers, such as an address that is not there."""
        return await to_thread.run_sync(lambda: self._shown(page_of(error), request, self._visit(request, Form(), STRANGER)))

    def _answered(self, stop: Stop, request: Request, form: Form) -> Response:
        visit = self._visit(request, form, STRANGER)
        try:
            person = self._desk.logins.who(visit.cookie, visit.now) if visit.cookie else None
            visit = self._visit(request, form, person or STRANGER)
            if person is None and stop.right is not None:
                return self._turned_away(request, visit)
            if stop.method == "POST":
                self._check_form(request, visit)
            if stop.right is not None:
                visit.need(stop.right)
            return self._shown(stop.page(visit), request, visit)
        except Exception as error:
            return self._shown(page_of(error), request, visit)

    def _visit(self, request: Request, form: Form, person: Person) -> Visit:
        place = request.client.host if request.client else ""
        path = {name: str(value) for name, value in request.path_params.items()}
        cookie = request.cookies.get(self._cookie, "")
        query, now = dict(request.query_params), int(self._clock())
        return Visit(self._desk, person, path, query, form.fields, form.upload, cookie, place, now)

    def _turned_away(self, request: Request, visit: Visit) -> Response:
        """Step 2."""
        if _wants_json(request) or request.method == "POST":
            return self._shown(page_of(HTTPException(401, "nobody is signed in with this cookie")), request, visit)
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(target, safe='')}", 303)

    def _check_form(self, request: Request, visit: Visit) -> None:
        """Step 3. Raises RefusedByPolicy."""
        foreign = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
        if foreign or not visit.cookie or not fits(forms_key(self._desk.database), visit.cookie, visit.form.get("token", "")):
            cure = "load the page again and send the form from there"
            raise RefusedByPolicy("the form was not handed out to this browser, or is too old", place="form", cure=cure)

    def _shown(self, answer: Answer, request: Request, visit: Visit) -> Response:
        """Step 6."""
        match answer:
            case Page():
                return self._page(answer, request, visit)
            case Json():
                return _packed(msgspec.json.encode(answer.value, enc_hook=str), answer.status, request)
            case Download():
                return _saved(answer)
            case Redirect():
                mark = ("&" if "?" in answer.address else "?") + f"said={answer.said}" if answer.said else ""
                return RedirectResponse(answer.address + mark, 303)
            case SignedIn():
                return self._signed_in(answer, visit)
            case SignedOut():
                self._desk.logins.end(visit.cookie)
                response = RedirectResponse("/sign-in?said=signed-out", 303)
                response.delete_cookie(self._cookie, secure=self._desk.settings.encrypted, httponly=True, samesite="strict")
                return response

    def _page(self, page: Page, request: Request, visit: Visit) -> Response:
        if _wants_json(request):
            return Response(_encoded(page.data), page.status, media_type="application/json")
        cookie = visit.cookie or secrets.token_urlsafe(32)
        query = f"?{request.url.query}" if request.url.query else ""
        twin = f"{quote(request.url.path)}.json{query}"
        html = self._rendering.html(page, visit, request.url.path, twin, self._form_token(cookie))
        response = Response(html, page.status, media_type="text/html; charset=utf-8")
        if not visit.cookie:
            self._hand_out(response, cookie)
        return response

    def _form_token(self, cookie: str) -> str:
        """The token for the page's forms; empty while the database cannot be used, as then no form is taken either."""
        try:
            return form_token(forms_key(self._desk.database), cookie)
        except StillwatchError:
            return ""

    def _signed_in(self, answer: SignedIn, visit: Visit) -> Response:
        token = self._desk.logins.begin(answer.user, answer.by, visit.now)
        if answer.as_json:
            response: Response = Response(_encoded({"address": answer.address}), media_type="application/json")
        else:
            response = RedirectResponse(answer.address, 303)
        self._hand_out(response, token)
        return response

    def _hand_out(self, response: Response, cookie: str) -> None:
        """SameSite is lax so that a link in a mail or a chat opens its page; forms are guarded by their token."""
        response.set_cookie(
            self._cookie,
            cookie,
            max_age=LONGEST_SECONDS,
            path="/",
            secure=self._desk.settings.encrypted,
            httponly=True,
            samesite="lax",
        )


def _wants_json(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return request.url.path.endswith(".json") or ("application/json" in accepted and "text/html" not in accepted)


def _packed(data: bytes, status: int, request: Request) -> Response:
    """A value for a script, compressed where that is worth it. Pages are not: their form tokens must not share a compression with
    what an address brings (BREACH, 2013)."""
    headers = {"vary": "accept-encoding"}
    if len(data) > _WORTH_PACKING and "gzip" in request.headers.get("accept-encoding", ""):
        data, headers["content-encoding"] = gzip.compress(data, 3), "gzip"
    return Response(data, status, headers, media_type="application/json")


def _saved(answer: Download) -> Response:
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(answer.name, safe='')}",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(answer.content, headers=headers, media_type="application/octet-stream")


def _encoded(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=1)
