"""A hub with members and collections, and clients that speak to it in process; everything in it is synthetic."""

import itertools
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.testclient import TestClient

from stillwatch.hub.access.member import Role
from stillwatch.hub.hub import Hub
from stillwatch.hub.store import registry
from stillwatch.hub.web.application import Application
from stillwatch.sharing.stix.tlp import TLP

TAXII = "application/taxii+json;version=2.1"


class Clock:
    """A clock that stands until it is moved; microseconds."""

    def __init__(self, now: int = 1_795_170_000_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


@dataclass
class Client:
    """A member's client of one collection."""

    http: TestClient
    member: str
    key: str
    collection: str
    headers: dict[str, str] = field(default_factory=lambda: {"Accept": TAXII})

    @property
    def path(self) -> str:
        return f"/hub/collections/{self.collection}"

    def get(self, path: str = "/objects/", **params: str | int) -> httpx.Response:
        return self.http.get(self.path + path, params=params, auth=(self.member, self.key), headers=self.headers)

    def delete(self, path: str, **params: str) -> httpx.Response:
        return self.http.delete(self.path + path, params=params, auth=(self.member, self.key), headers=self.headers)

    def post(self, body: bytes, **headers: str) -> httpx.Response:
        said = {**self.headers, "Content-Type": TAXII, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.http.post(self.path + "/objects/", content=body, auth=(self.member, self.key), headers=said)

    def add(self, *objects: Any, audience: str | None = None) -> dict[str, Any]:
        """Add objects; the status."""
        said = {"Stillwatch_Audience": audience} if audience else {}
        answer = self.post(json.dumps({"objects": objects}).encode(), **said)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    def ids(self, **params: str | int) -> list[str]:
        return [thing["id"] for thing in self.get(**params).json().get("objects", [])]

    def crawl(self, limit: int = 100, path: str = "/objects/", **params: str) -> list[Any]:
        """Everything, page by page by ``next``."""
        found: list[Any] = []
        following: dict[str, str] = {}
        while True:
            page = self.get(path, limit=limit, **params, **following).json()
            found += page.get("objects", [])
            if not page.get("more"):
                return found
            following = {"next": page["next"]}


class World:
    """A hub, its clock and its clients."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.clock = Clock()
        self.http = TestClient(Application(hub, clock=self.clock).asgi, raise_server_exceptions=False, client=("127.0.0.1", 1))
        self._numbers = itertools.count(1)
        self.keys: dict[str, str] = {}

    def member(self, name: str, role: Role = Role.MEMBER, *, identity: str | None = None, groups: Sequence[str] = ()) -> str:
        with self.hub.database.writing() as connection:
            registry.add_member(connection, name, role, identity, 0)
            self.keys[name] = registry.add_key(connection, name, 0, may_write=True, label=None, expires=None).text
            for group in groups:
                registry.join_group(connection, group, name)
        return name

    def group(self, name: str) -> str:
        with self.hub.database.writing() as connection:
            registry.add_group(connection, name)
        return name

    def collection(
        self,
        *,
        readers: Sequence[str] = ("everyone",),
        writers: Sequence[str] = ("everyone",),
        guarded: bool = False,
        unmarked: TLP = TLP.GREEN,
        alias: str | None = None,
        spec_versions: tuple[str, ...] = ("2.0", "2.1"),
    ) -> str:
        new = registry.NewCollection(
            f"Collection {next(self._numbers)}",
            "hub",
            alias=alias,
            guarded=guarded,
            unmarked=unmarked,
            spec_versions=spec_versions,
            readers=tuple(readers),
            writers=tuple(writers),
        )
        with self.hub.database.writing() as connection:
            return registry.add_collection(connection, new)

    def newcomer(self) -> Client:
        """The client of a new member, of a new collection."""
        return self.client(self.member(f"member {next(self._numbers)}"), self.collection())

    def client(self, member: str, collection: str) -> Client:
        return Client(self.http, member, self.keys[member], collection)


def indicator(number: int = 1, *, modified: str = "2026-01-01T00:00:00.000Z", **more: Any) -> dict[str, Any]:
    """A synthetic indicator; the same number is the same id."""
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid.uuid5(uuid.NAMESPACE_OID, f'indicator {number}')}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": modified,
        "pattern": f"[ipv4-addr:value = '198.51.100.{number % 256}']",
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
        **more,
    }
