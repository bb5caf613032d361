"""The hub's speed on SQLite and on PostgreSQL beside OpenTAXII 0.9.3, in one run on one machine; figures are CPU time of all processes
of a server, its database's among them, unless they say otherwise.

    python -m venv peer && peer/bin/pip install opentaxii==0.9.3 gunicorn
    python benchmarks/hub_speed.py --peer peer/bin [--objects 2000 --large 4000]

The released OpenTAXII cannot write the UUIDs in its own answers; the few lines in PATCH let it. It runs on SQLite behind gunicorn with two
workers. All servers get the same objects: what a synthetic campaign comes to, as the guard releases it, signed, without the observables,
at which the peer fails. Ours checks schema, signature and guard, and writes the ledger; the peer checks the schema. PostgreSQL is
Debian's, on loopback with its default settings (``fsync`` on); without it that column is left out.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec

from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.signatures.keyring import KeyRing, member_key, write_ring
from stillwatch.sharing.signatures.keys import generate
from stillwatch.sharing.signatures.signing import sign
from stillwatch.sharing.stix.definitions import constants
from stillwatch.sharing.stix.disclosure import Disclosure
from stillwatch.sharing.stix.extensions import CampaignFigures, ScaffoldSamples
from stillwatch.sharing.stix.objects import Identity, as_json
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.tlp import TLP
from stillwatch.sharing.stix.writing import objects_of

PEER_PAGES = 2
"""So many pages of the peer's crawl are measured and the rest taken as equal: at 10,000 objects each takes it the better part of a minute."""

PEER = "OpenTAXII"
TAXII = "application/taxii+json;version=2.1"
NOW = datetime.now(UTC).replace(microsecond=0)
IDENTITY = "identity--00000000-0000-4000-8000-000000000001"
KEY = generate()
PATCH = """
import json, uuid
_default = json.JSONEncoder.default
json.JSONEncoder.default = lambda self, o: str(o) if isinstance(o, uuid.UUID) else _default(self, o)
from opentaxii.http import app
"""
PEER_CONFIG = """
domain: "127.0.0.1"
support_basic_auth: yes
auth_api:
  class: opentaxii.auth.sqldb.SQLDatabaseAPI
  parameters: {{db_connection: "sqlite:///{0}/auth.db", create_tables: yes, secret: synthetic}}
taxii1:
taxii2:
  title: Peer
  max_content_length: 10485760
  allow_custom_properties: true
  persistence_api:
    class: opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI
    parameters: {{db_connection: "sqlite:///{0}/data.db", create_tables: yes}}
logging: {{opentaxii: error, root: error}}
"""


def released() -> Iterator[dict[str, Any]]:
    """Objects of synthetic campaigns without end, as the guard releases them, signed."""
    guard, member = (
        Guard("member-standard"),
        Identity(
            id=IDENTITY,
            spec_version="2.1",
            created=NOW - timedelta(days=9),
            modified=NOW - timedelta(days=9),
            name="Synthetic provider A",
        ),
    )
    number, told = 0, set(constants())
    while True:
        number += 1
        samples = tuple(sorted(hashlib.sha256(f"{number} {n}".encode()).hexdigest()[:16] for n in range(12)))
        campaign = f"campaign--{uuid.uuid5(uuid.NAMESPACE_OID, f'synthetic {number}')}"
        figures = CampaignFigures(accounts=100, requests=10_000, severity="high")
        disclosure = Disclosure(
            campaign, NOW - timedelta(days=5), NOW - timedelta(days=2), figures, (ScaffoldSamples(version=1, samples=samples),)
        )
        for thing in map(as_json, objects_of(disclosure, Terms(member, TLP.GREEN, NOW - timedelta(days=1)))):
            if "modified" in thing and thing["id"] not in told and (passed := guard.examine(thing).object):
                told.add(thing["id"])
                yield sign(passed, KEY)


def plain(first: int, count: int) -> list[dict[str, Any]]:
    """Simple synthetic indicators."""
    return [
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--{uuid.uuid5(uuid.NAMESPACE_OID, f'plain {number}')}",
            "created": "2026-01-01T00:00:00.000Z",
            "modified": "2026-01-01T00:00:00.000Z",
            "name": f"Synthetic indicator {number}",
            "description": "x" * 300,
            "pattern": f"[ipv4-addr:value = '198.51.100.{number % 256}']",
            "pattern_type": "stix",
            "valid_from": "2026-01-01T00:00:00Z",
        }
        for number in range(first, first + count)
    ]


@dataclass
class Server:
    """A server under test: its process, the URL of its collection, how it is spoken to, and the roots of ``others`` that work for it."""

    name: str
    process: subprocess.Popen[bytes]
    url: str
    auth: tuple[str, str]
    others: tuple[int, ...] = ()
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = self.client()

    def client(self) -> httpx.Client:
        """A client of its own for a thread."""
        return httpx.Client(auth=self.auth, headers={"Accept": TAXII, "Content-Type": TAXII}, timeout=900)

    def cpu(self) -> float:
        """Seconds of CPU that its processes have used."""
        trees = (pid for root in (self.process.pid, *self.others) for pid in _tree(root))
        ticks = sum(sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15])) for pid in trees)
        return ticks / os.sysconf("SC_CLK_TCK")

    def add(self, things: list[dict[str, Any]], collection: str | None = None, http: httpx.Client | None = None) -> None:
        """Add objects; each must be taken."""
        answer = (http or self.http).post(f"{collection or self.url}objects/", content=msgspec.json.encode({"objects": things}))
        assert answer.status_code == 202 and answer.json()["failure_count"] == 0, answer.text[:2000]

    def page(self, **params: Any) -> dict[str, Any]:
        """A page of objects."""
        answer = self.http.get(f"{self.url}objects/", params=params)
        assert answer.status_code == 200, answer.text[:500]
        return dict(answer.json())

    def crawl(self, limit: int = 100, pages: int = 1_000_000) -> int:
        """Everything by ``next``, or so many pages; how many objects."""
        found, following = 0, {}
        for _ in range(pages):
            page = self.page(limit=limit, **following)
            found += len(page["objects"])
            if not page.get("more"):
                return found
            following = {"next": page["next"]}
        return found

    def stop(self) -> None:
        """End its processes."""
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(other for child in children for other in _tree(int(child)))]


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _started(command: list[str], url: str, **more: Any) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **more)
    for _ in range(600):
        try:
            httpx.get(url, timeout=5)
            return process
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit(f"{command[0]} did not start")


def _hub(state: Path, store: str | None, *arguments: str) -> dict[str, Any]:
    options = ["--state", str(state), *(["--store", store] if store else [])]
    said = subprocess.run(
        [sys.executable, "-m", "stillwatch", "hub", *arguments, *options, "--json"], check=True, capture_output=True
    )
    return dict(json.loads(said.stdout))


@dataclass(frozen=True)
class PostgreSQL:
    """A PostgreSQL of its own, with one empty database."""

    url: str
    process: int


@contextmanager
def postgresql(folder: Path) -> Iterator[PostgreSQL | None]:
    """Debian's PostgreSQL on loopback, while the block runs; None if it is not installed. As root it runs as the user ``postgres``."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not found:
        print("PostgreSQL is not installed: its column is left out", file=sys.stderr)
        yield None
        return
    root, programs, port = os.geteuid() == 0, found[-1].parent, _port()
    folder.mkdir()
    if root:
        shutil.chown(folder, "postgres", "postgres")

    def run(program: str, *arguments: str) -> None:
        prefix = ["runuser", "-u", "postgres", "--"] if root else []
        subprocess.run([*prefix, str(programs / program), *arguments], check=True, cwd="/", stdout=subprocess.DEVNULL)

    data, options = str(folder / "data"), f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    run("initdb", "-D", data, "-A", "trust", "-U", "hub")
    run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "hub", "hub")
        process = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        yield PostgreSQL(f"postgresql://hub@127.0.0.1:{port}/hub", process)
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")


def ours(folder: Path, database: PostgreSQL | None = None) -> tuple[Server, str]:
    """Our hub, with an open collection; and the URL of a guarded one."""
    name, store = ("ours, PostgreSQL", database.url) if database else ("ours, SQLite", None)
    state = folder / f"hub-{name[-6:]}"
    _hub(state, store, "init")
    write_ring(
        KeyRing((member_key(IDENTITY, KEY.public_key(), NOW - timedelta(days=9), NOW + timedelta(days=9)),)), state / "keyring.json"
    )
    key = _hub(state, store, "member", "add", "a", "--identity", IDENTITY)["key"]
    both = ["--reader", "everyone", "--writer", "everyone"]
    _hub(state, store, "collection", "add", "Open", "--alias", "open", "--open", "--unmarked", "green", *both)
    _hub(state, store, "collection", "add", "Guarded", "--alias", "guarded", *both)
    port = _port()
    base = f"http://127.0.0.1:{port}"
    options = ["--state", str(state), "--port", str(port), "--log-level", "warning", *(["--store", store] if store else [])]
    process = _started([sys.executable, "-m", "stillwatch", "hub", "serve", *options], f"{base}/health")
    others = (database.process,) if database else ()
    server = Server(name, process, f"{base}/hub/collections/open/", ("a", key), others)
    return server, f"{base}/hub/collections/guarded/"


def peer(folder: Path, programs: Path) -> Server:
    """OpenTAXII on SQLite behind gunicorn with two workers."""
    (folder / "config.yml").write_text(PEER_CONFIG.format(folder))
    (folder / "peer_app.py").write_text(PATCH)
    environment = {**os.environ, "OPENTAXII_CONFIG": str(folder / "config.yml"), "PYTHONPATH": str(folder)}

    def run(program: str, *arguments: str) -> str:
        done = subprocess.run([str(programs / program), *arguments], env=environment, capture_output=True, text=True)
        return done.stdout + done.stderr

    run("opentaxii-add-api-root", "-t", "root", "-d", "d", "--default")
    root = re.findall(r"[0-9a-f-]{36}", run("opentaxii-add-collection", "--help"))[0]
    run("opentaxii-add-collection", "-r", root, "-t", "bench", "-a", "bench", "--public", "--public-write")
    run("opentaxii-create-account", "-u", "a", "-p", "synthetic", "-a")
    port = _port()
    base = f"http://127.0.0.1:{port}"
    process = _started(
        [str(programs / "gunicorn"), "-w", "2", "-t", "900", "-b", f"127.0.0.1:{port}", "peer_app:app"], base, env=environment
    )
    found = httpx.get(f"{base}/taxii2/{root}/collections/", auth=("a", "synthetic"), headers={"Accept": TAXII}).json()
    return Server(PEER, process, f"{base}/taxii2/{root}/collections/{found['collections'][0]['id']}/", ("a", "synthetic"))


def timed(server: Server, times: int, work: Callable[[int], object]) -> tuple[float, list[float]]:
    """CPU seconds of the server for one piece of work, and how long each took."""
    work(0)
    before, took = server.cpu(), []
    for number in range(1, times + 1):
        begun = time.perf_counter()
        work(number)
        took.append(time.perf_counter() - begun)
    return (server.cpu() - before) / times, sorted(took)


def adding(server: Server, things: Iterator[dict[str, Any]], batch: int, times: int, collection: str | None = None) -> float:
    """Objects per CPU second."""
    cpu, _ = timed(server, times, lambda _: server.add([next(things) for _ in range(batch)], collection))
    return batch / cpu


def fill(server: Server, first: int, last: int) -> None:
    """Add the simple indicators from ``first`` up to ``last``."""
    for number in range(first, last, 500):
        server.add(plain(number, min(500, last - number)))


def six_writers_and_a_crawler(server: Server, first: int) -> str:
    """Whether anything was lost, doubled or refused while six wrote and one read."""
    failures: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            with server.client() as http:
                for request in range(10):
                    server.add(plain(first + (writer * 10 + request) * 10, 10), http=http)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(6)]
    before = server.crawl(500)
    for thread in threads:
        thread.start()
    found: list[str] = []
    following: dict[str, Any] = {}
    while True:
        writing = any(thread.is_alive() for thread in threads)
        page = server.page(limit=500, **following)
        found += [thing["id"] for thing in page.get("objects", [])]
        if page.get("more"):
            following = {"next": page["next"]}
        elif not writing:
            break
        elif found:
            answer = server.http.get(f"{server.url}manifest/", params={"match[id]": found[-1]})
            following = {"added_after": answer.json()["objects"][0]["date_added"]}
    lost, doubled = before + 600 - len(set(found)), len(found) - len(set(found))
    return f"{len(failures)} errors, {lost} lost, {doubled} doubled"


class Figures(dict[str, float | str]):
    """Figures of a server, said on standard error as soon as they are known."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def __setitem__(self, figure: str, value: float | str) -> None:
        """Note a figure."""
        print(f"{self.name}: {figure}: {value}", file=sys.stderr)
        super().__setitem__(figure, value)


def measure(server: Server, guarded: str | None, small: int, large: int) -> Figures:
    """Every figure of one server, with ``small`` objects in it; of ours with ``large``, too."""
    figures = Figures(server.name)
    things, fast = released(), server.name != PEER
    figures["adding 100 at once, objects/CPU-s"] = adding(server, things, 100, 20 if fast else 4, guarded)
    figures["adding one at a time, objects/CPU-s"] = adding(server, things, 1, 200 if fast else 20, guarded)
    fill(server, 0, small)
    figures[f"first page of 100 at {small:,}, CPU-ms"] = (
        timed(server, 200 if fast else 2, lambda _: server.page(limit=100))[0] * 1000
    )
    pages = -(-small // 100) if fast else PEER_PAGES
    crawl = timed(server, 3 if fast else 1, lambda _: server.crawl(pages=pages))[0] * small / 100 / pages
    figures[f"crawl of {small:,} by 100, CPU-s"] = crawl
    if fast:
        fill(server, small, large)
        figures[f"first page of 100 at {large:,}, CPU-ms"] = timed(server, 200, lambda _: server.page(limit=100))[0] * 1000
        ids = [thing["id"] for thing in plain(0, large)]
        one = timed(server, 500, lambda n: server.http.get(f"{server.url}objects/{ids[n * 199 % large]}/").raise_for_status())
        figures[f"one object by id at {large:,}, CPU-ms"] = one[0] * 1000
        figures[f"one object by id at {large:,}, p95 wall ms"] = one[1][int(len(one[1]) * 0.95)] * 1000
        figures["six writers and a crawler"] = six_writers_and_a_crawler(server, 1_000_000)
    return figures


@dataclass(frozen=True)
class Target:
    """What a figure must reach: at least or at most ``bound``, times another one's figure if ``beside`` names it."""

    figure: str
    bound: float | str
    at_least: bool = False
    beside: str | None = None

    def verdict(self, mine: Figures, peers: Figures | None) -> str:
        """Met or missed, with the numbers; empty if there is nothing to compare with."""
        value, bound = mine[self.figure], self.bound
        if isinstance(value, str) or isinstance(bound, str):
            return "met" if value == bound else f"MISSED: {bound} is wanted"
        if self.beside is not None:
            other = (peers or {}).get(self.figure) if self.beside == PEER else mine[self.beside]
            if not isinstance(other, float):
                return ""
            bound *= other
        met = value >= bound if self.at_least else value <= bound
        return f"{'met' if met else 'MISSED'}: {'at least' if self.at_least else 'at most'} {bound:.2f}"


def targets(small: int, large: int) -> list[Target]:
    """What the project promises."""
    page = "first page of 100 at {:,}, CPU-ms"
    return [
        Target("adding 100 at once, objects/CPU-s", 5.0, at_least=True, beside=PEER),
        Target("adding one at a time, objects/CPU-s", 5.0, at_least=True, beside=PEER),
        Target(page.format(small), 1 / 3, beside=PEER),
        Target(f"crawl of {small:,} by 100, CPU-s", 1 / 5, beside=PEER),
        Target(page.format(large), 1.5, beside=page.format(small)),
        Target(f"one object by id at {large:,}, p95 wall ms", 20.0),
        Target("six writers and a crawler", "0 errors, 0 lost, 0 doubled"),
    ]


def main() -> None:
    """Measure, and print every figure beside the peer's, and whether the targets are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", type=Path, help="folder of the programs of an environment with opentaxii and gunicorn")
    parser.add_argument("--objects", type=int, default=10_000, help="so many objects for pages and crawls")
    parser.add_argument("--large", type=int, default=100_000, help="so many for what must not grow with them")
    arguments = parser.parse_args()
    small, large = arguments.objects, arguments.large
    results: list[Figures] = []
    with tempfile.TemporaryDirectory(prefix="hub-speed-") as name, ExitStack() as open_now:
        folder = Path(name)
        folder.chmod(0o755)
        for database in (None, open_now.enter_context(postgresql(folder / "postgresql"))):
            if database or not results:
                server, guarded = ours(folder, database)
                results.append(measure(server, guarded, small, large))
                server.stop()
        other = None
        if arguments.peer:
            server = peer(folder, arguments.peer.resolve())
            other = measure(server, None, small, large)
            server.stop()
    _print(results, other, {target.figure: target for target in targets(small, large)})


def _print(results: list[Figures], other: Figures | None, wanted: dict[str, Target]) -> None:
    for figure in results[0]:
        theirs = _shown(other[figure]) if other and figure in other else ""
        print(f"{figure}{f'  ({PEER}: {theirs})' if theirs else ''}")
        for mine in results:
            print(
                f"    {mine.name:18} {_shown(mine[figure]):>12}  {wanted[figure].verdict(mine, other) if figure in wanted else ''}"
            )


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.2f}"


if __name__ == "__main__":
    main()
