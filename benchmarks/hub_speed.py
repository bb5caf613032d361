"""The hub's speed beside OpenTAXII 0.9.3, in one run on one machine; every figure is CPU time of the server's processes unless it says otherwise.

    python -m venv peer && peer/bin/pip install opentaxii==0.9.3 gunicorn
    python benchmarks/hub_speed.py --peer peer/bin [--store postgresql://…]

The released OpenTAXII cannot write the UUIDs in its own answers; the few lines in PATCH let it. Both servers get the same objects: what a
synthetic campaign comes to, as the guard releases it, signed, without the observables, at which the peer fails. Ours checks schema, signature and guard, and writes the ledger; the peer
checks the schema.
"""

import argparse
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
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
    """A server under test: its process, the URL of its collection, and how it is spoken to."""

    name: str
    process: subprocess.Popen[bytes]
    url: str
    auth: tuple[str, str]
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = self.client()

    def client(self) -> httpx.Client:
        """A client of its own for a thread."""
        return httpx.Client(auth=self.auth, headers={"Accept": TAXII, "Content-Type": TAXII}, timeout=900)

    def cpu(self) -> float:
        """Seconds of CPU that its processes have used."""
        ticks = sum(
            sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))
            for pid in _tree(self.process.pid)
        )
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


def ours(folder: Path, store: str | None) -> tuple[Server, str]:
    """Our hub, with an open collection; and the URL of a guarded one."""
    state = folder / "hub"
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
    return Server("stillwatch", process, f"{base}/hub/collections/open/", ("a", key)), f"{base}/hub/collections/guarded/"


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
    return Server("opentaxii", process, f"{base}/taxii2/{root}/collections/{found['collections'][0]['id']}/", ("a", "synthetic"))


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
        self._name = name

    def __setitem__(self, figure: str, value: float | str) -> None:
        """Note a figure."""
        print(f"{self._name}: {figure}: {value}", file=sys.stderr)
        super().__setitem__(figure, value)


def measure(server: Server, guarded: str | None, quick: bool) -> dict[str, float | str]:
    """Every figure of one server."""
    figures = Figures(server.name)
    things, fast = released(), server.name == "stillwatch"
    figures["adding 100 at once, objects/CPU-s"] = adding(server, things, 100, 20 if fast else 4, guarded)
    figures["adding one at a time, objects/CPU-s"] = adding(server, things, 1, 200 if fast else 20, guarded)
    fill(server, 0, 10_000)
    figures["first page of 100 at 10,000, CPU-ms"] = timed(server, 200 if fast else 1, lambda _: server.page(limit=100))[0] * 1000
    pages = 100 if fast else PEER_PAGES
    figures["crawl by 100 of 10,000, CPU-s"] = timed(server, 3 if fast else 1, lambda _: server.crawl(pages=pages))[0] * 100 / pages
    if fast and not quick:
        fill(server, 10_000, 100_000)
        figures["first page of 100 at 100,000, CPU-ms"] = timed(server, 200, lambda _: server.page(limit=100))[0] * 1000
        ids = [thing["id"] for thing in plain(0, 100_000)]
        one = timed(server, 500, lambda n: server.http.get(f"{server.url}objects/{ids[n * 199 % 100_000]}/").raise_for_status())
        figures["one object by id at 100,000, CPU-ms"] = one[0] * 1000
        figures["one object by id at 100,000, p95 wall ms"] = one[1][int(len(one[1]) * 0.95)] * 1000
    if fast:
        figures["six writers and a crawler"] = six_writers_and_a_crawler(server, 1_000_000)
    return figures


def main() -> None:
    """Measure, and print every figure beside the peer's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", type=Path, help="folder of the programs of an environment with opentaxii and gunicorn")
    parser.add_argument("--store", help="URL of an empty PostgreSQL database, to measure on it instead of SQLite")
    parser.add_argument("--quick", action="store_true", help="leave out what needs 100,000 objects")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        server, guarded = ours(Path(name), arguments.store)
        results = {server.name: measure(server, guarded, arguments.quick)}
        server.stop()
        if arguments.peer:
            other = peer(Path(name), arguments.peer.resolve())
            results[other.name] = measure(other, None, quick=True)
            other.stop()
    for figure in results["stillwatch"]:
        values = [results[server].get(figure) for server in results]
        shown = "  ".join(f"{value:>12.2f}" if isinstance(value, float) else f"{value or '':>12}" for value in values)
        ratio = f"  ratio {values[0] / values[1]:.2f}" if len(values) == 2 and all(isinstance(v, float) for v in values) else ""
        print(f"{figure:45} {shown}{ratio}")


if __name__ == "__main__":
    main()
