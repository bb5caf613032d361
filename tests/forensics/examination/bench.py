"""A bench for examinations: a folder, a ledger in memory, and servers of synthetic students within the process."""

from pathlib import Path
from typing import Any

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.forensics.access.budget import Budget
from stillwatch.forensics.access.cache import Cache
from stillwatch.forensics.access.endpoint import Endpoint
from stillwatch.forensics.access.opening import Means
from stillwatch.forensics.documents import write_lines
from stillwatch.forensics.examination.examination import examine
from stillwatch.forensics.examination.result import Examination
from stillwatch.forensics.plan.draft import Draft
from stillwatch.forensics.plan.frozen import Plan, freeze
from stillwatch.forensics.plan.registration import PLAN, SERVING
from stillwatch.forensics.twins.pairs import Pair
from stillwatch.forensics.twins.serving import ServingRecord, digest, signed
from stillwatch.forensics.twins.verification import record_digest
from tests.forensics.fake_server import Behaviour, Served
from tests.forensics.memory_ledger import START, MemoryLedger
from tests.forensics.synthetic_world import Student, served, twins, unrelated

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PAIRS = twins(120)
GUILTY, INNOCENT = Student(served(PAIRS)), Student(unrelated(PAIRS), pieces=2)
REFERENCE = Student(unrelated(PAIRS, seed=5))


class Bench:
    """A folder, a ledger and servers within the process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = MemoryLedger()
        self.servers: dict[str, Served] = {}
        self.means = Means(Cache(Path(":memory:")), Budget(), lambda seconds: None, {}, httpx.MockTransport(self._reply))

    def _reply(self, request: httpx.Request) -> httpx.Response:
        status, body = self.servers[request.url.host].reply(request.url.path, msgspec.json.decode(request.content))
        return httpx.Response(status, json=body)

    def serve(self, name: str, student: Student, behaviour: Behaviour | None = None, *, random_scores: bool = False) -> Endpoint:
        self.servers[name] = Served(student, behaviour, random_scores)
        return Endpoint(name, url=f"http://{name}/v1", kind="completions", parallel=1)

    def record(self, pairs: list[Pair]) -> dict[str, str]:
        """Signed records in a file and in the ledger."""
        records = [
            signed(
                ServingRecord(
                    p.request_id,
                    "2026-10-01T00:00:00Z",
                    p.account,
                    digest(p.prompt),
                    "m-1",
                    p.sampler,
                    digest(p.served),
                    p.coins.commitment,
                ),
                KEY,
            )
            for p in pairs
            if p.coins
        ]
        write_lines(self.folder / "records.jsonl", records)
        for record in records:
            self.ledger.append(SERVING, record.request_id, {"digest": record_digest(record)})
        return {"records": str(self.folder / "records.jsonl"), "record_key": KEY.public_key().public_bytes_raw().hex()}

    def plan(self, suspect: Endpoint, pairs: list[Pair] = PAIRS, **choices: Any) -> Plan:
        write_lines(self.folder / "twins.jsonl", pairs)
        draft = Draft(
            **(
                {
                    "name": "exam",
                    "twins": str(self.folder / "twins.jsonl"),
                    "suspect": suspect,
                    "reveal_twins": True,
                    "answers_per_prompt": 1,
                }
                | choices
            )
        )
        plan = freeze(draft, START)
        self.ledger.append(PLAN, draft.name, {"digest": plan.digest, "coins": plan.coins, "suspect": draft.suspect.model})
        return plan

    def examine(self, plan: Plan) -> Examination:
        return examine(plan, self.means, self.ledger, actor="examiner", clock=lambda: START, progress=lambda step, done: None)
