"""Problems: why a request does not succeed, as an HTTP status and TAXII's error resource.

A description tells the client what to change; it never tells of anything that the client may not see.
"""

from collections.abc import Mapping

from starlette.responses import Response

from stillwatch.hub.access.credentials import CHALLENGE
from stillwatch.hub.taxii.media_types import TAXII
from stillwatch.hub.taxii.resources import Error, as_bytes

_TITLES = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    408: "Request timeout",
    413: "Request too large",
    415: "Unsupported media type",
    422: "Unprocessable content",
    429: "Too many requests",
    500: "Internal error",
    503: "Not available now",
}


class Problem(Exception):
    """A request does not succeed, with this status, for this reason."""

    def __init__(
        self, status: int, description: str, headers: Mapping[str, str] | None = None, error_id: str | None = None
    ) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.headers = dict(headers or {})
        self.error_id = error_id

    def response(self) -> Response:
        """As the client gets it."""
        title = _TITLES.get(self.status, "Error")
        body = as_bytes(Error(title, self.description, error_id=self.error_id, http_status=str(self.status)))
        return Response(body, self.status, self.headers, media_type=TAXII)


def not_authenticated() -> Problem:
    """401, with the ways to authenticate."""
    return Problem(401, "give a member's name and key (Basic), or a key or access token (Bearer)", {"WWW-Authenticate": CHALLENGE})


def not_found(what: str) -> Problem:
    """404; also for what is there and may not be seen."""
    return Problem(404, f"there is no such {what} here")
