"""Six writers and three crawlers at once, on each kind of store: no error, nothing lost, nothing doubled, dates that only grow."""

import json
import random
import threading

import pytest

from tests.hub.world import Client, World, indicator

WRITERS, REQUESTS, BATCH = 6, 8, 5


@pytest.fixture
def client(stored_world: World) -> Client:
    return stored_world.client(stored_world.member("a"), stored_world.collection())


class Crew:
    """Threads whose failures are the test's."""

    def __init__(self) -> None:
        self.failures: list[BaseException] = []
        self.threads: list[threading.Thread] = []

    def start(self, work: object, *arguments: object) -> None:
        def run() -> None:
            try:
                work(*arguments)  # type: ignore[operator]
            except BaseException as error:
                self.failures.append(error)

        self.threads.append(threading.Thread(target=run))
        self.threads[-1].start()

    def join(self) -> None:
        for thread in self.threads:
            thread.join()
        assert not self.failures, self.failures[0]


def _write(client: Client, writer: int) -> None:
    for request in range(REQUESTS):
        first = (writer * REQUESTS + request) * BATCH
        assert client.add(*(indicator(number) for number in range(first, first + BATCH)))["success_count"] == BATCH


def _crawl_by_next(client: Client, done: threading.Event, found: list[str]) -> None:
    """As a client that starts at the beginning and follows ``next``, then goes on from the last date."""
    after: dict[str, str] = {}
    while True:
        last_round = done.is_set()
        page = client.get(limit=7, **after)
        assert page.status_code == 200
        found += [thing["id"] for thing in page.json().get("objects", [])]
        if page.json().get("more"):
            after = {"next": page.json()["next"]}
        elif last_round:
            return
        elif "x-taxii-date-added-last" in page.headers:
            after = {"added_after": page.headers["x-taxii-date-added-last"]}


def _crawl_by_date(client: Client, done: threading.Event, found: list[str]) -> None:
    """As a client that reads manifests, which have no ``next``."""
    after: dict[str, str] = {}
    dates: list[str] = []
    while True:
        last_round = done.is_set()
        page = client.get("/manifest/", limit=5, **after)
        assert page.status_code == 200
        entries = page.json().get("objects", [])
        found += [entry["id"] for entry in entries]
        dates += [entry["date_added"] for entry in entries]
        if entries:
            after = {"added_after": page.headers["x-taxii-date-added-last"]}
        elif last_round:
            assert dates == sorted(set(dates))
            return


def test_nothing_is_lost_or_doubled(client: Client) -> None:
    crew, crawlers, done = Crew(), Crew(), threading.Event()
    found: list[list[str]] = [[], [], []]
    for work, list_ in zip((_crawl_by_next, _crawl_by_date, _crawl_by_date), found, strict=True):
        crawlers.start(work, client, done, list_)
    for writer in range(WRITERS):
        crew.start(_write, client, writer)
    crew.join()
    done.set()
    crawlers.join()
    expected = sorted(indicator(number)["id"] for number in range(WRITERS * REQUESTS * BATCH))
    for list_ in found:
        assert sorted(list_) == expected


def test_versions_and_deletions_between_pages(client: Client) -> None:
    """What stays is seen once a version, whatever is revised or deleted while somebody pages."""
    client.add(*(indicator(number) for number in range(40)))
    chance = random.Random(6)
    seen: list[tuple[str, str]] = []
    following: dict[str, str] = {}
    for turn in range(100):
        page = client.get(limit=3, **following).json()
        seen += [(thing["id"], thing["modified"]) for thing in page.get("objects", [])]
        if not page.get("more"):
            break
        following = {"next": page["next"]}
        if turn < 10:
            client.add(indicator(chance.randrange(20), modified=f"2026-02-01T00:00:{turn:02d}.000Z"))
            client.delete(f"/objects/{indicator(20 + turn)['id']}/")
    assert len(seen) == len(set(seen))
    newest = {(thing["id"], thing["modified"]) for thing in client.crawl(50)}
    assert newest <= set(seen)


def test_the_same_object_from_many_at_once(client: Client) -> None:
    crew, body = Crew(), json.dumps({"objects": [indicator(1)]}).encode()
    for _ in range(8):
        crew.start(lambda: client.post(body).raise_for_status())
    crew.join()
    assert len(client.get("/manifest/", **{"match[version]": "all"}).json()["objects"]) == 1
