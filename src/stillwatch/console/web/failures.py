"""Errors as pages: what is wrong, where, and the cure; never a traceback.

Rules: an error of ours becomes a status by its kind. Anything else is a fault of the console: the page names a number, and the
log has the reason under it.
"""

import logging
import uuid

from starlette.exceptions import HTTPException

from stillwatch.case.failures import Conflict, NoSuchCase
from stillwatch.console.missing import NotHere, NotSetUp
from stillwatch.console.web.answer import Page
from stillwatch.errors import NoReadableInput, OutputNotWritten, RefusedByPolicy, StillwatchError, StoreUnavailable, UsageError

log = logging.getLogger("stillwatch.console")

_STATUS = (
    (NotHere, 404),
    (NotSetUp, 404),
    (NoSuchCase, 404),
    (Conflict, 409),
    (RefusedByPolicy, 403),
    (NoReadableInput, 503),
    (OutputNotWritten, 503),
    (StoreUnavailable, 503),
    (UsageError, 400),
)
"""Statuses of our errors; of several that fit the first."""
_TITLES = {
    400: "That cannot be done like this",
    401: "Sign in first",
    403: "Refused",
    404: "Not here",
    405: "Not in this way",
    409: "Somebody else was faster",
    413: "Too much at once",
    500: "The console is at fault",
    503: "Not available now",
}


def page_of(error: Exception) -> Page:
    """The page that tells an error."""
    status, what, place, cure = _told(error)
    title = _TITLES.get(status, "Not done")
    return Page("failure.html", title, {"error": {"what": what, "place": place, "cure": cure, "status": status}}, status=status)


def _told(error: Exception) -> tuple[int, str, str, str]:
    if isinstance(error, StillwatchError):
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        return status, error.what, error.place, error.cure
    if isinstance(error, HTTPException):
        return error.status_code, error.detail, "", "go back, or begin at the overview"
    number = uuid.uuid4().hex
    log.error("fault %s", number, exc_info=error)
    return 500, "something went wrong that should not", f"fault {number}", "its reason is in the console's log under this number"
