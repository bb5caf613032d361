"""A TAXII server in the test's process that can fail: a fake of httpx's transport, which is the real interface for that.

It gives pages by ``next`` once each, as some servers do, and loses answers where it is told to.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from stillwatch.sharing.exchange.connection import Connection
from stillwatch.sharing.exchange.patience import Patience
from stillwatch.sharing.exchange.peer import Peer

ROOT = "https://taxii.example/root/"
COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
OBJECTS = f"{ROOT}collections/{COLLECTION}/objects/"
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
KIND = {"Content-Type": "application/taxii+json;version=2.1"}


def note(number: int) -> dict[str, Any]:
    """A synthetic object."""
    return {"type": "note", "id": f"note--00000000-0000-4000-8000-{number:012d}"}


class Server(httpx.BaseTransport):
    """Holds objects with the times at which they were added, a minute apart unless they share one."""

    def __init__(self, objects: int = 0, lose: Callable[[int], bool] = lambda number: False, together: int = 1) -> None:
        self.objects = [(BEGIN + timedelta(minutes=5 * (number // together)), note(number)) for number in range(objects)]
        self.lose = lose
        self.asked: list[httpx.Request] = []
        self._waiting: dict[str, list[tuple[datetime, dict[str, Any]]]] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answer(request)
        if self.lose(len(self.asked)):
            raise httpx.ReadError("the line broke", request=request)
        return answer

    def _answer(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url.copy_with(query=None))
        if url == ROOT:
            return _json({"title": "Synthetic", "versions": [KIND["Content-Type"]], "max_content_length": 1000})
        if url == f"{ROOT}collections/":
            return _json({"collections": [{"id": COLLECTION, "title": "All", "can_read": True, "can_write": True}]})
        if url == OBJECTS and request.method == "POST":
            return self._added(json.loads(request.read()))
        return self._page(dict(request.url.params)) if url == OBJECTS else _json({"title": "Not found"}, 404)

    def _added(self, envelope: dict[str, Any]) -> httpx.Response:
        """As TAXII says: what is there already is a success."""
        known = {thing["id"] for _, thing in self.objects}
        things = [thing for thing in envelope["objects"] if thing["id"] not in known]
        self.objects += [(BEGIN, thing) for thing in things]
        count = len(envelope["objects"])
        return _json({"id": "1", "status": "complete", "total_count": count, "success_count": count, "failure_count": 0, "pending_count": 0}, 202)  # fmt: skip

    def _page(self, query: dict[str, str]) -> httpx.Response:
        limit = int(query["limit"])
        if "next" in query:
            if query["next"] not in self._waiting:
                return _json({"title": "next not valid"}, 400)
            rest = self._waiting.pop(query["next"])
        else:
            after = datetime.fromisoformat(query["added_after"]) if "added_after" in query else datetime.min.replace(tzinfo=UTC)
            rest = [entry for entry in self.objects if entry[0] > after]
        page, rest = rest[:limit], rest[limit:]
        envelope: dict[str, Any] = {"objects": [thing for _, thing in page]} if page else {}
        if rest:
            name = str(len(self.asked))
            self._waiting[name] = rest
            envelope |= {"more": True, "next": name}
        headers = {"X-TAXII-Date-Added-Last": page[-1][0].isoformat()} if page else {}
        return _json(envelope, headers=headers)


def connection(server: httpx.BaseTransport, tries: int = 3, url: str = ROOT) -> Connection:
    """A connection that does not wait."""
    return Connection(Peer.at(url, "a", "key"), Patience(tries), transport=server, sleep=lambda seconds: None, draw=lambda: 1.0)


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, headers=KIND | (headers or {}), content=json.dumps(value).encode())
