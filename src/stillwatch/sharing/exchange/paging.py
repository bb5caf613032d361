"""Pages: the objects of a collection, page by page, from a date on (TAXII 2.1, sections 3.4 and 5.4).

Rules: a reader goes on by ``next`` where the server gives one, else by the last date. A page that was asked for by ``next`` is
asked for once: some servers hand each page out a single time, so if the answer is lost, reading begins again at the last date
that is safe. Dates overlap by OVERLAP, because objects may share one, and because a server may let an older one appear late; what
comes twice changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from stillwatch.sharing.exchange.connection import Answer, Connection, odd
from stillwatch.sharing.exchange.failures import PeerSilent

OVERLAP = timedelta(seconds=60)
PAGE = 500
_STARTS = 5
_LAST, _FIRST = "x-taxii-date-added-last", "x-taxii-date-added-first"


class _Envelope(msgspec.Struct):
    more: bool = False
    next: str | None = None
    objects: list[msgspec.Raw] = []


@dataclass(frozen=True)
class Page:
    """The bytes of an envelope, how many objects are in it, and the date up to which all is read with it (None: not known)."""

    data: bytes
    objects: int
    reached: datetime | None


def pages(connection: Connection, url: str, since: datetime | None, limit: int = PAGE) -> Iterator[Page]:
    """The pages of the objects at ``url`` that were added after ``since``, less the overlap; those without objects are left out.

    Raises PeerOdd if the server goes in circles, and what the connection raises.
    """
    reached = since
    for start in range(_STARTS):
        try:
            for page in _crawl(connection, url, reached, limit):
                reached = page.reached or reached
                yield page
            return
        except _PageLost as lost:
            if start == _STARTS - 1:
                raise lost.error from lost


class _PageLost(Exception):
    """The answer to ``next`` did not come."""

    def __init__(self, error: PeerSilent) -> None:
        super().__init__(str(error))
        self.error = error


def _crawl(connection: Connection, url: str, since: datetime | None, limit: int) -> Iterator[Page]:
    query = {"limit": str(limit)}
    if since is not None:
        query["added_after"] = _written(since - OVERLAP)
    following: str | None = None
    while True:
        answer = _page(connection, url, query, following)
        said = answer.read(_Envelope)
        reached = _read(answer.headers.get(_LAST) or answer.headers.get(_FIRST))
        if said.objects:
            yield Page(answer.body, len(said.objects), reached)
        if not said.more:
            return
        if said.next is None and (reached is None or query.get("added_after") == _written(reached)):
            raise odd(url, "it has more, and does not say how to get it")
        if said.next is None and reached is not None:
            query["added_after"] = _written(reached)
        elif not said.objects and said.next == following:
            raise odd(url, "it has more, and gives the same empty page again")
        following = said.next


def _page(connection: Connection, url: str, query: dict[str, str], following: str | None) -> Answer:
    if following is None:
        return connection.get(url, query)
    try:
        return connection.get(url, query | {"next": following}, once=True)
    except PeerSilent as error:
        raise _PageLost(error) from error


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _read(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else None
