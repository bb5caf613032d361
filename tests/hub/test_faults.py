"""Faults: what was acknowledged is never lost, what was not is never half there, and nobody can hold the hub up."""

import functools
import json
import resource
import shutil
import socket
import sqlite3
import subprocess
import threading
from base64 import b64encode
from collections.abc import Iterator, MutableMapping
from pathlib import Path

import anyio
import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from stillwatch.hub.hub import Hub, HubSettings
from stillwatch.hub.receipt.examiner import Unexamined
from stillwatch.hub.taxii.problem import Problem
from stillwatch.hub.web.outgoing import Outgoing
from stillwatch.hub.web.request import SLOWEST_BYTES_A_SECOND, BodyReader
from stillwatch.hub.web.stream import Listeners
from stillwatch.sharing.ledger.ledger import Ledger
from tests.hub.served import Served
from tests.hub.world import TAXII, World, indicator

BATCH = 20


def _begun(state: Path) -> tuple[str, str]:
    """A hub with a member ``a``: its key, and its collection."""
    hub = Hub.open(HubSettings(state), Unexamined(), begin="Synthetic hub")
    world = World(hub)
    world.member("a")
    collection = world.collection(alias="c")
    hub.close()
    return world.keys["a"], collection


def _post(http: httpx.Client, numbers: range) -> bool:
    """Whether the objects were acknowledged."""
    body = json.dumps({"objects": [indicator(number, description="x" * 200) for number in numbers]})
    try:
        return http.post("/hub/collections/c/objects/", content=body).status_code == 202
    except httpx.TransportError:
        return False


def _all_ids(http: httpx.Client) -> list[str]:
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = http.get("/hub/collections/c/manifest/", params={"limit": 1000, **after})
        found += [entry["id"] for entry in page.json().get("objects", [])]
        if not page.json().get("more"):
            return found
        after = {"added_after": page.headers["x-taxii-date-added-last"]}


def _whole_batches(ids: list[str], acknowledged: list[range]) -> None:
    present = set(ids)
    assert len(ids) == len(present), "an object stands twice"
    for numbers in acknowledged:
        assert {indicator(number)["id"] for number in numbers} <= present, "an acknowledged object is lost"
    assert len(ids) % BATCH == 0, "a request is half there"


def test_killed_in_the_middle_of_writes(tmp_path: Path) -> None:
    key, _ = _begun(tmp_path)
    acknowledged: list[range] = []
    served, enough = Served(tmp_path, "--workers", "2"), threading.Event()

    def write(first: int) -> None:
        with served.client("a", key) as http:
            for number in range(first, first + 100_000, BATCH):
                numbers = range(number, number + BATCH)
                if not _post(http, numbers):
                    return
                acknowledged.append(numbers)
                if len(acknowledged) >= 20:
                    enough.set()

    threads = [threading.Thread(target=write, args=(n * 1_000_000,)) for n in range(3)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    served.kill()
    for thread in threads:
        thread.join()
    again = Served(tmp_path)
    with again.client("a", key) as http:
        ids = _all_ids(http)
        _whole_batches(ids, acknowledged)
        assert _post(http, range(50_000_000, 50_000_000 + BATCH))
    again.stop()
    with Ledger.read(tmp_path / "ledger.sqlite") as ledger:
        assert ledger.verify() == []
        assert set(ids) <= {entry.subject for entry in ledger.entries(kind="receipt")}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    done = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=6m", "none", str(folder)], capture_output=True)
    if not done or done.returncode:
        pytest.skip("a file system cannot be mounted here (that takes root)")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_disk_that_is_full_until_there_is_room_again(small_disk: Path) -> None:
    key, _ = _begun(small_disk)
    filler = small_disk / "filler"
    filler.write_bytes(bytes(2 * 2**20))
    served, acknowledged = Served(small_disk), list[range]()
    with served.client("a", key) as http:
        first = 0
        while _post(http, range(first, first + BATCH)):
            acknowledged.append(range(first, first + BATCH))
            first += BATCH
        large = json.dumps({"objects": [indicator(-1, description="x" * 900_000)]})
        refused = http.post("/hub/collections/c/objects/", content=large)
        assert refused.status_code == 503 and refused.headers["retry-after"] and refused.headers["content-type"] == TAXII
        _whole_batches(_all_ids(http), acknowledged)
        filler.unlink()
        assert _post(http, range(first, first + BATCH)), "it goes on by itself when there is room"
        acknowledged.append(range(first, first + BATCH))
    served.kill()
    served = Served(small_disk)
    with served.client("a", key) as http:
        _whole_batches(_all_ids(http), acknowledged)
    served.stop()
    with Ledger.read(small_disk / "ledger.sqlite") as ledger:
        assert ledger.verify() == []


def test_a_full_disk(tmp_path: Path) -> None:
    key, _ = _begun(tmp_path)

    served, acknowledged = Served(tmp_path), []
    for process in served.processes():
        resource.prlimit(process, resource.RLIMIT_FSIZE, (400_000, 400_000))
    with served.client("a", key) as http:
        for number in range(0, 20_000, BATCH):
            if _post(http, range(number, number + BATCH)):
                acknowledged.append(range(number, number + BATCH))
            else:
                break
        large = json.dumps({"objects": [indicator(-1, description="x" * 600_000)]})
        refused = http.post("/hub/collections/c/objects/", content=large)
        assert refused.status_code == 503 and refused.headers["retry-after"] and refused.headers["content-type"] == TAXII
        assert http.get("/hub/collections/c/objects/").status_code == 200
    served.kill()
    served = Served(tmp_path)
    with served.client("a", key) as http:
        _whole_batches(_all_ids(http), acknowledged)
        assert _post(http, range(30_000, 30_000 + BATCH))
    served.stop()


@pytest.mark.parametrize("file", ["hub.sqlite", "ledger.sqlite"])
def test_a_locked_database(tmp_path: Path, file: str) -> None:
    hub = Hub.open(HubSettings(tmp_path, patience_seconds=0.2), Unexamined(), begin="Synthetic hub")
    world = World(hub)
    client = world.client(world.member("a"), world.collection())
    client.add(indicator(1))
    lock = sqlite3.connect(tmp_path / file, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    refused = client.post(json.dumps({"objects": [indicator(2)]}).encode())
    assert refused.status_code == 503 and refused.headers["retry-after"] and refused.json()["http_status"] == "503"
    assert client.ids() == [indicator(1)["id"]]
    lock.execute("ROLLBACK")
    client.add(indicator(2))
    assert client.ids() == [indicator(1)["id"], indicator(2)["id"]]
    hub.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    state = tmp_path_factory.mktemp("hub")
    key, _ = _begun(state)
    server = Served(state)
    yield server, key
    server.stop()


def _raw(served: tuple[Served, str], framing: str) -> socket.socket:
    """A connection on which a request to add objects has been begun."""
    server, key = served
    link = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    authorization = b64encode(f"a:{key}".encode()).decode()
    head = (
        f"POST /hub/collections/c/objects/ HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {authorization}\r\nContent-Type: {TAXII}\r\n"
    )
    link.sendall(f"{head}{framing}\r\n\r\n".encode())
    return link


@pytest.mark.parametrize(
    ("framing", "block"),
    [
        (f"Content-Length: {2**30}", b"x" * 65536),
        ("Transfer-Encoding: chunked", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        (f"Content-Length: {2**30}\r\nContent-Encoding: gzip", b"x" * 65536),
        ("Content-Length: " + "9" * 19, b"x" * 65536),
    ],
)
def test_a_body_of_a_gigabyte(served: tuple[Served, str], framing: str, block: bytes) -> None:
    before = _memory(served[0])
    link, sent = _raw(served, framing), 0
    try:
        while sent < 2**30:
            link.sendall(block)
            sent += len(block)
    except OSError:
        pass
    answer = link.recv(64)
    assert answer.startswith((b"HTTP/1.1 413", b"HTTP/1.1 415")) and sent < 100 * 2**20
    assert _memory(served[0]) < before + 64 * 2**20


def test_clients_that_stall_hold_nobody_up(served: tuple[Served, str]) -> None:
    links = [_raw(served, "Content-Length: 1000\r\nX: y") for _ in range(200)]
    for link in links:
        link.sendall(b'{"objects":[')
    idle = [socket.create_connection(("127.0.0.1", served[0].port), timeout=20) for _ in range(500)]
    with served[0].client("a", served[1]) as http:
        assert _post(http, range(BATCH)) and http.get("/hub/collections/c/objects/").status_code == 200
    for link in links + idle:
        link.close()


def test_ten_thousand_connections(served: tuple[Served, str]) -> None:
    """Idle ones, and ones that began to ask and say no more; members are served meanwhile."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 10_500:
        pytest.skip(f"a process may open {most} files here; 10,000 connections need more on both sides (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    before, links = _memory(served[0]), list[socket.socket]()
    try:
        with served[0].client("a", served[1]) as http:
            for number in range(10_000):
                link = socket.create_connection(("127.0.0.1", served[0].port), timeout=20)
                if number % 2:
                    link.sendall(b"GET /taxii2/ HTTP/1.1\r\nHost: x\r\n")
                links.append(link)
            for numbers in (range(BATCH), range(BATCH, 2 * BATCH)):
                assert _post(http, numbers) and http.get("/hub/collections/c/objects/").status_code == 200
        assert _memory(served[0]) < before + 400 * 2**20
    finally:
        for link in links:
            link.close()


def test_clients_that_take_nothing_of_large_answers_do_not_fill_the_memory(tmp_path: Path) -> None:
    key, _ = _begun(tmp_path)
    server = Served(tmp_path)
    authorization = b64encode(f"a:{key}".encode()).decode()
    with server.client("a", key) as http:
        for number in range(4):
            large = json.dumps({"objects": [indicator(number, description="x" * 1_000_000)]})
            assert http.post("/hub/collections/c/objects/", content=large).status_code == 202
        before, links = _memory(server), list[socket.socket]()
        for number in range(300):
            link = socket.create_connection(("127.0.0.1", server.port), timeout=20)
            path = "/changes/" if number % 2 else "/hub/collections/c/objects/"
            link.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {authorization}\r\n\r\n".encode())
            links.append(link)
        assert http.get("/taxii2/").status_code == 200
        assert _memory(server) < before + 600 * 2**20, "300 answers of 4 MB each would be 1,200 MB"
        for link in links:
            link.close()
    server.stop()


def test_who_takes_nothing_is_dropped_and_what_is_too_much_at_once_refused() -> None:
    async def large(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(bytes(100_000))(scope, receive, send)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def answered(app: Outgoing, *, takes: int) -> list[dict[str, object]]:
        sent: list[dict[str, object]] = []

        async def send(message: MutableMapping[str, object]) -> None:
            sent.append(dict(message))
            if len(sent) > takes:
                await anyio.sleep_forever()

        await app({"type": "http", "method": "GET", "headers": []}, receive, send)
        return sent

    app = Outgoing(large, stall_seconds=0.01 - 100_000 / SLOWEST_BYTES_A_SECOND)
    assert len(anyio.run(functools.partial(answered, app, takes=3))) == 4
    whole = anyio.run(functools.partial(answered, Outgoing(large), takes=100))
    assert b"".join(message.get("body", b"") for message in whole) == bytes(100_000) and not whole[-1].get("more_body")  # type: ignore[misc]
    refused = anyio.run(functools.partial(answered, Outgoing(large, most_held=99_999), takes=100))
    assert refused[0]["status"] == 503 and len(refused) == 2


def test_nobody_takes_all_places_of_the_feed() -> None:
    listeners = Listeners(most=3, most_each=2)
    with listeners.listening(1), listeners.listening(1):
        with pytest.raises(Problem) as refused:
            listeners.require_room(1)
        assert refused.value.status == 429
        listeners.require_room(2)
        with listeners.listening(2), pytest.raises(Problem) as full:
            listeners.require_room(3)
        assert full.value.status == 503
    listeners.require_room(1)


def test_a_stalled_body_is_given_up() -> None:
    async def silence() -> dict[str, object]:
        await anyio.sleep_forever()
        return {}

    async def read() -> None:
        scope = {"type": "http", "method": "POST", "headers": []}
        async with BodyReader(stall_seconds=0.01).body(Request(scope, silence), 100):  # type: ignore[arg-type]
            pass

    with pytest.raises(Problem) as stalled:
        anyio.run(read)
    assert stalled.value.status == 408


def test_bodies_that_are_held_are_counted() -> None:
    bodies = BodyReader(most_held=10)

    def request(content: bytes) -> Request:
        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": content, "more_body": False}

        return Request({"type": "http", "method": "POST", "headers": []}, receive)  # type: ignore[arg-type]

    async def read() -> None:
        async with bodies.body(request(b"12345678"), 100) as body:
            assert body == b"12345678"
            with pytest.raises(Problem) as refused:
                async with bodies.body(request(b"123"), 100):
                    pass
            assert refused.value.status == 503
        async with bodies.body(request(b"123456789"), 100):
            pass

    anyio.run(read)


def _memory(server: Served) -> int:
    """Resident bytes of the server's processes."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in [str(server.process.pid), *children])
    return sum(pages) * resource.getpagesize()
