"""A console over a synthetic scan; every name and number in it is invented."""

import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from starlette.testclient import TestClient

from stillwatch.campaigns.campaign import Campaigns, Scaffold
from stillwatch.console.access.database import Database
from stillwatch.console.access.people import People
from stillwatch.console.access.role import Role
from stillwatch.console.desk import Desk
from stillwatch.console.scans.result import Scan
from stillwatch.console.settings import Settings
from stillwatch.console.web.application import Application
from tests.campaigns.report.synthetic import campaign, detail, explained, run

WORD = "a synthetic password"
NOW = 1_800_000_000


def write_scan(folder: Path, result: Campaigns, details) -> None:
    folder.mkdir(exist_ok=True, parents=True)
    (folder / "details.jsonl").write_bytes(msgspec.json.Encoder().encode_lines(details))
    pq.write_table(account_table(result.campaigns), folder / "accounts.parquet")
    (folder / "campaigns.json").write_bytes(msgspec.json.encode(result))


def account_table(campaigns) -> pa.Table:
    rows = [(account, c.id) for c in campaigns for account in c.accounts] + [("acct-synthetic-alone", None)]
    count = len(rows)
    times = pa.array([0] * count, pa.int64()).cast(pa.timestamp("us", "UTC"))
    columns = {name: [1.5] * count for name in ("harvest_bits", "p_value", "q_value", "bits_single_turns")}
    columns |= {name: [7] * count for name in ("requests", "input_tokens", "output_tokens")}
    names = {"account_id": [a for a, _ in rows], "campaign_id": pa.array([c for _, c in rows], pa.string())}
    return pa.table({**names, **columns, "first_seen": times, "last_seen": times})


def small() -> tuple[Campaigns, list]:
    scaffolds = [Scaffold("swf1:0169dfaa00e5ccec.01a1d826d2073b12", 0.6, 40)]
    found = [campaign(1, 40, scaffolds=scaffolds), campaign(2, 9, "medium"), campaign(3, 5, "low")]
    return Campaigns(run(), found, [explained()]), [detail(c) for c in found]


def desk_at(folder: Path, scan=None, sources=None, **changed) -> Desk:
    """A desk over a scan (the small one if none is given) with a user for each role."""
    write_scan(folder / "scan", *(scan or small()))
    places = {"users": folder / "console.sqlite", "config": folder / "stillwatch.toml", "outbox": folder / "outbox"}
    settings = Settings(folder / "scan", **(places | {"ledger": folder / "ledger.sqlite"} | changed))
    made = Desk(settings, Scan(settings.scan), Database(settings.users), **(sources or {}))
    settings.users.write_bytes(_users())
    return made


@cache
def _users() -> bytes:
    """The file with a user for each role, made once: a password takes long to hash."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "users.sqlite"
        for role in Role:
            People(Database(path)).add(role.value, role, WORD, NOW)
        return path.read_bytes()


class Browser:
    """A client that keeps cookies, reads form tokens, and signs in."""

    def __init__(self, desk: Desk, clock=lambda: NOW) -> None:
        self.client = TestClient(Application(desk, clock).asgi, base_url=desk.settings.origin, follow_redirects=False)

    def get(self, address, **headers):
        return self.client.get(address, headers={"accept": "text/html", **headers})

    def json(self, address):
        return self.client.get(address, headers={"accept": "application/json"}).json()

    def post(self, address, fields=None, at="/me"):
        token = self.token(at)
        return self.client.post(address, data={"token": token, **(fields or {})}, headers={"accept": "text/html"})

    def token(self, address):
        found = re.search(r'name="token" value="([0-9a-f]+)"', self.get(address).text)
        return found[1] if found else ""

    def sign_in(self, name, word=WORD, target="/overview"):
        return self.post("/sign-in", {"name": name, "password": word, "next": target}, at="/sign-in")

    def signed_in(self, name):
        assert self.sign_in(name).status_code == 303
        return self
